"""Owns the wheel of this distribution that the browser gets: packed from what is installed, editable or not.

It differs from the host's wheel in two ways: what only a host can use stays out, and a data file makes
IPython load our extension before the first cell (a host `pip install` must never write such a file).
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from .errors import SiteError

DISTRIBUTION = "dstruct-lite"
HARNESS = "dstruct_harness"
AUTHORS = "dstruct"
PACKAGES = (HARNESS, "dstruct_lite", AUTHORS)

#: Read by every IPython, hence by the kernel; Pyodide unpacks a wheel's data directory under `/`.
PRELOAD_PATH = "etc/ipython/ipython_config.py"
PRELOAD = """\
# Written by the dstruct-lite site build: the first cell finds the magic registered, with no import.
c.InteractiveShellApp.extensions.extend(["dstruct_lite.preload", "dstruct_lite"])
"""

_PROCESSES = ("api", "child", "outcome", "packing", "process", "protocol", "rebuild", "sources")

#: Paths inside the packages that only a host can use.
HOST_ONLY = tuple(
    f"dstruct_lite/{name}"
    for name in (
        *(
            "addon.py",
            "cli.py",
            "notebook_page.py",
            "run_program.py",
            "serve.py",
            "site/",
            "labextension/",
            "static/runner/",
        ),
        *(f"isolation/{part}.py" for part in _PROCESSES),
    )
)

#: The oldest moment a zip can hold: equal inputs give equal bytes, hence an equal name.
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class PackedWheel:
    """A packed wheel: its file name (carrying a hash of its content) and its bytes."""

    name: str
    data: bytes


def build_own_wheel() -> PackedWheel:
    """Pack the installed distribution for the browser; SiteError if a package of it cannot be found."""
    dist = metadata.distribution(DISTRIBUTION)
    stem = f"{DISTRIBUTION.replace('-', '_')}-{dist.version}"
    members = {**dict(_package_files(PACKAGES)), f"{stem}.data/data/{PRELOAD_PATH}": PRELOAD.encode()}
    return _pack(stem, members, dist.read_text("METADATA") or "")


def build_harness_wheel() -> PackedWheel:
    """Pack the recorder and the annotation calls, for pages without Jupyter; SiteError if it cannot be found."""
    version = metadata.distribution(DISTRIBUTION).version
    meta = f"Metadata-Version: 2.1\nName: {HARNESS.replace('_', '-')}\nVersion: {version}\n"
    return _pack(f"{HARNESS}-{version}", dict(_package_files((HARNESS, AUTHORS))), meta)


def build_placeholder(name: str) -> PackedWheel:
    """An empty distribution called `name`, which the kernel insists on having but does not need."""
    return _pack(f"{name}-0", {}, f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")


def _pack(stem: str, files: dict[str, bytes], meta: str) -> PackedWheel:
    members = {**files, f"{stem}.dist-info/METADATA": meta.encode()}
    tag = "0" + hashlib.sha256(repr(sorted(members.items())).encode()).hexdigest()[:12]
    members[f"{stem}.dist-info/WHEEL"] = _wheel_file(tag).encode()
    record = f"{stem}.dist-info/RECORD"
    members[record] = _record(members, record).encode()
    return PackedWheel(f"{stem}-{tag}-py3-none-any.whl", _zip(members))


def _package_files(packages: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for package in packages:
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise SiteError(
                f"The package {package} is not installed: `pip install -e .` in the checkout, or reinstall."
            )
        root = Path(next(iter(spec.submodule_search_locations)))
        for path in sorted(root.rglob("*")):
            name = f"{package}/{path.relative_to(root).as_posix()}"
            if path.is_file() and _belongs(name):
                yield name, path.read_bytes()


def _belongs(name: str) -> bool:
    if name.startswith(HOST_ONLY) or name.endswith((".pyc", ".map")):
        return False
    return not any(part.startswith(".") or part == "__pycache__" for part in name.split("/"))


def _wheel_file(tag: str) -> str:
    lines = ("Wheel-Version: 1.0", "Generator: dstruct-lite", "Root-Is-Purelib: true", "Tag: py3-none-any")
    return "\n".join((*lines, f"Build: {tag}", ""))


def _record(members: dict[str, bytes], record: str) -> str:
    def row(name: str, data: bytes) -> str:
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode("ascii")
        return f"{name},sha256={digest},{len(data)}"

    return "\n".join([*(row(name, data) for name, data in sorted(members.items())), f"{record},,", ""])


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()

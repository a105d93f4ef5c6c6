"""Owns getting Pyodide's core: its npm package, by the npm client, checked against a committed sha512."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from .errors import SiteError

#: What the browser loads to have a bare Python.
CORE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
#: A distribution's own lock: it names the ABI, and that distribution's packages (none is in the npm package).
LOCK_FILE = "pyodide-lock.json"

_INTEGRITY = Path(__file__).with_name("integrity.json")


def expected_integrity(version: str) -> str:
    """The committed `sha512-BASE64` of the npm package at `version`; SiteError for a version never vetted."""
    known: dict[str, str] = json.loads(_INTEGRITY.read_text(encoding="utf-8"))
    if version not in known:
        raise SiteError(
            f"The kernel asks for Pyodide {version}, whose checksum is not in {_INTEGRITY.name} "
            f"(known: {', '.join(sorted(known))}). Install the jupyterlite-pyodide-kernel release that "
            "dstruct-lite names, or set DstructAddon.indexURL to a Pyodide you trust."
        )
    return known[version]


def integrity_of(path: Path) -> str:
    """The Subresource Integrity string (sha512) of a file."""
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode("ascii")


def fetch_core(version: str, cache: Path) -> Path:
    """The directory with CORE_FILES and LOCK_FILE of Pyodide `version`, fetched into `cache` if need be.

    Raises SiteError when npm is missing, the download fails, or the package is not the committed one.
    """
    core = cache / f"pyodide-{version}"
    if core.is_dir():
        return core
    expected = expected_integrity(version)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        archive = _npm_pack(version, Path(scratch))
        found = integrity_of(archive)
        if found != expected:
            raise SiteError(f"pyodide@{version} from npm is not the vetted package: {found}, not {expected}.")
        unpacked = _unpack(archive, Path(scratch) / "core")
        # One rename at the end: an interrupted build leaves no half-filled cache behind.
        unpacked.rename(core)
    return core


def _npm_pack(version: str, scratch: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise SiteError(
            "Pyodide's core is fetched with npm, which is not on the PATH. Install Node 20 or newer "
            "(https://nodejs.org), or set DstructAddon.indexURL to a local Pyodide directory or a URL."
        )
    done = subprocess.run(
        [npm, "pack", f"pyodide@{version}", "--silent"],
        cwd=scratch,
        capture_output=True,
        text=True,
    )
    archives = list(scratch.glob("*.tgz"))
    if done.returncode or not archives:
        raise SiteError(
            f"`npm pack pyodide@{version}` failed; is there a network? Only a first build needs one.\n"
            + done.stderr[-2000:]
        )
    return archives[0]


def _unpack(archive: Path, into: Path) -> Path:
    into.mkdir()
    with tarfile.open(archive, "r:gz") as tar:
        for name in (*CORE_FILES, LOCK_FILE):
            source = tar.extractfile(f"package/{name}")
            if source is None:
                raise SiteError(f"{archive.name} holds no {name}; dstruct-lite does not know this Pyodide.")
            (into / name).write_bytes(source.read())
    return into

"""Owns Pyodide's lock file: the packages the browser may load, each with its file, hash and dependencies.

Entries are made from the wheels themselves, so that what is listed is what is served.
"""

from __future__ import annotations

import email.parser
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

#: One entry of the lock file's `packages`, in Pyodide's own terms.
Entry = dict[str, Any]


def entry_of(filename: str, data: bytes, url: str, environment: Mapping[str, str]) -> Entry:
    """The lock entry of a wheel served at `url` (relative to the lock file, or absolute).

    `environment` overrides the host's values of PEP 508 markers: what counts is the browser's Python.
    """
    name, version, *_ = parse_wheel_filename(filename)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        meta_name = next(n for n in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", n))
        meta = email.parser.BytesParser().parsebytes(archive.read(meta_name))
    return {
        "name": name,
        "version": str(version),
        "file_name": url,
        "install_dir": "site",
        "sha256": sha256(data).hexdigest(),
        "package_type": "package",
        "imports": _imports(names),
        "depends": _depends(meta.get_all("Requires-Dist", []), environment),
        "unvendored_tests": False,
    }


def build_lock(info: Mapping[str, str], entries: Iterable[Entry]) -> dict[str, Any]:
    """A whole lock file. A later entry replaces an earlier namesake; what is not listed is no dependency."""
    packages = {canonicalize_name(entry["name"]): dict(entry) for entry in entries}
    for entry in packages.values():
        entry["depends"] = [name for name in entry["depends"] if canonicalize_name(name) in packages]
    return {"info": dict(info), "packages": dict(sorted(packages.items()))}


def rebase(entry: Entry, base: str) -> Entry:
    """`entry` with its relative file name resolved against `base` (a URL or a path prefix)."""
    file_name: str = entry["file_name"]
    if "://" in file_name or file_name.startswith("/"):
        return entry
    return {**entry, "file_name": f"{base.rstrip('/')}/{file_name}" if base else file_name}


def _imports(names: Iterable[str]) -> list[str]:
    found = set()
    for name in names:
        top, _, rest = name.partition("/")
        if top.endswith((".dist-info", ".data")):
            continue
        if rest:
            found.add(top)
        elif top.endswith(".py"):
            found.add(top.removesuffix(".py"))
    return sorted(found)


def _depends(requires: Iterable[str], environment: Mapping[str, str]) -> list[str]:
    wanted = []
    for text in requires:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or marker.evaluate({**environment, "extra": ""}):
            wanted.append(canonicalize_name(requirement.name))
    return sorted(set(wanted))

"""Owns where Pyodide comes from (`indexURL`): our own copy, a local directory, or a URL, alike after it."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from .errors import SiteError
from .lock import Entry, rebase
from .pyodide_core import CORE_FILES, LOCK_FILE, fetch_core


@dataclass(frozen=True)
class PyodideSource:
    """A Pyodide that the site can use.

    `url`: where the browser finds it; empty when the site serves its own copy of `files`.
    `info`: the `info` table of its lock (Python version, ABI). `entries`: packages it brings along.
    `key`: hex text that changes when any of it does.
    """

    url: str
    files: tuple[Path, ...]
    info: dict[str, str]
    entries: tuple[Entry, ...]
    key: str

    @property
    def python(self) -> str:
        """The version for package resolution, like "3.14"."""
        return ".".join(self.info["python"].split(".")[:2])

    @property
    def platform(self) -> str:
        """The wheel platform tag of its ABI (PEP 783)."""
        return f"pyemscripten_{self.info['abi_version']}_{self.info['arch']}"

    @property
    def environment(self) -> dict[str, str]:
        """The values of PEP 508 markers in this Python."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.info["python"],
            "os_name": "posix",
            "platform_machine": self.info["arch"],
            "platform_python_implementation": "CPython",
            "platform_system": "Emscripten",
            "python_full_version": self.info["python"],
            "python_version": self.python,
            "sys_platform": "emscripten",
        }


def resolve_source(index_url: str, base: Path, version: str, cache: Path) -> PyodideSource:
    """The source that `index_url` names: a URL, a path (relative to `base`), or "" for our own copy.

    The own copy is of Pyodide `version`, kept in `cache`. SiteError: it is not there, or no Pyodide.
    """
    if not index_url:
        return _from_core(fetch_core(version, cache))
    if re.match(r"https?://", index_url):
        return _from_url(index_url.rstrip("/") + "/")
    return _from_directory((base / index_url).resolve())


def _from_core(core: Path) -> PyodideSource:
    # The npm package's lock lists a whole distribution that the package does not hold.
    lock = _parse_lock((core / LOCK_FILE).read_bytes(), str(core))
    files = tuple(core / name for name in CORE_FILES)
    return PyodideSource("", files, lock["info"], (), _key(files))


def _from_directory(directory: Path) -> PyodideSource:
    missing = [name for name in (*CORE_FILES, LOCK_FILE) if not (directory / name).is_file()]
    if missing:
        raise SiteError(
            f"DstructAddon.indexURL: {directory} is not a Pyodide distribution; it has no {missing[0]}."
        )
    lock = _parse_lock((directory / LOCK_FILE).read_bytes(), str(directory))
    entries = tuple(e for e in lock["packages"].values() if (directory / e["file_name"]).is_file())
    files = tuple(directory / name for name in (*CORE_FILES, *(e["file_name"] for e in entries)))
    return PyodideSource("", files, lock["info"], entries, _key(files))


def _from_url(url: str) -> PyodideSource:
    try:
        with urllib.request.urlopen(url + LOCK_FILE, timeout=60) as response:
            raw: bytes = response.read()
    except (urllib.error.URLError, OSError) as error:
        raise SiteError(f"DstructAddon.indexURL: {url}{LOCK_FILE} cannot be read: {error}") from error
    lock = _parse_lock(raw, url)
    entries = tuple(rebase(entry, url) for entry in lock["packages"].values())
    return PyodideSource(url, (), lock["info"], entries, sha256(url.encode() + raw).hexdigest()[:12])


def _parse_lock(raw: bytes, where: str) -> dict[str, Any]:
    try:
        lock: dict[str, Any] = json.loads(raw)
        required = {name: lock["info"][name] for name in ("python", "abi_version", "arch")}
        lock["packages"].values()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SiteError(
            f"{where}: its {LOCK_FILE} is not one of a Pyodide this release knows ({error!r})."
        ) from error
    if not all(isinstance(value, str) for value in required.values()):
        raise SiteError(f"{where}: its {LOCK_FILE} has an `info` table that is not text.")
    return lock


def _key(files: tuple[Path, ...]) -> str:
    digest = sha256()
    for path in files:
        digest.update(f"{path.name} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:12]

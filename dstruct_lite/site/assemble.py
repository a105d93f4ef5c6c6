"""Owns the site's `static/pyodide/KEY/`: core, wheels and lock file together, and the settings naming it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name, parse_wheel_filename

from .errors import SiteError
from .lock import Entry, build_lock, entry_of
from .own_wheel import PackedWheel
from .pyodide_core import LOCK_FILE
from .source import PyodideSource

#: Under the site's root. The directory inside is named by content, so what it holds may be cached for ever.
STATIC = "static/pyodide"


@dataclass(frozen=True)
class Assembled:
    """For the page: URLs relative to the site's root (or absolute), what to load at boot, what there is."""

    pyodide_url: str
    lock_url: str
    packages: tuple[str, ...]
    available: frozenset[str]


def assemble(
    output: Path,
    source: PyodideSource,
    wheels: Iterable[Path],
    kernel_wheels: Iterable[Path],
    packed: Iterable[PackedWheel],
) -> Assembled:
    """Write the directory into the site at `output`, replacing any earlier one."""
    root = output / STATIC
    if root.exists():
        shutil.rmtree(root)
    into = root / source.key
    into.mkdir(parents=True)
    for path in source.files:
        shutil.copyfile(path, into / path.name)
    entries = [
        _serve(into, path.name, path.read_bytes(), source) for path in (*wheels, *_newest(kernel_wheels))
    ]
    entries += [_serve(into, wheel.name, wheel.data, source) for wheel in packed]
    lock = build_lock(source.info, (*source.entries, *entries))
    (into / LOCK_FILE).write_text(json.dumps(lock, indent=1, sort_keys=True), encoding="utf-8")
    base = f"./{STATIC}/{source.key}/"
    return Assembled(
        pyodide_url=(source.url or base) + "pyodide.mjs",
        lock_url=base + LOCK_FILE,
        packages=tuple(sorted(str(entry["name"]) for entry in entries)),
        available=frozenset(lock["packages"]),
    )


def kernel_settings(built: Mapping[str, Any], author: Mapping[str, Any], made: Assembled) -> dict[str, Any]:
    """The Pyodide kernel's settings for the site.

    `author`: those the site's author wrote. `built`: those in the site so far, an earlier build's perhaps,
    so the packages to load at boot come from the former. SiteError if there is no such package: the kernel
    would never start.
    """
    wanted = author.get("loadPyodideOptions", {}).get("packages", [])
    for name in wanted:
        if canonicalize_name(name) not in made.available:
            raise SiteError(
                f"jupyter-lite.json loads the package {name} at boot, which the site does not have."
            )
    options = {
        **built.get("loadPyodideOptions", {}),
        "lockFileURL": made.lock_url,
        "packages": sorted({*wanted, *made.packages}),
    }
    # No other origin is asked for what the site does not serve, unless the author says so.
    return {
        "disablePyPIFallback": True,
        **built,
        "pyodideUrl": made.pyodide_url,
        "loadPyodideOptions": options,
    }


def _serve(into: Path, name: str, data: bytes, source: PyodideSource) -> Entry:
    (into / name).write_bytes(data)
    return entry_of(name, data, name, source.environment)


def _newest(wheels: Iterable[Path]) -> list[Path]:
    # The kernel ships two generations of one shim; a lock file holds one version of a name.
    newest: dict[str, Path] = {}
    for path in sorted(wheels, key=lambda wheel: parse_wheel_filename(wheel.name)[1]):
        newest[parse_wheel_filename(path.name)[0]] = path
    return list(newest.values())

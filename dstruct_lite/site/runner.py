"""Owns the site's `runner/`: the module that runs Python in any page, a plain page that uses it, all it needs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .assemble import Assembled
from .errors import SiteError
from .own_wheel import PackedWheel

#: Under the site's root.
RUNNER = "runner"

#: Made by the front-end build; the page takes the viewer as a file beside it.
BUNDLES = ("index.html", "page.css", "page.js", "runner.js", "worker.js")
VIEWER = "viewer.js"

MANIFEST = "runner.json"

#: Pyodide's files that a worker fetches, whose bytes make up the progress it tells.
COUNTED = ("pyodide.asm.wasm", "python_stdlib.zip")


def write_runner(output: Path, static: Path, made: Assembled, harness: PackedWheel) -> None:
    """Write the directory into the site at `output`, replacing any earlier one.

    `static`: where the bundles are. SiteError if one is missing.
    """
    into = output / RUNNER
    if into.exists():
        shutil.rmtree(into)
    into.mkdir(parents=True)
    for source in (*(static / RUNNER / name for name in BUNDLES), static / VIEWER):
        if not source.is_file():
            raise SiteError(
                f"The front end {source.name} is not built: `make front` in the checkout, or reinstall."
            )
        shutil.copyfile(source, into / source.name)
    (into / harness.name).write_bytes(harness.data)
    (into / MANIFEST).write_text(json.dumps(_manifest(output, made, harness), indent=1), encoding="utf-8")


def _manifest(output: Path, made: Assembled, harness: PackedWheel) -> dict[str, object]:
    directory = made.pyodide_url.rpartition("/")[0] + "/"
    served = output / directory
    sizes = {name: (served / name).stat().st_size for name in COUNTED if (served / name).is_file()}
    return {
        "indexURL": _from_runner(directory),
        "lockURL": _from_runner(made.lock_url),
        "harness": harness.name,
        "sizes": sizes,
    }


def _from_runner(url: str) -> str:
    """`url`, relative to the site's root or absolute, as the runner's files see it."""
    return f".{url}" if url.startswith("./") else url

"""Build hook: makes the front-end bundles with npm before a wheel, an sdist or an editable install is packed.

An unpacked sdist already holds the bundles and no reason to make them again: it then needs no Node.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: A file each build leaves, checked after it ran.
OUTPUTS = (
    "dstruct_lite/static/widget.js",
    "dstruct_lite/static/runner/runner.js",
    "dstruct_lite/labextension/package.json",
)

#: Set to 1 by whoever has just built the bundles (the Makefile): they are then taken as they are.
SKIP = "DSTRUCT_LITE_SKIP_NPM"


class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs `npm ci` (where needed) and `npm run build` in the root of the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is missing; raise RuntimeError, naming the cause, when that cannot be done."""
        root = Path(self.root)
        built = all((root / output).is_file() for output in OUTPUTS)
        # PKG-INFO is only in an sdist, whose bundles match its sources by construction.
        if built and (os.environ.get(SKIP) == "1" or (root / "PKG-INFO").is_file()):
            return
        self._run_npm(root)
        missing = [output for output in OUTPUTS if not (root / output).is_file()]
        if missing:
            raise RuntimeError(f"npm run build finished, but did not make {', '.join(missing)}")

    def _run_npm(self, root: Path) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "dstruct-lite builds its front ends with npm, which is not on the PATH. "
                "Install Node 20 or newer (https://nodejs.org), then run this again."
            )
        if not (root / "node_modules" / ".package-lock.json").is_file():
            self._npm(npm, root, "ci", "--ignore-scripts")
        self._npm(npm, root, "run", "build")

    def _npm(self, npm: str, root: Path, *args: str) -> None:
        self.app.display_info(f"npm {' '.join(args)}")
        done = subprocess.run(
            [npm, *args], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            raise RuntimeError(
                f"`npm {' '.join(args)}` failed with code {done.returncode}:\n{done.stdout[-4000:]}"
            )

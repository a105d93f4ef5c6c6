"""Owns installing public packages for the tests, each in a directory of its own: fetched when a test wants it, never vendored."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

CACHE: Final = Path(__file__).resolve().parents[2] / ".cache" / "corpora"

NEEDS: Final = {"sortedcollections==2.1.0": ("sortedcontainers==2.4.0",)}


def installed(distribution: str) -> Path:
    """The directory a distribution is installed in, alone with what it needs."""
    place = CACHE / distribution
    if not (place / "ready").exists():
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
        ]
        command += [
            "--no-deps",
            "--no-compile",
            "--only-binary",
            ":all:",
            "--target",
            str(place),
            "--upgrade",
        ]
        done = subprocess.run(
            [*command, distribution, *NEEDS.get(distribution, ())], capture_output=True, text=True
        )
        assert done.returncode == 0, (
            f"{distribution} could not be installed; is there a network?\n{done.stderr[-1500:]}"
        )
        (place / "ready").touch()
    return place

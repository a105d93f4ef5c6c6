"""Owns getting the browser's wheels: `pip download` of the hashed requirement file, kept in a cache."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .errors import SiteError

#: The committed lock, part of the package: any JupyterLite project can build from it.
REQUIREMENTS = Path(__file__).with_name("requirements.txt")

_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def locked_hashes(requirements: Path = REQUIREMENTS) -> frozenset[str]:
    """Every sha256 (hex) the requirement file allows."""
    return frozenset(_HASH.findall(requirements.read_text(encoding="utf-8")))


def sha256_of(path: Path) -> str:
    """The sha256 (hex) of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch_wheels(
    cache: Path, python: str, platform: str, requirements: Path = REQUIREMENTS
) -> tuple[Path, ...]:
    """The locked wheels for `python` ("3.14") on `platform` (a wheel tag), downloaded into `cache` once.

    Raises SiteError when pip cannot get them or a cached file is not what the lock says.
    """
    key = hashlib.sha256(f"{python} {platform}\n".encode() + requirements.read_bytes()).hexdigest()[:16]
    store = cache / f"wheels-{key}"
    if not store.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            into = Path(scratch) / "wheels"
            _pip_download(into, python, platform, requirements)
            into.rename(store)
    wheels = tuple(sorted(store.glob("*.whl")))
    allowed = locked_hashes(requirements)
    for wheel in wheels:
        if sha256_of(wheel) not in allowed:
            raise SiteError(f"{wheel} is not what the lock says; delete {store} and build again.")
    return wheels


def _pip_download(into: Path, python: str, platform: str, requirements: Path) -> None:
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:"),
        *("--platform", platform, "--python-version", python),
        *("--implementation", "cp", "--abi", f"cp{python.replace('.', '')}"),
        *("--requirement", str(requirements), "--dest", str(into)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(_environment()))
    if done.returncode:
        raise SiteError(
            "pip could not download the browser's wheels; is there a network? "
            f"Only a first build needs one.\n{done.stderr[-2000:]}"
        )


def _environment() -> Iterator[tuple[str, str]]:
    # PIP_REQUIRE_VIRTUALENV and PIP_USER are about installing; they only break a download.
    for name, value in os.environ.items():
        if name not in ("PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_PREFIX"):
            yield name, value

"""Owns finding other interpreters to run tests in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def interpreters() -> dict[str, Path]:
    """Interpreters from 3.11 on that start, by `major.minor`; the running one first."""
    found = {f"{sys.version_info[0]}.{sys.version_info[1]}": Path(sys.executable)}
    for candidate in _candidates():
        text = _told(candidate, "import sys; print('%d.%d' % sys.version_info[:2])")
        if text and re.fullmatch(r"3\.1[1-9]", text):
            found.setdefault(text, candidate)
    return found


def _candidates() -> Iterator[Path]:
    for minor in range(14, 10, -1):
        path = shutil.which(f"python3.{minor}")
        if path is not None:
            yield Path(path)
    managed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    yield from sorted(managed.glob("3.1[1-9]*/bin/python"), reverse=True)


def _told(python: Path, code: str) -> str | None:
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


@cache
def has_module(python: Path, module: str) -> bool:
    """Whether the interpreter has the module (distributions leave `test` out)."""
    code = f"import importlib.util as u; print(u.find_spec({module!r}) is not None)"
    return _told(python, code) == "True"

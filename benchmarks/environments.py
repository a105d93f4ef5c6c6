"""Owns finding what measurements run in: Python interpreters, an environment for each peer, Pyodide under Node."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
HERE: Final = Path(__file__).resolve().parent
CACHE: Final = ROOT / ".cache" / "bench"


@dataclass(frozen=True, slots=True)
class Peer:
    """A tracer to compare with: its name here, its distribution, and the newest Python it is known to work with."""

    name: str
    distribution: str
    versions: tuple[str, ...]


PEERS: Final = (
    # Fails on 3.13: "cannot remove variables from FrameLocalsProxy".
    Peer("json-tracer", "dodona-json-tracer", ("3.12",)),
    Peer("snoop", "snoop", ("3.14", "3.13", "3.12", "3.11")),
    Peer("birdseye", "birdseye", ("3.14", "3.13", "3.12", "3.11")),
    Peer("memory-graph", "memory-graph", ("3.14", "3.13", "3.12", "3.11")),
)


class Skipped(Exception):
    """Something cannot be measured here; says why."""


def interpreters() -> dict[str, Path]:
    """Python interpreters from 3.11 on that start, by `major.minor`; the running one first."""
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    found: dict[str, Path] = {here: Path(sys.executable)}
    for candidate in _candidates():
        version = _version(candidate)
        if version is not None and version not in found:
            found[version] = candidate
    return found


def _candidates() -> Iterable[Path]:
    for minor in range(14, 10, -1):
        path = shutil.which(f"python3.{minor}")
        if path is not None:
            yield Path(path)
    managed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    yield from sorted(managed.glob("3.1[1-9]*/bin/python"), reverse=True)


def _version(python: Path) -> str | None:
    """`major.minor` of an interpreter, or None: version managers leave shims that start nothing."""
    done = subprocess.run(
        [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True
    )
    text = done.stdout.strip()
    return text if done.returncode == 0 and re.fullmatch(r"3\.1[1-9]", text) else None


def peer_python(peer: Peer, pythons: dict[str, Path]) -> tuple[Path, str]:
    """The interpreter of the peer's own environment, made if need be, and its version. Raises Skipped."""
    version = next((v for v in peer.versions if v in pythons), None)
    if version is None:
        raise Skipped(f"needs Python {' or '.join(peer.versions)}; found {', '.join(sorted(pythons))}")
    place = CACHE / "peers" / f"{peer.name}-{version}"
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        for command in (
            [pythons[version], "-m", "venv", "--clear", place],
            [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-input",
                peer.distribution,
            ],
        ):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise Skipped(f"could not be installed: {_last_line(done.stderr)}")
        (place / "ready").touch()
    return python, version


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no message"


def measure(python: Path, request: dict[str, Any], seconds: float = 600.0) -> dict[str, Any]:
    """One measurement in a process of its own. `error` in the answer says what went wrong."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'harness'}{os.pathsep}{HERE}", "PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(
            [python, HERE / "sides.py"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=seconds,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"not done after {seconds:g} s"}
    if done.returncode:
        return {"error": _last_line(done.stderr)}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def pyodide_core() -> Path:
    """The directory of Pyodide's core, as the site's build fetches it. Raises Skipped."""
    if shutil.which("node") is None:
        raise Skipped("Node is not on the PATH")
    sys.path.insert(0, str(ROOT))
    try:
        from dstruct_lite.site.errors import SiteError
        from dstruct_lite.site.pyodide_core import fetch_core
    except ImportError as error:
        raise Skipped(f"the site build cannot be imported: {error}") from error
    version = next(iter(json.loads((ROOT / "dstruct_lite" / "site" / "integrity.json").read_text())))
    try:
        return fetch_core(version, ROOT / "lite" / ".cache" / "dstruct-lite")
    except SiteError as error:
        raise Skipped(str(error)) from error


def measure_in_pyodide(
    core: Path, requests: list[dict[str, Any]], packages: Path | None = None, seconds: float = 1200.0
) -> list[dict[str, Any]]:
    """Measurements one after the other in one Pyodide. The first sets the JIT up; it is the caller's to throw away.

    `packages`: a directory of pure Python packages to make importable, for peers.
    """
    job = {
        "core": str(core),
        "requests": requests,
        "folders": {"/bench": str(HERE), "/harness": str(ROOT / "harness")},
    }
    if packages is not None:
        job["folders"]["/packages"] = str(packages)
    try:
        done = subprocess.run(
            ["node", "--no-warnings", HERE / "pyodide_host.mjs"],
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=seconds,
        )
        text, missing = (
            done.stdout,
            f"Pyodide ended: {_last_line(done.stderr.decode(errors='replace'))[:200]}",
        )
    except subprocess.TimeoutExpired as late:  # what was answered before counts
        text, missing = late.stdout or b"", f"not done after {seconds:g} s"
    lines = [line for line in text.decode(errors="replace").splitlines() if line.startswith('{"answer"')]
    found = [json.loads(line)["answer"] for line in lines if line.endswith("}")]
    return found + [{"error": missing}] * (len(requests) - len(found))

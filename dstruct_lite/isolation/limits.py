"""Owns what the operating system is asked to allow a program's process, and what it cannot be asked here."""

from __future__ import annotations

import contextlib
import math
import os
import sys
from dataclasses import dataclass
from typing import Any, Final

MEBIBYTE: Final = 1024 * 1024

_RESERVE: Final = 64 * MEBIBYTE
"""Address space above the program's own, in bytes, with which the child can still tell how it ended."""

_MARGIN: Final = 2.0
"""CPU seconds on top of what the time limit can use: the kernel's clock is asked first, this is for orphans."""

_ROWS: Final = (("cpu", "CPU time"), ("memory", "memory"), ("file", "file size"))


class IsolationUnavailableError(RuntimeError):
    """No program can be run in a process of its own here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What a program's process may use, as the operating system enforces it. None means no limit.

    Attributes:
        memory_bytes: address space, in bytes. Over it the program meets `MemoryError`.
        file_bytes: size of any file it writes, in bytes. Over it the program meets `OSError`.
        cpu_seconds: CPU time of all its threads, in seconds; over it the process is ended. None: what the run's
            time limit allows on every core of this machine.
    """

    memory_bytes: int | None = 2048 * MEBIBYTE
    file_bytes: int | None = 256 * MEBIBYTE
    cpu_seconds: float | None = None

    def __post_init__(self) -> None:
        for name in ("memory_bytes", "file_bytes", "cpu_seconds"):
            value = getattr(self, name)
            kinds = (int, float) if name == "cpu_seconds" else (int,)
            if value is not None and not (type(value) in kinds and math.isfinite(value) and value > 0):
                number = "number" if name == "cpu_seconds" else "whole number"
                raise ValueError(f"ProcessLimits.{name} must be a positive {number} or None, not {value!r}")


def limits_with_memory(mebibytes: float | None) -> ProcessLimits:
    """The default limits, with another limit of memory if one is named. ValueError for what is not positive."""
    if mebibytes is None:
        return ProcessLimits()
    if not (math.isfinite(mebibytes) and mebibytes > 0):
        raise ValueError(f"--memory must be a positive number of MiB, not {mebibytes!r}")
    return ProcessLimits(memory_bytes=max(1, int(mebibytes * MEBIBYTE)))


def require_processes() -> str:
    """The Python to start. Raises IsolationUnavailableError where no process can be started."""
    if sys.platform in ("emscripten", "wasi"):
        raise IsolationUnavailableError(
            "isolation='process' needs an operating system that can start processes, and this Python runs in the "
            "browser. Leave it out: here each kernel has a worker of its own, which is restarted if it hangs."
        )
    if not sys.executable:
        raise IsolationUnavailableError(
            "isolation='process' starts a second Python, and this one does not know where its program is "
            "(sys.executable is empty)"
        )
    return sys.executable


def unenforced() -> tuple[str, ...]:
    """The limits that nothing enforces on this platform: some of "CPU time", "memory", "file size"."""
    found = _resource()
    if found is None:
        return tuple(name for _, name in _ROWS)
    # macOS accepts an address space limit and does not look at it.
    return ("memory",) if sys.platform == "darwin" else ()


def _resource() -> Any:
    try:
        import resource
    except ImportError:  # Windows, and Python in the browser
        return None
    return resource


def apply(limits: ProcessLimits, seconds: float | None) -> None:
    """Ask the operating system to limit this process. `seconds` is the run's own time limit.

    A limit that the platform does not know or refuses is left out: `unenforced` tells those that are known.
    """
    resource = _resource()
    if resource is None:
        return
    _lower(resource, "RLIMIT_CORE", 0, 0)
    if limits.memory_bytes is not None:
        _lower(resource, "RLIMIT_AS", limits.memory_bytes, limits.memory_bytes + _RESERVE)
    if limits.file_bytes is not None:
        _lower(resource, "RLIMIT_FSIZE", limits.file_bytes, limits.file_bytes)
    cpu = limits.cpu_seconds
    if cpu is None and seconds is not None:
        cpu = seconds * (os.cpu_count() or 1) + _MARGIN
    if cpu is not None:
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        whole = math.ceil(used + cpu)
        _lower(resource, "RLIMIT_CPU", whole, whole + 1)


def release_reserve() -> None:
    """Let this process use the memory kept back: the program is over, its end has to be told."""
    resource = _resource()
    if resource is not None and hasattr(resource, "RLIMIT_AS"):
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(resource.RLIMIT_AS)[1]
            resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _lower(resource: Any, name: str, soft: int, hard: int) -> None:
    which = getattr(resource, name, None)
    if which is None:
        return
    with contextlib.suppress(ValueError, OSError):
        allowed = resource.getrlimit(which)[1]
        if allowed != resource.RLIM_INFINITY:  # never over what this process may itself use
            soft, hard = min(soft, allowed), min(hard, allowed)
        resource.setrlimit(which, (soft, hard))

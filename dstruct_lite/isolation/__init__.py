"""Run a program in a process of its own: names go in, none come back, and the kernel survives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .limits import IsolationUnavailableError, ProcessLimits, unenforced

if TYPE_CHECKING:
    from .api import isolated_call, isolated_exec
    from .packing import Passed

__all__ = [
    "IsolationUnavailableError",
    "Passed",
    "ProcessLimits",
    "isolated_call",
    "isolated_exec",
    "unenforced",
]


def __getattr__(name: str) -> Any:
    # Every kernel loads the package; what starts processes only one that needs it.
    if name in ("isolated_call", "isolated_exec"):
        from . import api

        return getattr(api, name)
    if name == "Passed":
        from .packing import Passed

        return Passed
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Owns how much memory a run may take before it is stopped: a tab that runs out of it is lost with its page.

WebAssembly memory only grows, and what one run left free the next one uses. So it is the growth during the run
that counts, not the size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .limits import StopReason

__all__ = ["GROWTH_LIMIT", "memory_poll"]

MEBIBYTE: Final = 1024 * 1024

#: How many bytes the interpreter's memory may grow during a run. A tab has 4 GB for Python in all.
GROWTH_LIMIT: Final = 1024 * MEBIBYTE
#: Near the end of the 4 GB a run is stopped whatever it took, while there is room to say so.
_FULL: Final = 3584 * MEBIBYTE


def memory_poll(size: Callable[[], int], growth: int = GROWTH_LIMIT) -> Callable[[], StopReason | None]:
    """For one run, from now on: says "memory-limit" once it has taken too much.

    Args:
        size: the bytes of the interpreter's memory.
        growth: how many more there may be.
    """
    before = size()

    def poll() -> StopReason | None:
        now = size()
        if now == before:
            return None
        return "memory-limit" if now - before > growth or now > _FULL else None

    return poll

"""Owns how much memory a run may take before it is stopped: a tab that runs out of it is lost with its page.

WebAssembly memory only grows, and what one run left free the next one uses. So it is the growth during the run
that counts, not the size.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from dstruct_harness.limits import StopReason

__all__ = ["GROWTH_LIMIT", "memory_poll", "memory_size"]

MEBIBYTE: Final = 1024 * 1024

#: How many bytes the interpreter's memory may grow during a run. A tab has 4 GB for Python in all.
GROWTH_LIMIT: Final = 1024 * MEBIBYTE
#: Near the end of the 4 GB a run is stopped whatever it took, while there is room to say so.
_FULL: Final = 3584 * MEBIBYTE


def memory_size() -> int | None:
    """The bytes of the interpreter's memory in the browser; None where the operating system looks after it."""
    if sys.platform != "emscripten":
        return None
    import pyodide_js  # type: ignore[import-not-found]

    return int(pyodide_js._module.HEAP8.length)


def memory_poll(
    size: Callable[[], int | None] = memory_size, growth: int = GROWTH_LIMIT
) -> Callable[[], StopReason | None]:
    """For one run, from now on: says "memory-limit" once it has taken too much."""
    before = size()

    def poll() -> StopReason | None:
        now = size() if before is not None else None
        if now is None or before is None or now == before:
            return None
        return "memory-limit" if now - before > growth or now > _FULL else None

    return poll

"""Owns the limits of a run and the reasons it can stop for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal

StopReason = Literal[
    "ok",
    "error",
    "timeout",
    "step-limit",
    "log-limit",
    "output-limit",
    "memory-limit",
    "depth-limit",
    "interrupted",
    "killed",
]

MEBIBYTE = 1024 * 1024


_CAREFUL: Final = sys.version_info < (3, 12) or sys.platform == "emscripten"
DEPTH: Final = 10_000 if _CAREFUL else 100_000
"""Python 3.11 does not look at how much of the stack its own C functions have taken; in the browser letting go of more
frames at once would take too much of it.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use. None means no limit.

    Attributes:
        seconds: wall-clock time.
        steps: stops recorded; the trace ends exactly there.
        log_bytes: bytes of finished chunks.
        output_bytes: characters printed to stdout and stderr together.
        depth: Python frames on the stack at once, where the program's own recursion limit allows for more.
    """

    seconds: float | None = 30.0
    steps: int | None = None
    log_bytes: int | None = 64 * MEBIBYTE
    output_bytes: int | None = 8 * MEBIBYTE
    depth: int | None = DEPTH

    def __post_init__(self) -> None:
        for name in ("seconds", "steps", "log_bytes", "output_bytes", "depth"):
            value = getattr(self, name)
            kinds = (int, float) if name == "seconds" else (int,)
            if value is not None and not (type(value) in kinds and isfinite(value) and value > 0):
                number = "number" if name == "seconds" else "whole number"
                raise ValueError(f"Limits.{name} must be a positive {number} or None, not {value!r}")

"""Owns what all recording hooks share: the path, the columns, whether anybody is still listening."""

from __future__ import annotations

from typing import Any

from .encoder import Encoder
from .events import CONTROL
from .heap import Heap
from .limits import StopReason
from .program import Tables


class Recording:
    """The state that the recorder's hooks work on. `Recorder` makes it."""

    tables: Tables
    heap: Heap
    encoder: Encoder
    stopping: list[StopReason]
    codes: dict[int, Any]
    """Traced code objects by `id()`."""
    path: list[int]
    live: bool

    def say(self, control: str, *operands: Any) -> None:
        """A control code with its operands."""
        number = CONTROL[control]
        column = self.encoder.column
        for position, operand in enumerate(operands):
            column(4 * number + position).append(operand)
        self.path.append(number)

    def tick(self) -> bool:
        """Encode what there is, and look at the clock and the limits."""
        raise NotImplementedError

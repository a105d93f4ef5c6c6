"""Owns what all recording hooks share: the path, the columns, whether anybody is still listening."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from .encoder import Encoder
from .events import CONTROL, CONTROL_OPERANDS
from .heap import Heap
from .limits import StopReason
from .program import Tables


class Recording(ABC):
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
        """A control code with its operands, whose number is right: this is called too often to check it."""
        number, puts = self._controls.get(control) or self._control(control)
        for put, operand in zip(puts, operands):  # noqa: B905
            put(operand)
        self.path.append(number)

    _controls: dict[str, tuple[int, list[Callable[[Any], None]]]]

    def _control(self, control: str) -> tuple[int, list[Callable[[Any], None]]]:
        """A control code's number and what puts values into its columns, whose lists stay for the whole run."""
        number = CONTROL[control]
        count = len(CONTROL_OPERANDS.get(control, ""))
        found = number, [self.encoder.column(4 * number + position).append for position in range(count)]
        self._controls[control] = found
        return found

    @abstractmethod
    def tick(self) -> None:
        """Encode what there is, and look at the clock and the limits."""

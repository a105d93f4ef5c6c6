"""Owns reading the call stack off live frames, for keyframes."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from .encoder import FrameRow
from .events import FRAME_ACTIVE, FRAME_SUSPENDED, TOKEN_FRAMES
from .interruptions import RESUMABLE, Interruptions
from .program import ANYWHERE


class Frames(Interruptions):
    """What is on the stack, as the log has it."""

    def __init__(self) -> None:
        super().__init__()
        self.units: dict[int, int] = {}
        """Unit of each traced code object by `id()`; `ANYWHERE` for what has no frame of its own in the log."""
        self._names: dict[str, Any] = {}
        self._module_names: frozenset[str] = frozenset()

    def _keyframe(self, head: int) -> None:
        """Write the whole state, where it can be read off the live frames; otherwise the next tick tries again."""
        frames: list[FrameRow] = []
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            unit = self.units.get(id(frame.f_code)) if id(frame.f_code) in self.codes else None
            if unit is not None and self.encoder.has_begun(frame.f_code, frame.f_lasti, unit):
                if unit == ANYWHERE:
                    return
                row = self._frame_row(frame, unit, head)
                if row is None:
                    return
                frames.append(row)
                head = -1  # all others are in the middle of their loops
            frame = frame.f_back
        frames.reverse()
        if self._delegating or not frames:
            return
        frames = [(depth if not row[4] else row[0], *row[1:]) for depth, row in enumerate(frames)]
        for token, waiting in self._suspended.items():
            row = self._frame_row(waiting, self.units[id(waiting.f_code)])
            if row is None:
                return
            frames.append((TOKEN_FRAMES + token, row[1], row[2], FRAME_SUSPENDED, token, *row[5:]))
        self.encoder.keyframe(frames)

    def _frame_row(self, frame: FrameType, unit: int, head: int = -1) -> FrameRow | None:
        """A frame as a keyframe has it; None if it is in the middle of a block."""
        place = self.encoder.place(frame.f_code, frame.f_lasti)
        if place.done < place.total and place.block >= 0:
            return None
        code, kind = frame.f_code, self.tables.units[unit].kind
        if kind == "class":
            return None
        if kind == "module":
            names = [(n, self._names[n]) for n in self._names if n in self._module_names]
        else:
            own = {*code.co_varnames, *code.co_cellvars} - {".0"}
            names = [(n, v) for n, v in frame.f_locals.items() if n in own and n not in code.co_freevars]
        token = self._tokens.get(id(frame), 0) if code.co_flags & RESUMABLE else 0
        line = self.encoder.line(code, frame.f_lasti, frame.f_lineno)
        rows = [(self.tables.name(name), value) for name, value in names]
        counted = [
            (
                loop.id,
                value - (loop.step if loop.id == head else 0),
            )  # at its head the next number is there already
            for loop in self.tables.counting.get(unit, ())
            for name, value in names
            if name == loop.name and type(value) is int
        ]
        return (TOKEN_FRAMES + token if token else 0, unit, line, FRAME_ACTIVE, token, rows, counted)

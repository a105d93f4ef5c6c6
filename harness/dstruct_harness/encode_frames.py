"""Owns the handlers of lines, frames, exceptions, names and output."""

from __future__ import annotations

from typing import Any

from .encoder_base import FAILED, EventMaker
from .events import NOTHING
from .program import Op
from .writer import Frame


class FrameEvents(EventMaker):
    """Events of the call stack and of what its frames bind."""

    # -- lines and frames ----------------------------------------------------------------------

    def on_nop(self, op: Op, operands: list[Any]) -> None:
        """Operands parked for a moment: nothing happened yet."""

    def on_line(self, op: Op, operands: list[Any]) -> None:
        frames, writer = self.stack.frames, self.writer
        frame = frames[-1] if frames and frames[-1].unit == op.unit else self.stack.align(op.unit)
        if writer.full:
            self.cut()
        writer.stop(op.site)
        if frame is not None:
            frame.line = self.tables.sites[op.site][2]

    def on_enter(self, op: Op, operands: list[Any]) -> None:
        self.room()
        names = self.tables.sites[op.site][6]["names"]
        generator_token = operands[0] if len(operands) > len(names) else 0
        values = operands[len(operands) - len(names) :]
        self.stop(op.site, *map(self.writer.code, values))
        frame = self.stack.push(op.unit, generator_token)
        frame.line = self.tables.sites[op.site][2]
        frame.names.update(zip(names, values, strict=True))

    def on_leave(self, op: Op, operands: list[Any]) -> None:
        self.stack.align(op.unit)
        self.leave(op.site, operands[0])

    def leave(self, site: int, value: Any) -> None:
        self.say(site, value)
        self.stack.pop()

    def on_leave_none(self, op: Op, operands: list[Any]) -> None:
        self.stack.align(op.unit)
        self.leave(op.site, None)

    def on_return(self, op: Op, operands: list[Any]) -> None:
        frame = self.stack.align(op.unit)
        if frame is not None:
            frame.returning = operands[0]

    def on_leave_deferred(self, op: Op, operands: list[Any]) -> None:
        if self.unwound:  # by the record just before this one: an exception left the frame
            self.unwound = False
            return
        frame = self.stack.align(op.unit)
        if frame is not None:
            self.leave(op.site, frame.returning)

    def on_unwind(self, op: Op, operands: list[Any]) -> None:
        self.frame_of(op, operands)
        self.noticed(operands[0])
        self.say(op.site, operands[0])
        self.stack.pop()
        self.unwound = op.position == 1

    def on_handler(self, op: Op, operands: list[Any]) -> None:
        self.frame_of(op, operands)
        self.noticed(operands[0], op.site)

    def on_passing(self, op: Op, operands: list[Any]) -> None:
        """A `finally` block begins; an exception may be on its way through it."""
        if operands[0] is not None:
            self.stack.align(op.unit)
            self.noticed(operands[0], op.site)

    def noticed(self, error: BaseException, site: int | None = None) -> None:
        """An exception is seen for the first time: it was raised here."""
        if error is self.raised:
            return
        self.raised = error
        self.say(self.own_sites["raise"] if site is None else site, error)

    def frame_of(self, op: Op, operands: list[Any]) -> Frame | None:
        """The frame of an op that may carry a generator's token as its last operand."""
        if len(operands) < 2:
            return self.stack.align(op.unit)
        frame = self.stack.align_token(operands[-1], op.unit)
        return frame or self.back(operands[-1], op.unit, self.own_sites["resume"], FAILED)

    def on_yield(self, op: Op, operands: list[Any]) -> None:
        frame = self.stack.align(op.unit)
        self.say(op.site, operands[0])
        if frame is not None and len(self.stack.frames) > 1:
            self.stack.frames.pop()
            self.stack.suspend(frame)

    def on_resume(self, op: Op, operands: list[Any]) -> None:
        if self.stack.align_token(operands[1], op.unit) is None:
            self.back(operands[1], op.unit, op.site, operands[0])

    def back(self, generator_token: int, unit: int, site: int, sent: Any) -> Frame | None:
        frame = self.stack.suspended.get(generator_token)
        if frame is None or frame.unit != unit:
            return None
        for outer in self.stack.delegating(generator_token):
            self.room()
            self.stop(self.own_sites["resume"], outer.id, NOTHING)
            self.stack.resume(outer.token, outer.unit)
        self.room()
        self.stop(site, frame.id, NOTHING if sent is FAILED else self.writer.code(sent))
        return self.stack.resume(generator_token, unit)

    # -- names ---------------------------------------------------------------------------------

    def scope(self, op: Op) -> Frame | None:
        frames = self.stack.frames
        detail = self.tables.sites[op.site][6]
        if detail["scope"] == "local":
            return frames[-1] if op.floating else self.stack.align(op.unit)
        if detail["scope"] == "global":
            return frames[0] if frames and self.tables.units[frames[0].unit].kind == "module" else None
        return next((f for f in reversed(frames) if f.unit == detail.get("unit")), None)

    def on_bind(self, op: Op, operands: list[Any]) -> None:
        frame = self.scope(op)
        self.writer.event(op.site, map(self.writer.code, operands))
        if frame is not None:
            frame.names.update(zip(self.tables.sites[op.site][6]["names"], operands, strict=True))

    def on_unbind(self, op: Op, operands: list[Any]) -> None:
        frame = self.scope(op)
        self.writer.event(op.site, ())
        if frame is not None:
            for name in self.tables.sites[op.site][6]["names"]:
                frame.names.pop(name, None)

    def on_output(self, op: Op, operands: list[Any]) -> None:
        if self.writer.print(operands[0], operands[1]):
            self.writer.event(self.effect_sites["output"], ())

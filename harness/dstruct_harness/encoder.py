"""Owns the making of events: the flat log of the transformed program in, events out. The only place that makes them.

`encode` walks the flat log: an op's number, then its operands, handled by the method named after the op's kind. The
order of the log is the order in which things happened, and the recorder's heap is the learner's as it was at each point
of it, so that every value is recorded as it was then.
"""

from __future__ import annotations

from typing import Any

from .encode_data import DataEvents
from .encode_frames import FrameEvents


class Encoder(FrameEvents, DataEvents):
    """Turns flat log batches into events."""

    def encode(self, batch: list[Any]) -> None:
        """Make the events of one batch. Raises StepLimit where the budget ends."""
        self._plan()
        plans, at, size = self._plans, 0, len(batch)
        while at < size:
            handler, op, width = plans[batch[at]]
            following = at + 1 + width
            handler(op, batch[at + 1 : following])
            at = following
        if self._suspects:
            self.reconcile(list(self._suspects.values()))
            self._suspects.clear()

    def _plan(self) -> None:
        for op in self.tables.ops[len(self._plans) :]:
            self._plans.append((getattr(self, f"on_{op.kind}"), op, op.width))

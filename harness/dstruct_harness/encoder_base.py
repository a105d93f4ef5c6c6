"""Owns the one way in which events are made: stops, effects, and the look at chunks in between.

The handlers in `encode_frames` and `encode_data` say what happened; this says it to the writer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .effects import Effect, apply, difference
from .events import EFFECTS, NOTHING
from .frames import CallStack
from .heap import Entry, Heap
from .program import Op, Tables
from .writer import ChunkWriter, Frame

UNKNOWN: Final = object()
"""Stands for a value that was not logged."""
FAILED: Final = object()
"""Stands for the result of a call that raised."""


class EventMaker:
    """What every handler needs: the tables, the heap, the writer, the call stack."""

    def __init__(
        self, tables: Tables, heap: Heap, sink: Callable[[bytes], None], max_steps: int | None
    ) -> None:
        self.tables = tables
        self.heap = heap
        self.effect_sites = {event: tables.site(event, -1, None) for event in EFFECTS}
        self.own_sites = {
            event: tables.site(event, -1, None) for event in ("raise", "unwind", "yield", "resume")
        }
        self.writer = ChunkWriter(tables, heap, sink, max_steps)
        self.stack = CallStack(self._vanished)
        self.raised: BaseException | None = None
        self.unwound = False
        """Whether an exception has just left a frame whose deferred leave is about to be logged."""
        self._plans: list[tuple[Callable[[Op, list[Any]], None], Op, int]] = []
        self._floating: dict[int, list[Any]] = {}
        self._suspects: dict[int, Entry] = {}

    def stop(self, site: int, *operands: int) -> None:
        self.writer.stop(site, operands)

    def say(self, site: int, *values: Any) -> None:
        """A stop whose operands are all values."""
        self.room()
        self.writer.stop(site, [self.writer.code(value) for value in values])

    def room(self) -> None:
        """Begin a new chunk if this one is full.

        Just before a stop whose operands are not yet coded: codes are a chunk's own, and what belongs to a stop stays
        in its chunk."""
        if self.writer.full:
            self.cut()

    def cut(self, end: dict[str, Any] | None = None) -> None:
        stack = self.stack
        self.writer.cut(stack.frames, stack.suspended.values(), stack.entered, end)

    def entry(self, value: Any) -> Entry | None:
        """The entry of a container, its record written; None for values without parts."""
        entries = self.heap.entries
        known = entries.get(id(value))
        if known is None and self.heap.shape(type(value)).read is not None:
            self.writer.code(value)
            known = entries.get(id(value))
        return known

    def effects(self, entry: Entry, effects: list[Effect]) -> None:
        writer, sites = self.writer, self.effect_sites
        container = writer.code(entry.subject)
        for effect in effects:
            kind = effect[0]
            if kind == "fill":
                apply(entry, effect)
                writer.event(sites["fill"], (container,))
                writer.fill(writer.contents(entry))
                continue
            coded = [writer.code(part) for part in effect[1:]]
            if kind == "insert":
                coded[0] = effect[1]
            apply(entry, effect)
            writer.event(sites[kind], (container, *coded))
        if effects:
            self.heap.touch(entry, writer.index)

    def suspect(self, entry: Entry) -> None:
        """Compare with the live container at the end of this batch: what happened to it can't be told."""
        self._suspects[entry.id] = entry

    def reconcile(self, entries: list[Entry]) -> None:
        """Record, as late, what changed where we could not see it."""
        for entry in entries:
            assert entry.shape.read is not None
            if entry.partial:
                continue
            found = difference(entry, entry.shape.read(entry.subject))
            if found:
                self.writer.event(self.effect_sites["late"], (self.writer.code(entry.subject),))
                self.effects(entry, found)

    def _vanished(self, frame: Frame) -> None:
        event = "yield" if frame.token else "unwind"
        self.stop(self.own_sites[event], NOTHING)

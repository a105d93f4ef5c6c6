"""Owns making chunks of what was recorded: the path and the columns in, bytes out. The only place where the log is
written.

Work is done by column, not by event, with calls that run at C speed. Only exceptions are looked at one by one: what
a noted exception left
unfinished, and which frames it left, is worked out here, from its traceback, so that noting it costs the program
next to nothing.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from types import CodeType
from typing import Any, Final

from .chunks import pack_chunk
from .columns import pack, pack_path
from .depth import let_go
from .events import (
    ANNOTATIONS,
    CAUGHT,
    CONTROL,
    CONTROLS,
    FIRST_BLOCK,
    STOPS,
)
from .heap import Heap
from .keyframes import Cost, Patches
from .places import NOWHERE, Place, places
from .program import ANYWHERE, Tables
from .values import NO_VALUE, Values

_CLEAR: Final = ANNOTATIONS.index("clear")

Note = tuple[tuple[int, str], tuple[Any, BaseException, Any]]
"""Site of an unwind or -1 and kind ("handler", "passing", "unwind"); what `sys.exc_info` said there."""

FrameRow = tuple[int, int, int, int, int, list[tuple[int, Any]], list[tuple[int, int]]]
"""A frame as a keyframe has it: id, unit, line, status, token, (name, value) of its variables, (loop, number reached)
of its counting loops."""

_ABORT: Final = CONTROL["abort"]
_RAISE: Final = CONTROL["raise"]
_UNWIND: Final = CONTROL["unwind"]
_VANISH: Final = CONTROL["vanish"]
_STOPPING: Final = frozenset(CONTROL[name] for name in CONTROLS if name in STOPS)


def _bytes(path: list[int], codes: int) -> bytes | list[int]:
    """A path in the form that is counted and written fastest; `codes` are all there are."""
    return bytes(path) if codes <= 256 else path


@dataclass(eq=False, slots=True)
class Batch:
    """What was recorded since the last chunk. It keeps the learner's objects alive until it is cleared."""

    path: list[int]
    columns: dict[int, list[Any]]
    notes: list[Note]
    left_over: list[tuple[int, int]] = field(default_factory=list)
    """Blocks that frames were in the middle of at its end, with the steps made: the rest belongs to later batches."""

    def clear(self) -> None:
        self.path, self.columns = [], {}
        let_go([note[1][2] for note in self.notes], self.notes)


class StepLimit(Exception):
    """The step budget is used up: nothing after it is recorded."""


class Encoder:
    """Takes a batch (path, columns, notes) at a time; gives each to `sink` as a chunk."""

    def __init__(
        self, tables: Tables, heap: Heap, sink: Callable[[bytes], None], max_steps: int | None
    ) -> None:
        self.tables = tables
        self.heap = heap
        self.values = Values(tables, heap)
        self.columns: dict[int, list[Any]] = {}
        self.notes: list[Note] = []
        self.traced: dict[int, CodeType] = {}
        """Traced code objects by `id()`."""
        self.handlerless: set[int] = set()
        """Those of lambdas, comprehensions and generator expressions: what an exception does to them shows
        only in tracebacks.
        """
        self.lambdas: set[int] = set()
        self.fills: list[int] = []
        self.output: list[tuple[int, str]] = []
        self.sink = sink
        self.max_steps = max_steps
        self.index = 0
        self.steps = 0
        self.since_keyframe = 0
        self.cost = Cost()
        self.patches = Patches()
        self.bytes_written = 0
        self.counts: Counter[str] = Counter()
        self._sent = {"sources": 0, "names": 0, "units": 0, "types": 0, "sites": 0, "blocks": 0}
        self._stops: list[int] = [int(code in _STOPPING) for code in range(FIRST_BLOCK)]
        self._events: list[list[str]] = [[] for _ in range(FIRST_BLOCK)]
        self._places: dict[int, list[Place]] = {}
        self._unfinished: dict[tuple[int, int], list[str]] = {}
        """Events of a block from a step on."""
        self._seen: BaseException | None = None
        self._handled: dict[int, Any] = {}
        """Entries of tracebacks that were accounted for, by `id()`."""
        self._raise_sites: dict[int, int] = {}
        self._frames: list[int] = [0]
        self._has_keyframe = True
        self._columns: dict[int, list[Any]] = {}
        self._lost = 0
        """Stops of blocks in this batch that an exception left before they were done."""
        self.left_over: list[tuple[int, int]] = []
        self.annotations: dict[Any, tuple[Any, ...]] = {}

    def column(self, number: int) -> list[Any]:
        """The list that collects a column's values."""
        found = self.columns.get(number)
        if found is None:
            found = self.columns[number] = []
        return found

    # -- places --------------------------------------------------------------------------------

    def place(self, code: CodeType, instruction: int) -> Place:
        """Where a traced code object is at a byte offset."""
        table = self._places.get(id(code))
        if table is None:
            table = self._places[id(code)] = places(code, self.tables)
        return table[instruction // 2] if 0 <= instruction // 2 < len(table) else NOWHERE

    def line(self, code: CodeType, instruction: int, otherwise: int) -> int:
        """The line that the log has reached in a traced code object."""
        place = self.place(code, instruction)
        if place.block < 0:
            return otherwise
        block = self.tables.blocks[place.block]
        for step in reversed(block.steps[: place.done]):
            if (
                isinstance(step.form, list)
                and step.form[0] >= 0
                and self.tables.sites[step.form[0]][0] == "line"
            ):
                return int(self.tables.sites[step.form[0]][2])
        return block.line

    def has_begun(self, code: CodeType, instruction: int, unit: int) -> bool:
        """Whether a frame is in the log: a function looks at the clock before it says that it begins."""
        begins = unit == ANYWHERE or self.tables.units[unit].kind in ("module", "class")
        return begins or self.place(code, instruction).block >= 0

    # -- one batch -----------------------------------------------------------------------------

    def batch(self, path: list[int]) -> Batch:
        """`path`, with the columns and notes that belong to it, taken out of the lists that the program goes
        on filling.
        """
        taken = {}
        for number, column in self.columns.items():
            if column:
                taken[number] = column[:]
                column.clear()
        notes = self.notes[:]
        self.notes.clear()
        return Batch(path, taken, notes)

    def encode(self, batch: Batch, end: dict[str, Any] | None = None) -> None:
        """Write a chunk of what has come since the last one. Raises StepLimit when the budget is used up in it."""
        self.chunk(batch, end)

    def chunk(self, batch: Batch, end: dict[str, Any] | None = None) -> None:
        """Write one chunk."""
        self._columns = batch.columns
        self._learn()
        path = _bytes(self._with_exceptions(batch) if batch.notes else batch.path, len(self._stops))
        steps = self._count(path) + self._rest(self.left_over) - self._rest(batch.left_over)
        self.left_over = batch.left_over
        limit = False
        if self.max_steps is not None and self.steps + steps > self.max_steps:
            steps, limit = self.max_steps - self.steps, True
        body = self._body(path, batch.columns)
        meta = self._meta(end)
        chunk = pack_chunk(self.index, self.steps, steps, meta, body, keyframe=self._has_keyframe)
        self.index += 1
        self.steps += steps
        self.since_keyframe += steps
        self.bytes_written += len(chunk)
        if self._has_keyframe:
            self._has_keyframe, self._frames = False, []
            self.cost.bytes, self.cost.written = len(chunk), self.bytes_written
        self.values.begin()
        self.sink(chunk)
        if limit:
            raise StepLimit

    def _body(self, path: bytes | list[int], columns: dict[int, list[Any]]) -> bytes:
        values = self.values
        packed = [struct.pack("<I", number) + values.column(columns[number]) for number in sorted(columns)]
        values.drain()
        fills, self.fills = self.fills, []
        atoms = json.dumps(values.atoms, separators=(",", ":")).encode("ascii")
        parts = [struct.pack("<I", len(atoms)), atoms, pack(self._frames), pack(values.records), pack(fills)]
        return b"".join([*parts, pack_path(path), struct.pack("<I", len(packed)), *packed])

    def _meta(self, end: dict[str, Any] | None) -> dict[str, Any]:
        tables = self.tables
        rows: dict[str, list[Any]] = {
            "sources": tables.sources,
            "names": tables.names,
            "units": tables.units,
            "types": self.values.types,
            "sites": tables.sites,
            "blocks": tables.blocks,
        }
        meta: dict[str, Any] = {}
        for key, table in rows.items():
            new = table[self._sent[key] :]
            if new:
                self._sent[key] = len(table)
                meta[key] = new
        if "units" in meta:
            meta["units"] = [[u.kind, u.name, u.source, u.line, u.parent] for u in meta["units"]]
        if "blocks" in meta:
            meta["blocks"] = [[b.unit, b.line, [step.form for step in b.steps]] for b in meta["blocks"]]
        if self.output:
            meta["output"] = self.output
            self.output = []
        if end is not None:
            meta["end"] = {**end, "steps": self.steps, "events": dict(self.counts)}
        return meta

    # -- counting ------------------------------------------------------------------------------

    def _count(self, path: bytes | list[int]) -> int:
        """How many stops the path makes; adds its events to the counts."""
        steps = 0
        counted = ((c, path.count(c)) for c in set(path)) if type(path) is bytes else Counter(path).items()
        for code, times in counted:
            steps += self._stops[code] * times
            if code < FIRST_BLOCK:
                self.counts[CONTROLS[code]] += times
            for event in self._events[code]:
                self.counts[event] += times
        steps -= self._lost
        self._lost = 0
        return steps

    def _rest(self, left_over: list[tuple[int, int]]) -> int:
        """The stops in what is left of the blocks."""
        blocks = self.tables.blocks
        return sum(
            e in STOPS for block, done in left_over for e in self.tables.events_of(blocks[block], done)
        )

    def _learn(self) -> None:
        for block in self.tables.blocks[len(self._stops) - FIRST_BLOCK :]:
            events = self.tables.events_of(block)
            self._events.append(events)
            self._stops.append(sum(event in STOPS for event in events))

    # -- exceptions ----------------------------------------------------------------------------

    def forget_exception(self) -> None:
        """No exception is on its way: none needs to be remembered."""
        self._seen = None
        let_go(list(self._handled.values()), self._handled)

    def _with_exceptions(self, batch: Batch) -> list[int]:
        """The path with what each note of an exception means in its place."""
        result: list[int] = []
        start = 0
        for note in batch.notes:
            end = batch.path.index(CAUGHT, start)
            result += batch.path[start:end]
            start = end + 1
            result += self._noted(*note)
        result += batch.path[start:]
        return result

    def _append(self, number: int, value: Any) -> None:
        self._columns.setdefault(number, []).append(value)

    def _noted(self, about: tuple[int, str], info: tuple[Any, BaseException, Any]) -> list[int]:
        (site, kind), (_, error, trace) = about, info
        codes: list[int] = []
        fresh = error is not self._seen
        if fresh:
            self.forget_exception()
        line = trace.tb_lineno if trace is not None else 0
        chain = []
        inner = trace
        while inner is not None and id(inner) not in self._handled:
            chain.append(inner)
            inner = inner.tb_next
        for one in reversed(chain):
            code = one.tb_frame.f_code
            first = one is trace
            if id(code) in self.traced and (first or id(code) in self.handlerless):
                codes += self._abort(code, one.tb_lasti)
                if not first and fresh and id(code) in self.handlerless:
                    codes += self._raise(error, one.tb_lineno)
                    fresh = False
                if id(code) in self.lambdas and not first:
                    codes.append(_VANISH)
            self._handled[id(one)] = one
        if fresh:
            codes += self._raise(error, line)
        self._seen = error
        if kind == "unwind":
            self._append(4 * _UNWIND, site)
            self._append(4 * _UNWIND + 1, error)
            codes.append(_UNWIND)
        return codes

    def _abort(self, code: CodeType, instruction: int) -> list[int]:
        place = self.place(code, instruction)
        if place.done >= place.total:
            return []
        lost = self._unfinished.get((place.block, place.done))
        if lost is None:
            lost = self.tables.events_of(self.tables.blocks[place.block], place.done)
            self._unfinished[place.block, place.done] = lost
        for event in lost:
            self.counts[event] -= 1
            self._lost += event in STOPS
        self._append(4 * _ABORT, place.done)
        return [_ABORT]

    def _raise(self, error: BaseException, line: int) -> list[int]:
        if line not in self._raise_sites:
            self._raise_sites[line] = self.tables.site("raise", -1, None)
            self.tables.sites[-1][2] = self.tables.sites[-1][4] = line
        self._append(4 * _RAISE, self._raise_sites[line])
        self._append(4 * _RAISE + 1, error)
        return [_RAISE]

    def said(self, number: int, subject: Any, key: Any, data: Any) -> None:
        """An annotation was made, which a keyframe has to say again. Of equal places the latest comes last."""
        if number == _CLEAR:
            whose = id(subject)
            self.annotations = {place: each for place, each in self.annotations.items() if place[1] != whose}
            return
        place = (number, id(subject), key if type(key) in (int, str) else id(key))
        self.annotations.pop(place, None)
        if data is not NO_VALUE:
            self.annotations[place] = (number, subject, key, data)

    # -- keyframes -----------------------------------------------------------------------------

    def wants_keyframe(self) -> bool:
        """Whether so much has happened since the last that the next one costs little beside it."""
        objects = len(self.heap.entries)
        return self.cost.allows(self.since_keyframe, objects, self.bytes_written, perf_counter())

    def keyframe(self, frames: list[FrameRow]) -> None:
        """Begin the next chunk with the whole state."""
        values, heap, begun = self.values, self.heap, perf_counter()
        heap.sweep(always=True)
        self.patches.begin()
        saved = 0
        flat = [len(frames)]
        for number, unit, line, status, token, names, loops in frames:
            flat += (number, unit, line, status, token, 0, -1, 0, 0, len(loops), len(names))
            codes = values.codes([reached for _, reached in loops])
            for (loop, _), code in zip(loops, codes, strict=True):
                flat += (loop, 0, code)
            codes = values.codes([value for _, value in names])
            for (name, _), code in zip(names, codes, strict=True):
                flat += (name, code)
        for annotation in self.annotations.values():
            flat += (annotation[0], *values.codes(list(annotation[1:])))
        written: set[int] = set()
        while True:
            rest = [entry for entry in heap.entries.values() if entry.id not in written]
            if not rest:
                break
            written.update(entry.id for entry in rest)
            saved += self.patches.write(values, list(map(heap.now, rest)), self.index)
            values.forget_births()
        self.patches.end()
        self._frames = flat
        self._has_keyframe = True
        self.since_keyframe = 0
        made = perf_counter()
        self.cost = Cost(len(values.records) + len(flat) + saved, made - begun, made)

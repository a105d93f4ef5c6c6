"""Owns the chunk being written: event columns, atoms, object records, and the keyframe each chunk begins with."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

from .atoms import Atom, atom
from .chunks import pack_chunk, pack_column
from .events import (
    ELLIPSIS,
    FALSE,
    FRAME_ACTIVE,
    NONE,
    SMALL_INT,
    TAG_ATOM,
    TAG_OBJECT,
    TRUE,
    keyframe_reach,
    operand_count,
)
from .heap import Entry, Heap
from .program import Tables

CHUNK_STEPS: Final = 8_192
"""Stops in a full chunk: what a reader replays at most to reach a step."""
CHUNK_RECORDS: Final = 1 << 20
"""A chunk is also cut when its object records hold more integers than this."""


class StepLimit(Exception):
    """The step budget is used up: nothing after it is recorded."""


@dataclass(slots=True, eq=False)
class Frame:
    """An active call, as far as keyframes need it. `names` maps name ids to the values they are bound to."""

    id: int
    unit: int
    line: int = 0
    status: int = FRAME_ACTIVE
    names: dict[int, Any] = field(default_factory=dict)
    token: int = 0
    pending: dict[int, list[Any]] = field(default_factory=dict)
    loops: dict[int, list[Any]] = field(default_factory=dict)
    returning: Any = None
    delegate: int = 0
    """Token of the generator it waits for in `yield from`, while both are suspended."""


class ChunkWriter:
    """Takes events in order, gives chunks to `sink` as they fill. The encoder is its only caller."""

    def __init__(
        self, tables: Tables, heap: Heap, sink: Callable[[bytes], None], max_steps: int | None = None
    ) -> None:
        self.tables = tables
        self.heap = heap
        self._entries = heap.entries
        self.max_steps: float = inf if max_steps is None else max_steps
        self.sink = sink
        self.index = 0
        self.steps = 0
        self.bytes_written = 0
        self.counts: dict[str, int] = {}
        self._sent = {"sources": 0, "names": 0, "units": 0, "types": 0, "sites": 0}
        self._types: list[list[str]] = []
        self._type_ids: dict[int, int] = {}
        self._types_held: list[type] = []
        self._draining = False
        self._queue: list[Entry] = []
        self.full = False
        """Whether the next stop should begin a new chunk."""
        self._printed_at = -1
        self._begin([], [], 0)

    # -- values --------------------------------------------------------------------------------

    def code(self, value: Any) -> int:
        """`value` as the 32-bit integer of the format; new containers and atoms are recorded on the way."""
        kind = type(value)
        if kind is int:
            if -SMALL_INT <= value < SMALL_INT:
                return value << 2  # type: ignore[no-any-return]
            return self._atom_code(("int", value), value)
        known = self._entries.get(id(value))
        if known is not None:
            return (known.id << 2) | TAG_OBJECT
        if value is None:
            return NONE
        if kind is bool:
            return TRUE if value else FALSE
        if kind is str:
            return self._atom_code(("str", value), value)
        if kind is float:
            return self._atom_code(("float", float.__repr__(value)), value)
        entry = self.heap.entry(value, self.index, self._born)
        if entry is not None:
            if not self._draining:
                self._drain()
            return (entry.id << 2) | TAG_OBJECT
        if value is Ellipsis:
            return ELLIPSIS
        return self._new_atom(atom(value))

    def _atom_code(self, key: tuple[str, Any], value: Any) -> int:
        known = self._atom_ids.get(key)
        if known is None:
            known = self._atom_ids[key] = self._new_atom(atom(value))
        return known

    def _new_atom(self, new: Atom) -> int:
        key = json.dumps(new)
        known = self._atom_ids.get(key)
        if known is None:
            known = self._atom_ids[key] = (len(self._atoms) << 2) | TAG_ATOM
            self._atoms.append(key)
        return known

    # -- objects -------------------------------------------------------------------------------

    def _born(self, entry: Entry) -> None:
        self._queue.append(entry)

    def _drain(self) -> None:
        """Write the records of new entries, and of what they hold, before anything changes them."""
        self._draining = True
        while self._queue:
            entry = self._queue.pop()
            self._objects += self._record(entry)
        self._draining = False
        self.full = self.full or len(self._objects) > CHUNK_RECORDS

    def _record(self, entry: Entry) -> list[int]:
        return [entry.id, self._type(entry), *self.contents(entry)]

    def contents(self, entry: Entry) -> list[int]:
        """`length, shown, entries` of the record."""
        held, code = entry.contents, self.code
        values: list[int] = [entry.size, len(held)]
        if isinstance(held, list):
            values += map(code, held)
        elif entry.shape.shape == "dict":
            for key, value in held.values():
                values += (code(key), code(value))
        elif entry.shape.shape == "object":
            name = self.tables.name
            for attribute, value in held.items():
                values += (name(attribute), code(value))
        else:
            values += map(code, held.values())
        return values

    def _type(self, entry: Entry) -> int:
        kind = entry.shape.kind
        known = self._type_ids.get(id(kind))
        if known is None:
            known = self._type_ids[id(kind)] = len(self._types)
            self._types.append([str(entry.shape.shape), entry.shape.name])
            self._types_held.append(kind)
        return known

    # -- events --------------------------------------------------------------------------------

    def stop(self, site: int, operands: Iterable[int] = ()) -> None:
        """An event that counts as a step. A chunk holds whole stops: look at `full` first. Raises StepLimit."""
        steps = self.steps + 1
        if steps >= self._look_at:
            if steps > self.max_steps:
                raise StepLimit
            self.full = steps - self._first_step >= CHUNK_STEPS
        self.steps = steps
        self._codes.append(site)
        self._operands[site] += operands

    def event(self, site: int, operands: Iterable[int]) -> None:
        """An event that belongs to the stop before it."""
        self._codes.append(site)
        self._operands[site] += operands

    def fill(self, contents: list[int]) -> None:
        """The contents that the next `fill` event puts in place."""
        self._fills += contents
        self.full = self.full or len(self._fills) > CHUNK_RECORDS

    def print(self, stream: int, text: str) -> bool:
        """Take a piece of output, whose text travels in the meta. False if it continues the last one."""
        if self._output and self._printed_at == len(self._codes) and self._output[-1][0] == stream:
            self._output[-1][1] += text
            return False
        self._output.append([stream, text])
        self._printed_at = len(self._codes) + 1
        return True

    @property
    def begun(self) -> bool:
        """Whether this chunk has a step."""
        return self.steps > self._first_step

    # -- chunks --------------------------------------------------------------------------------

    def cut(
        self,
        stack: list[Frame],
        suspended: Iterable[Frame],
        next_frame: int,
        end: dict[str, Any] | None = None,
    ) -> None:
        """Finish this chunk, hand it to the sink, begin the next with the state as it is now."""
        body, meta = self._body(), self._meta()
        if end is not None:
            meta["end"] = {**end, "steps": self.steps, "events": dict(self.counts)}
        data = pack_chunk(self.index, self._first_step, self.steps - self._first_step, meta, body)
        self.bytes_written += len(data)
        self.index += 1
        if end is None:
            self.heap.sweep()
            self._begin(stack, suspended, next_frame)
        self.sink(data)

    def _begin(self, stack: list[Frame], suspended: Iterable[Frame], next_frame: int) -> None:
        self.full = False
        self._first_step = self.steps
        self._look_at = min(self.steps + CHUNK_STEPS, self.max_steps + 1)
        self._atoms: list[str] = []
        self._atom_ids: dict[Any, int] = {}
        self._objects: list[int] = []
        self._fills: list[int] = []
        self._codes: list[int] = []
        self._operands: defaultdict[int, list[int]] = defaultdict(list)
        self._output: list[list[Any]] = []
        self._printed_at = -1
        reach = keyframe_reach(self.index)
        if reach:
            for entry in self.heap.changed_since(self.index - reach):
                self._objects += self._record(entry)
        held = [*stack, *suspended]
        frames = [next_frame, len(held)]
        for frame in held:
            names = [part for name, value in frame.names.items() for part in (name, self.code(value))]
            frames += [frame.id, frame.unit, frame.line, frame.status, len(frame.names), *names]
        self._frames = frames

    def _body(self) -> bytes:
        atoms = ("[" + ",".join(self._atoms) + "]").encode("ascii")
        sites = sorted(self._operands)
        places = {site: index for index, site in enumerate(sites)}
        parts = [len(atoms).to_bytes(4, "little"), atoms]
        columns: list[list[int]] = [
            self._objects,
            self._frames,
            self._fills,
            sites,
            [places[s] for s in self._codes],
        ]
        self.counts.update(self._counted())
        for site in sites:
            width = operand_count(self.tables.sites[site])
            flat = self._operands[site]
            columns += [flat[position::width] for position in range(width)]
        return b"".join([*parts, *map(pack_column, columns)])

    def _counted(self) -> dict[str, int]:
        """How often each kind of event happened so far."""
        counts = dict(self.counts)
        for site, times in Counter(self._codes).items():
            event = self.tables.sites[site][0]
            counts[event] = counts.get(event, 0) + times
        return counts

    def _meta(self) -> dict[str, Any]:
        tables, sent = self.tables, self._sent
        units = [[u.kind, u.name, u.source, u.line, u.parent] for u in tables.units[sent["units"] :]]
        new: dict[str, list[Any]] = {
            "sources": [list(source) for source in tables.sources[sent["sources"] :]],
            "names": tables.names[sent["names"] :],
            "units": units,
            "types": self._types[sent["types"] :],
            "sites": tables.sites[sent["sites"] :],
            "output": self._output,
        }
        for key in sent:
            sent[key] += len(new[key])
        return {key: value for key, value in new.items() if value}

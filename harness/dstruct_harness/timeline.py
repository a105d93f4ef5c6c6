"""Owns replay: the state of a traced program after any number of steps, from the log alone.

`Timeline(trace).state(k)` finds the chunk that holds step k, takes the chunk's keyframe, and replays at most that
chunk. Pure over the trace: the same step gives the same state, in whatever order steps are asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .chunks import Chunk, TraceError, read_chunks
from .events import (
    FRAME_ACTIVE,
    FRAME_FINISHED,
    FRAME_SUSPENDED,
    STOPS,
    TAG_ATOM,
    TAG_CONSTANT,
    TAG_INT,
    ObjectId,
    keyframe_reach,
)
from .replay import Machine, MutableObject
from .tables import Body, TraceTables, decode

_KEPT: Final = 16
"""Decoded chunks held for the next question."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to an object of the heap."""

    id: ObjectId


@dataclass(frozen=True, slots=True)
class Atom:
    """A value that has no Python equivalent in the log: `kind` and what else its atom says."""

    kind: str
    parts: tuple[Any, ...]


Value = int | float | str | bool | None | Ref | Atom


@dataclass(frozen=True, slots=True)
class FrameState:
    """A frame at a step. `status` is "active", "suspended" or "finished"."""

    id: int
    name: str
    kind: str
    line: int
    variables: Mapping[str, Value]
    status: str


@dataclass(frozen=True, slots=True)
class HeapObject:
    """An object at a step. `items` holds elements; for dicts (key, value) pairs; for objects (attribute, value)."""

    id: ObjectId
    shape: str
    type: str
    length: int
    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class State:
    """The whole program at a step: current line of the innermost frame, call stack outermost first, reachable heap."""

    step: int
    line: int
    frames: tuple[FrameState, ...]
    suspended: tuple[FrameState, ...]
    heap: Mapping[int, HeapObject]
    output: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event as logged, its operands decoded."""

    step: int
    kind: str
    site: int
    operands: tuple[int, ...]


_STATUS: Final = {FRAME_ACTIVE: "active", FRAME_SUSPENDED: "suspended", FRAME_FINISHED: "finished"}


class Timeline:
    """The steps of a trace. Raises TraceError for bytes that are no trace or contradict themselves."""

    def __init__(self, trace: bytes) -> None:
        self.tables = TraceTables()
        self._chunks: list[Chunk] = []
        self._firsts: list[int] = []
        self._output_before: list[int] = []
        for chunk in read_chunks(trace):
            self._output_before.append(len(self.tables.output))
            self.tables.take(chunk)
            self._chunks.append(chunk)
            self._firsts.append(chunk.header.first_step)
        if not self._chunks:
            raise TraceError("the trace is empty")
        self.steps = self._firsts[-1] + self._chunks[-1].header.steps
        self._bodies: OrderedDict[int, Body] = OrderedDict()

    def __len__(self) -> int:
        return self.steps + 1

    @property
    def stop_reason(self) -> str | None:
        """Why the run ended; None for a trace whose end never arrived."""
        return None if self.tables.end is None else str(self.tables.end["stopReason"])

    def state(self, step: int) -> State:
        """The state after `step` stops, 0 <= step < len(self). Raises IndexError outside."""
        if not 0 <= step <= self.steps:
            raise IndexError(f"step {step} is outside 0..{self.steps}")
        index = max(0, bisect_right(self._firsts, max(0, step - 1)) - 1)
        while index and self._chunks[index].header.steps == 0 and self._firsts[index] >= step:
            index -= 1
        return self._state(self._machine(index, step), index, step)

    def events(self) -> Iterator[Event]:
        """Every event of the trace, with the step it belongs to."""
        for event, _ in self.walk():
            yield event

    def walk(self) -> Iterator[tuple[Event, Machine]]:
        """Every event with the machine as it is just *before* it. The machine lives on: don't keep it."""
        step = 0
        for index in range(len(self._chunks)):
            machine = self._fresh(index)
            for site, operands in self._body(index).events:
                kind = self.tables.sites[site][0]
                step += kind in STOPS
                yield Event(step, kind, site, operands), machine
                machine.apply(site, operands)

    # -- inside --------------------------------------------------------------------------------

    def _body(self, index: int) -> Body:
        body = self._bodies.get(index)
        if body is None:
            body = self._bodies[index] = decode(self._chunks[index], self.tables)
            if len(self._bodies) > _KEPT:
                self._bodies.popitem(last=False)
        else:
            self._bodies.move_to_end(index)
        return body

    def _fresh(self, index: int) -> Machine:
        def find(number: int) -> MutableObject:
            return self._object(index, number)

        return Machine(self.tables, self._body(index), find, self._output_before[index])

    def _machine(self, index: int, step: int) -> Machine:
        """The state at `step`, which lies in chunk `index` (or at its start)."""
        machine = self._fresh(index)
        remaining = step - self._firsts[index]
        for site, operands in self._body(index).events:
            if self.tables.sites[site][0] in STOPS:
                if remaining == 0:
                    break
                remaining -= 1
            machine.apply(site, operands)
        return machine

    def _object(self, index: int, number: int) -> MutableObject:
        """An object's contents at the start of a chunk: the first hit along the chain of keyframes."""
        at = index
        while True:
            body = self._body(at)
            record = body.objects.get(number)
            if record is not None:
                kind, length, entries = record
                shape, name = self.tables.types[kind]
                return MutableObject.build(
                    ObjectId(number), shape, name, length, entries, body.atoms, self.tables
                )
            if at == 0:
                raise TraceError(f"chunk {index} refers to object {number}, which was never recorded")
            at -= keyframe_reach(at)

    def _state(self, machine: Machine, index: int, step: int) -> State:
        heap: dict[int, HeapObject] = {}
        pending: list[int] = []

        def value(code: Any) -> Value:
            decoded = decode_value(code)
            if isinstance(decoded, Ref):
                pending.append(decoded.id)
            return decoded

        def frame(one: Any) -> FrameState:
            unit = self.tables.units[one.unit]
            variables = {self.tables.names[name]: value(code) for name, code in one.names.items()}
            return FrameState(one.id, unit[1], unit[0], one.line, variables, _STATUS[one.status])

        frames = tuple(frame(one) for one in machine.frames)
        suspended = tuple(frame(one) for one in machine.suspended.values())
        while pending:
            number = pending.pop()
            if number not in heap:
                found = machine.object(number)
                items = tuple(_item(item, value) for item in found.items())
                heap[number] = HeapObject(found.id, found.shape, found.type, found.length, items)
        output = "".join(text for stream, text in self.tables.output[: machine.printed] if stream == 0)
        return State(step, frames[-1].line if frames else 0, frames, suspended, heap, output)


def _item(item: Any, value: Any) -> Any:
    if isinstance(item, list):
        return tuple(part if type(part) is str else value(part) for part in item)
    return value(item)


def decode_value(coded: tuple[int, list[list[Any]]]) -> Value:
    """A value from its code and the atoms of the chunk it was written in."""
    code, atoms = coded
    tag, payload = code & 3, code >> 2
    if tag == TAG_INT:
        return payload
    if tag == TAG_CONSTANT:
        constants: tuple[Value, ...] = (
            None,
            False,
            True,
            Atom("ellipsis", ()),
            Atom("nothing", ()),
            Atom("not recorded", ()),
        )
        if not 0 <= payload < len(constants):
            raise TraceError(f"a value has the unknown constant {payload}")
        return constants[payload]
    if tag == TAG_ATOM:
        if not 0 <= payload < len(atoms):
            raise TraceError(f"a value refers to the unknown atom {payload}")
        return _plain(atoms[payload])
    return Ref(ObjectId(payload))


def _plain(atom: list[Any]) -> Value:
    kind, *parts = atom
    try:
        if kind == "int" and len(parts) == 1:
            return int(parts[0])
        if kind == "float":
            return float(parts[0])
        if kind == "str" and len(parts) == 1 and isinstance(parts[0], str):
            return str(parts[0])
    except (ValueError, TypeError, IndexError):
        raise TraceError(f"an atom cannot be read: {kind}") from None
    return Atom(kind, tuple(parts))

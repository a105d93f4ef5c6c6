"""Owns replay: the state of a traced program after any number of steps, from the log alone.

`Timeline(trace).state(k)` finds the chunk that holds step k, takes the chunk's keyframe, and replays at most that
chunk. Pure over the trace: the same step gives the same state, in whatever order steps are asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .chunks import Chunk, TraceError, read_chunks
from .events import (
    ANNOTATIONS,
    FRAME_ACTIVE,
    FRAME_FINISHED,
    FRAME_SUSPENDED,
    NOTHING,
    STOPS,
    TAG_ATOM,
    TAG_CONSTANT,
    TAG_INT,
    ObjectId,
    Step,
)
from .tables import Body, TraceTables, decode
from .walker import Event as Made
from .walker import Walker

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
class Annotation:
    """What the program's author says about an object, or a place in it (`key`; None: the object itself)."""

    kind: str
    subject: Value
    key: Value
    data: Value


@dataclass(frozen=True, slots=True)
class State:
    """The whole program at a step: current line of the innermost frame, call stack outermost first, reachable
    heap.
    """

    step: int
    line: int
    frames: tuple[FrameState, ...]
    suspended: tuple[FrameState, ...]
    heap: Mapping[int, HeapObject]
    output: str
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One event, with the step it belongs to. `site` is -1 where it has no place in the source."""

    step: Step
    kind: str
    site: int
    operands: tuple[Any, ...]


_STATUS: Final = {FRAME_ACTIVE: "active", FRAME_SUSPENDED: "suspended", FRAME_FINISHED: "finished"}


class _Cursor:
    """A walk that can be taken further."""

    def __init__(self, timeline: Timeline, start: int) -> None:
        self.start = start
        self.walker = Walker(timeline.tables)
        self.step = timeline._chunks[start].header.first_step
        self._events = self._from(timeline, start)
        self._next: Made | None = next(self._events, None)

    def _from(self, timeline: Timeline, start: int) -> Iterator[Made]:
        for index in range(start, len(timeline._chunks)):
            yield from timeline._events(index, self.walker)

    def move(self, step: int) -> None:
        """Go on until `step` stops have happened and the next event is a stop."""
        while self._next is not None:
            if self._next.kind in STOPS:
                if self.step == step:
                    return
                self.step += 1
            self._next = next(self._events, None)
        if self.step != step:
            raise TraceError(f"the trace ends at step {self.step}, before step {step}")


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
        self._keyed = [c.header.index for c in self._chunks if c.header.keyframe]
        self._keyed_steps = [c.header.first_step for c in self._chunks if c.header.keyframe]
        self._bodies: OrderedDict[int, Body] = OrderedDict()
        self._cursor: _Cursor | None = None

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
        cursor = self._cursor
        if cursor is None or cursor.step > step or self._keyframe(step) > cursor.start:
            cursor = self._cursor = _Cursor(self, self._keyframe(step))
        try:
            cursor.move(step)
        except BaseException:
            self._cursor = None
            raise
        return self._state(cursor.walker, step)

    def events(self) -> Iterator[Event]:
        """Every event of the trace, with the step it belongs to."""
        for event, _ in self.walk():
            yield event

    def walk(self) -> Iterator[tuple[Event, Walker]]:
        """Every event with the state as it is just *before* it. The walker lives on: don't keep it."""
        walker = Walker(self.tables)
        step = 0
        for index in range(len(self._chunks)):
            for event in self._events(index, walker):
                step += event.kind in STOPS
                if step > self.steps:
                    return
                yield Event(Step(step), event.kind, event.site, event.operands), walker

    # -- inside --------------------------------------------------------------------------------

    def _keyframe(self, step: int) -> int:
        """The chunk of the last keyframe from which `step` is reached going forwards."""
        index = max(0, bisect_left(self._keyed_steps, step + 1) - 1)
        while index and self._keyed_steps[index] >= step and step:
            index -= 1
        return self._keyed[index]

    def _events(self, index: int, walker: Walker) -> Iterator[Made]:
        header = self._chunks[index].header
        return walker.events(self._body(index), self._output_before[index], keyframe=header.keyframe)

    def _body(self, index: int) -> Body:
        """A chunk's body, with what its patches are about."""
        body = self._decoded(index)
        if len(body.bases) == 0:
            body.rest_on(self._decoded)
        return body

    def _decoded(self, index: int) -> Body:
        body = self._bodies.get(index)
        if body is None:
            body = self._bodies[index] = decode(self._chunks[index], self.tables)
            if len(self._bodies) > _KEPT:
                self._bodies.popitem(last=False)
        else:
            self._bodies.move_to_end(index)
        return body

    def _state(self, machine: Walker, step: int) -> State:
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
        annotations = tuple(
            Annotation(
                ANNOTATIONS[kind], value(subject), None if key[0] == NOTHING else value(key), value(data)
            )
            for kind, subject, key, data in machine.annotations.values()
        )
        while pending:
            number = pending.pop()
            if number not in heap:
                found = machine.heap.object(number)
                items = tuple(_item(item, value) for item in found.items())
                heap[number] = HeapObject(found.id, found.shape, found.type, found.length, items)
        output = "".join(text for stream, text in self.tables.output[: machine.printed] if stream == 0)
        return State(step, frames[-1].line if frames else 0, frames, suspended, heap, output, annotations)


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

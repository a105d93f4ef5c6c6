"""Owns walking the path: from codes and columns to events, each worked out from the state as it is just before it.

docs/trace-format.md, "The path" and "Steps of a block", is what this module does.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from .chunks import TraceError
from .events import (
    ANNOTATIONS,
    CONTROL,
    CONTROL_OPERANDS,
    CONTROLS,
    FALSE,
    FIRST_BLOCK,
    FRAME_ACTIVE,
    FRAME_FINISHED,
    FRAME_SUSPENDED,
    LOOP_COUNT,
    LOOP_START,
    NONE,
    NOTHING,
    SITED,
    TAG_ATOM,
    TAG_CONSTANT,
    TRUE,
)
from .objects import ABSENT, Coded, coded_integer, integer_of
from .replay import Effects, MutableFrame
from .tables import Body, TraceTables

_SPLIT: Final = CONTROL["split"]
_ABORT: Final = CONTROL["abort"]


@dataclass(frozen=True, slots=True)
class Event:
    """One event with its operands. `site` is -1 where it has no place in the source."""

    kind: str
    site: int
    operands: tuple[Coded, ...]


class Walker(Effects):
    """The state of a program, moved on event by event."""

    def __init__(self, tables: TraceTables) -> None:
        super().__init__(tables)
        self._columns: dict[int, Iterator[int]] = {}
        self._taken: dict[int, Coded] = {}
        self._announced = False

    # -- chunks --------------------------------------------------------------------------------

    def events(self, body: Body, printed: int, *, keyframe: bool) -> Iterator[Event]:
        """The events of a chunk. Each is given before it takes effect, which it does when the next is asked for."""
        self.atoms, self.fills, self.fill_at = body.atoms, body.fills, 0
        self._columns = {number: iter(values) for number, values in body.columns.items()}
        self.heap.take(body, keyframe=keyframe)
        if keyframe:
            self.printed = printed
            self._restore(body.frames)
        for code in body.path:
            yield from self._code(code)
        if self.frames and not self._announced:
            yield from self._rest(self.frames[-1])

    def _restore(self, flat: list[int]) -> None:
        """The call stack and the annotations of a keyframe."""
        self.frames, self.suspended, self.annotations = [], {}, {}
        self._taken.clear()
        self._announced = False
        cells = iter(flat)

        def take() -> int:
            return next(cells)

        try:
            for _ in range(take()):
                number, unit, line, status, token, waits, block, done, spare, loops, size = (
                    take() for _ in range(11)
                )
                frame = MutableFrame(number, unit, line, status, token, {}, waits, block, done)
                frame.temporaries = [self._coded(take()) for _ in range(spare)]
                frame.loops = {take(): [take(), self._coded(take())] for _ in range(loops)}
                frame.names = {take(): self._coded(take()) for _ in range(size)}
                known = 0 <= unit < len(self.tables.units) and all(
                    0 <= n < len(self.tables.names) for n in frame.names
                )
                if not known or status not in (FRAME_ACTIVE, FRAME_SUSPENDED, FRAME_FINISHED) or block >= 0:
                    raise TraceError("a keyframe's call stack cannot be read")
                if status == FRAME_SUSPENDED:
                    self.suspended[token] = frame
                else:
                    self.frames.append(frame)
            for kind in cells:
                if not 0 <= kind < len(ANNOTATIONS):
                    raise TraceError("a keyframe has an unknown annotation")
                self.annotate(kind, *(self._coded(take()) for _ in range(3)))
        except (StopIteration, RuntimeError):
            raise TraceError("a keyframe's call stack cannot be read") from None

    def _coded(self, code: int) -> Coded:
        if code & 3 == TAG_ATOM and not 0 <= code >> 2 < len(self.atoms):
            raise TraceError(f"a value refers to the unknown atom {code >> 2}")
        return (code, self.atoms)

    def _take(self, column: int) -> Coded:
        values = self._columns.get(column)
        code = None if values is None else next(values, None)
        if code is None:
            raise TraceError(f"column {column} has too few values")
        taken = self._taken[column] = self._coded(code)
        return taken

    # -- codes ---------------------------------------------------------------------------------

    def _code(self, code: int) -> Iterator[Event]:
        if code == _SPLIT:
            yield from self._split()
            return
        if code == _ABORT:
            yield from self._abort()
            return
        if self._announced:
            self._announced = False
        elif self.frames:
            yield from self._rest(self.frames[-1])
        if code >= FIRST_BLOCK:
            yield from self._enter_block(code - FIRST_BLOCK)
        else:
            yield from self._control(code)

    def _plain(self, column: int) -> int:
        number = integer_of(self._take(column))
        if number is None:
            raise TraceError(f"column {column} has something that is no integer")
        return number

    def _split(self) -> Iterator[Event]:
        steps = self._plain(4 * _SPLIT)
        self._announced = True
        if self.frames:
            yield from self._steps(self.frames[-1], steps)

    def _abort(self) -> Iterator[Event]:
        steps = self._plain(4 * _ABORT)
        self._announced = False
        if self.frames:
            frame = self.frames[-1]
            yield from self._steps(frame, steps)
            frame.block = -1

    def _rest(self, frame: MutableFrame) -> Iterator[Event]:
        """All that is left of the frame's block."""
        if frame.block >= 0:
            yield from self._steps(frame, len(self.tables.blocks[frame.block][2]))
            frame.block = -1

    def _enter_block(self, block: int) -> Iterator[Event]:
        unit, _, steps = self.tables.blocks[block]
        first = next((step for step in steps if isinstance(step, list)), None)
        if first is not None and first[0] >= 0 and self.tables.sites[first[0]][0] == "enter":
            yield from self._enter_frame(block, steps, first)
            return
        if unit >= 0 and (not self.frames or self.frames[-1].unit != unit):
            for depth in range(len(self.frames) - 1, -1, -1):
                if self.frames[depth].unit == unit:
                    self.take_off(depth + 1)
                    break
            else:
                raise TraceError(f"block {block} has no frame to run in")
        frame = self.top()
        yield from self._rest(frame)
        frame.block, frame.done, frame.temporaries = block, 0, []

    def _enter_frame(self, block: int, steps: list[Any], first: list[Any]) -> Iterator[Event]:
        """A block that begins with `enter`: it happens at once, and the rest belongs to the new frame."""
        count = steps.index(first)
        temporaries = [self._take(column) for column in steps[:count]]
        holder = MutableFrame(-1, -1, 0, FRAME_ACTIVE, 0, {}, temporaries=temporaries)
        operands = tuple(self._source(source, holder) for source in first[1:])
        yield from self._event(first[0], operands)
        frame = self.top()
        frame.block, frame.done, frame.temporaries = block, count + 1, temporaries

    def _control(self, code: int) -> Iterator[Event]:
        name = CONTROLS[code]
        pattern = CONTROL_OPERANDS.get(name, "")
        operands = [self._take(4 * code + position) for position in range(len(pattern))]
        site = -1
        if name in SITED:
            number = integer_of(operands.pop(0))
            if number is None or not 0 <= number < len(self.tables.sites):
                raise TraceError(f"a {name} has an unknown site")
            site = number
        if name == "nop":
            return
        if name == "vanish":
            if len(self.frames) > 1:
                self.frames.pop()
        elif name == "align":
            self.wake(integer_of(operands[0]) or 0)
        elif name == "bind":
            self._bind_name(operands)
        elif name == "annotate":
            kind = integer_of(operands[0])
            if kind is None or not 0 <= kind < len(ANNOTATIONS):
                raise TraceError("an annotation of unknown kind")
            yield Event("annotate", site, tuple(operands))
            self.annotate(kind, *operands[1:])
        else:
            yield from self._event(site, tuple(operands), name)

    def _bind_name(self, operands: list[Coded]) -> None:
        name = integer_of(operands[0])
        if name is None or not 0 <= name < len(self.tables.names):
            raise TraceError("a variable has an unknown name")
        self.bind_below(name, operands[1])

    def _event(self, site: int, operands: tuple[Coded, ...], name: str = "") -> Iterator[Event]:
        row = self.tables.row(site, name)
        kind = name or row[0]
        yield Event(kind, site, operands)
        self.apply(kind, row, list(operands))

    # -- steps ---------------------------------------------------------------------------------

    def _steps(self, frame: MutableFrame, end: int) -> Iterator[Event]:
        """The steps of the frame's block before number `end`, as far as they have not happened."""
        if frame.block < 0:
            return
        steps = self.tables.blocks[frame.block][2]
        if not 0 <= end <= len(steps):
            raise TraceError(f"block {frame.block} has no step {end}")
        block = frame.block
        while frame.done < end and frame.block == block:
            step = steps[frame.done]
            frame.done += 1
            if type(step) is int:
                frame.temporaries.append(self._take(step))
            elif step[0] == LOOP_START:
                frame.loops[step[1]] = [-1, self._source(step[2], frame)]
            elif step[0] == LOOP_COUNT:
                if step[1] in frame.loops:
                    frame.loops[step[1]][0] += 1
            elif step[0] < 0:
                yield from self._event(step[2], self._next_element(step[1]))
            else:
                operands = [self._source(source, frame) for source in step[1:]]
                row = self.tables.sites[step[0]]
                if row[0] == "call":
                    operands.insert(1, coded_integer(row[6].get("name", 0)))
                yield from self._event(step[0], tuple(operands))
                if frame.status == FRAME_SUSPENDED or (
                    row[0] in ("leave", "yield") and frame not in self.frames[-1:]
                ):
                    frame.block = -1

    def _next_element(self, loop: int) -> tuple[Coded, Coded]:
        for frame in reversed(self.frames):
            found = frame.loops.get(loop)
            if found is not None:
                found[0] += 1
                return found[1], coded_integer(found[0])
        return ABSENT, coded_integer(-1)

    # -- sources -------------------------------------------------------------------------------

    def _source(self, source: Any, frame: MutableFrame) -> Coded:
        if type(source) is int:
            return frame.temporaries[source] if source < len(frame.temporaries) else ABSENT
        kind = source[0]
        if kind == "n":
            return self.top().names.get(source[1], ABSENT)
        if kind == "g":
            return self.frames[0].names.get(source[1], ABSENT) if self.frames else ABSENT
        if kind == "k":
            return constant(source[1])
        if kind == "p":
            return self._taken.get(source[1], ABSENT)
        if kind == "e":
            return self._element(self._source(source[1], frame), self._source(source[2], frame))
        if kind == "a":
            return self._attribute_value(self._source(source[1], frame), source[2])
        if kind == "c":
            position, start = self.top().loops.get(source[1], (0, ABSENT))
            number = integer_of(start)
            return ABSENT if number is None else coded_integer(number + position * source[2])
        if kind == "s":
            bounds = [_bound(self._source(part, frame)) for part in source[1:]]
            return (TAG_ATOM, [["slice", *bounds]])
        if kind == "l":
            subject = self.container(self._source(source[1], frame))
            return ABSENT if subject is None else coded_integer(subject.length)
        left, right = (integer_of(self._source(part, frame)) for part in source[1:])
        if left is None or right is None:
            return ABSENT
        if kind == "*" and left.bit_length() + right.bit_length() > 9_000:
            return ABSENT
        if kind in ("//", "%") and right == 0:
            return ABSENT
        return coded_integer(_ARITHMETIC[kind](left, right))

    def _element(self, container: Coded, key: Coded) -> Coded:
        subject = self.container(container)
        if subject is None or subject.shape == "object" or key[0] == NOTHING:
            return ABSENT
        if self.heap.overrides(subject, "__getitem__"):
            return ABSENT
        return self.heap.element(subject, key) or ABSENT

    def _attribute_value(self, container: Coded, name: int) -> Coded:
        subject = self.container(container)
        if subject is None or subject.shape != "object" or not isinstance(subject.held, dict):
            return ABSENT
        found = subject.held.get(self.tables.names[name])
        return ABSENT if found is None else found[1]


SAFE: Final = 1 << 53
"""Integers of smaller magnitude are exact in every reader's numbers."""

_ARITHMETIC: Final = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
}


def _bound(coded: Coded) -> int | None:
    """A bound of a slice, as its atom has it."""
    number = None if coded[0] & 3 == TAG_CONSTANT else integer_of(coded)
    return number if number is not None and abs(number) < SAFE else None


def constant(value: Any) -> Coded:
    """A constant of the meta."""
    if value is None:
        return (NONE, [])
    if value is True or value is False:
        return (TRUE if value else FALSE, [])
    if type(value) is int:
        return coded_integer(value)
    if isinstance(value, list) and value and isinstance(value[0], str):
        return (TAG_ATOM, [value])
    raise TraceError("a constant of another form")

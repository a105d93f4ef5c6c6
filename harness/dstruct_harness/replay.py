"""Owns what each event does to the state: frames and names as they change, and which objects change how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .chunks import TraceError
from .events import (
    ANNOTATIONS,
    FRAME_ACTIVE,
    FRAME_FINISHED,
    FRAME_SUSPENDED,
    NOTHING,
    TAG_ATOM,
    TAG_OBJECT,
    TOKEN_FRAMES,
)
from .objects import ABSENT, Coded, Heap, MutableObject, integer_of
from .tables import TraceTables


@dataclass(slots=True)
class MutableFrame:
    """A frame during replay. `block` is the block it is in, `done` how many of its steps have happened."""

    id: int
    unit: int
    line: int
    status: int
    token: int
    names: dict[int, Coded]
    waits: int = 0
    block: int = -1
    done: int = 0
    temporaries: list[Coded] = field(default_factory=list)
    loops: dict[int, list[Any]] = field(default_factory=dict)


class Effects:
    """What events do, given their operands. `path.Walker` makes the events."""

    def __init__(self, tables: TraceTables) -> None:
        self.tables = tables
        self.heap = Heap(tables)
        self.frames: list[MutableFrame] = []
        self.suspended: dict[int, MutableFrame] = {}
        self.annotations: dict[Any, tuple[int, Coded, Coded, Coded]] = {}
        self.printed = 0
        self.fills: list[int] = []
        self.fill_at = 0
        self.atoms: list[list[Any]] = []

    # -- frames --------------------------------------------------------------------------------

    def top(self) -> MutableFrame:
        if not self.frames:
            raise TraceError("an event needs a frame, and the call stack is empty")
        return self.frames[-1]

    def suspend(self, waits: int = 0) -> None:
        frame = self.frames.pop()
        frame.status = FRAME_SUSPENDED
        frame.waits = waits
        self.suspended[frame.token] = frame

    def take_off(self, count: int) -> None:
        """Frames above are left without a word: those with a token wait for the one suspended last."""
        while len(self.frames) > count:
            if self.frames[-1].token:
                self.suspend(next(reversed(self.suspended), 0))
            else:
                self.frames.pop()

    def wake(self, token: int) -> None:
        """Put a suspended frame, and before it those that wait for it, back on the stack; take off what is
        above it.
        """
        for depth, frame in enumerate(self.frames):
            if token and frame.token == token:
                self.take_off(depth + 1)
                return
        if token not in self.suspended:
            return
        chain = [token]
        while waiting := [t for t, f in self.suspended.items() if f.waits == chain[0] and t not in chain]:
            chain.insert(0, waiting[0])
        for one in chain:
            frame = self.suspended.pop(one)
            frame.status, frame.waits = FRAME_ACTIVE, 0
            self.frames.append(frame)

    # -- events --------------------------------------------------------------------------------

    def apply(self, event: str, row: list[Any], operands: list[Coded]) -> None:
        """One event's effect on the state."""
        action = getattr(self, f"_{event}", None)
        if action is not None:
            action(row, *operands)

    def container(self, coded: Coded) -> MutableObject | None:
        return self.heap.object(coded[0] >> 2) if coded[0] & 3 == TAG_OBJECT else None

    def _line(self, row: list[Any]) -> None:
        self.top().line = row[2]

    def _enter(self, row: list[Any], *values: Coded) -> None:
        if self.frames and self.frames[0].status == FRAME_FINISHED:
            self.frames.clear()
        detail, token = row[6], 0
        if detail.get("token"):
            token = integer_of(values[0]) or 0
            values = values[1:]
        names = {n: v for n, v in zip(detail.get("names", ()), values, strict=True) if v[0] != NOTHING}
        number = TOKEN_FRAMES + token if token else len(self.frames)
        self.frames.append(MutableFrame(number, detail["unit"], row[2], FRAME_ACTIVE, token, names))

    def _leave(self, row: list[Any], value: Coded) -> None:
        self.top()
        if len(self.frames) == 1:
            self.frames[0].status = FRAME_FINISHED
        else:
            self.frames.pop()

    _unwind = _leave

    def _yield(self, row: list[Any], value: Coded) -> None:
        if len(self.frames) > 1:
            self.suspend()

    def _resume(self, row: list[Any], token: Coded, value: Coded) -> None:
        self.wake(integer_of(token) or 0)

    def _scope(self, row: list[Any]) -> MutableFrame | None:
        scope = row[6].get("scope", "local")
        if scope == "local":
            return self.top()
        if scope == "global":
            bottom = self.frames[0] if self.frames else None
            return bottom if bottom and self.tables.units[bottom.unit][0] == "module" else None
        return next((f for f in reversed(self.frames) if f.unit == row[6].get("unit")), None)

    def _bind(self, row: list[Any], *values: Coded) -> None:
        frame = self._scope(row)
        if frame is not None:
            frame.names.update(zip(row[6]["names"], values, strict=True))

    def bind_below(self, name: int, value: Coded) -> None:
        """A name that is there already, in the bottom frame."""
        if self.frames:
            self.frames[0].names[name] = value

    def _unbind(self, row: list[Any]) -> None:
        frame = self._scope(row)
        if frame is not None:
            for name in row[6]["names"]:
                frame.names.pop(name, None)

    def _put(self, row: list[Any], container: Coded, key: Coded, value: Coded) -> None:
        subject = self.container(container)
        if subject is not None:
            self.heap.put(subject, key, value)

    def _set(self, row: list[Any], container: Coded, key: Coded, value: Coded) -> None:
        subject = self.container(container)
        if (
            subject is not None
            and subject.shape != "object"
            and not self.heap.overrides(subject, "__setitem__")
        ):
            self.heap.put(subject, key, value)

    def _remove(self, row: list[Any], container: Coded, key: Coded) -> None:
        subject = self.container(container)
        if subject is not None:
            self.heap.remove(subject, key)

    def _del(self, row: list[Any], container: Coded, key: Coded) -> None:
        subject = self.container(container)
        if (
            subject is not None
            and subject.shape != "object"
            and not self.heap.overrides(subject, "__delitem__")
        ):
            self.heap.remove(subject, key)

    def _attribute(self, row: list[Any], container: Coded, method: str) -> tuple[MutableObject | None, Coded]:
        name = self.tables.names[row[6]["name"]]
        subject = self.container(container)
        plain = subject is not None and subject.shape == "object" and not self.heap.overrides(subject, method)
        if not plain or subject is None or self.heap.described(subject, name):
            return None, ABSENT
        return subject, (TAG_ATOM, [["str", name]])

    def _setattr(self, row: list[Any], container: Coded, value: Coded) -> None:
        subject, key = self._attribute(row, container, "__setattr__")
        if subject is not None:
            self.heap.put(subject, key, value)

    def _delattr(self, row: list[Any], container: Coded) -> None:
        subject, key = self._attribute(row, container, "__delattr__")
        if subject is not None:
            self.heap.remove(subject, key)

    def _insert(self, row: list[Any], container: Coded, where: Coded, value: Coded) -> None:
        subject = self.container(container)
        if subject is not None:
            self.heap.insert(subject, where, value)

    def _add(self, row: list[Any], container: Coded, value: Coded) -> None:
        subject = self.container(container)
        if subject is not None:
            self.heap.add(subject, value)

    def _default(self, row: list[Any], container: Coded, key: Coded, value: Coded) -> None:
        subject = self.container(container)
        if subject is not None and subject.shape == "dict":
            self.heap.put(subject, key, value, only_new=True)

    def _missing(self, row: list[Any], container: Coded, key: Coded, value: Coded) -> None:
        subject = self.container(container)
        if (
            subject is not None
            and subject.type == "defaultdict"
            and not self.heap.overrides(subject, "__missing__")
        ):
            self.heap.put(subject, key, value, only_new=True)

    def _clear(self, row: list[Any], container: Coded) -> None:
        subject = self.container(container)
        if subject is not None:
            subject.held.clear()
            subject.length = 0

    def _reverse(self, row: list[Any], container: Coded) -> None:
        subject = self.container(container)
        if subject is not None and isinstance(subject.held, list):
            subject.held.reverse()

    def _fill(self, row: list[Any], container: Coded) -> None:
        subject, flat, at = self.container(container), self.fills, self.fill_at
        if subject is None:
            raise TraceError("a fill has no object")
        width = 2 if subject.shape in ("dict", "object") else 1
        if (
            at + 2 > len(flat)
            or flat[at + 1] < 0
            or at + 2 + flat[at + 1] * width > len(flat)
            or flat[at] < flat[at + 1]
        ):
            raise TraceError("a fill has no contents")
        end = at + 2 + flat[at + 1] * width
        self.heap.fill(subject, flat[at], flat[at + 2 : end], self.atoms)
        self.fill_at = end

    def _output(self, row: list[Any]) -> None:
        self.printed += 1

    def annotate(self, kind: int, subject: Coded, key: Coded, data: Coded) -> None:
        whom = self.heap.key_of(subject)
        if ANNOTATIONS[kind] == "clear":
            self.annotations = {k: v for k, v in self.annotations.items() if k[1] != whom}
            return
        place = (kind, whom, self.heap.key_of(key))
        if data[0] == NOTHING:
            self.annotations.pop(place, None)
        else:
            self.annotations[place] = (kind, subject, key, data)

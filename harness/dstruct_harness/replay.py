"""Owns what each event does to the state: the replay machine, on values as coded in the log.

A coded value travels with the atoms of the chunk it was written in, since atoms are numbered per chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .chunks import TraceError
from .events import FRAME_ACTIVE, FRAME_FINISHED, FRAME_SUSPENDED, OPERANDS, TAG_ATOM, TAG_INT, ObjectId
from .tables import Body, TraceTables

Coded = tuple[int, list[list[Any]]]


@dataclass(slots=True)
class MutableFrame:
    id: int
    unit: int
    line: int
    status: int
    names: dict[int, Coded]


@dataclass(slots=True)
class MutableObject:
    """An object during replay: `held` are its elements, or its pairs by comparable key."""

    id: ObjectId
    shape: str
    type: str
    length: int
    held: list[Any] | dict[Any, Any]

    @classmethod
    def build(
        cls,
        number: ObjectId,
        shape: str,
        name: str,
        length: int,
        entries: list[int],
        atoms: list[Any],
        tables: TraceTables,
    ) -> MutableObject:
        new = cls(number, shape, name, length, [] if shape in ("list", "tuple", "deque", "array") else {})
        new.fill(length, entries, atoms, tables)
        return new

    def fill(self, length: int, entries: list[int], atoms: list[Any], tables: TraceTables) -> None:
        self.length = length
        if isinstance(self.held, list):
            self.held = [(code, atoms) for code in entries]
        elif self.shape == "object":
            for name in entries[::2]:
                if not 0 <= name < len(tables.names):
                    raise TraceError(f"object {self.id} has an attribute without a name")
            pairs = zip(entries[::2], entries[1::2], strict=True)
            self.held = {tables.names[name]: [tables.names[name], (code, atoms)] for name, code in pairs}
        elif self.shape == "dict":
            pairs = zip(entries[::2], entries[1::2], strict=True)
            self.held = {key_of((key, atoms)): [(key, atoms), (code, atoms)] for key, code in pairs}
        else:
            self.held = {key_of((code, atoms)): (code, atoms) for code in entries}

    def items(self) -> list[Any]:
        return list(self.held) if isinstance(self.held, list) else list(self.held.values())

    def put(self, key: Coded, value: Coded) -> None:
        if isinstance(self.held, list):
            where = _integer(key)
            if 0 <= where < len(self.held):
                self.held[where] = value
            elif not 0 <= where < self.length:
                raise TraceError(f"object {self.id} has no element {where}")
            return
        name: Any = _text(key) if self.shape == "object" else key_of(key)
        old = self.held.get(name)
        if old is not None:
            old_key = old[0]
            self.held[name] = [old_key, value]
        elif self.length == len(self.held):
            self.held[name] = [name if self.shape == "object" else key, value]
            self.length += 1

    def insert(self, where: int, value: Coded) -> None:
        if not isinstance(self.held, list) or not 0 <= where <= self.length:
            raise TraceError(f"nothing can be inserted into object {self.id} at {where}")
        if self.length == len(self.held) or where < len(self.held):
            self.held.insert(where, value)
        self.length += 1

    def add(self, value: Coded) -> None:
        if isinstance(self.held, list):
            raise TraceError(f"object {self.id} is no set")
        if self.length == len(self.held) and key_of(value) not in self.held:
            self.held[key_of(value)] = value
            self.length += 1

    def remove(self, key: Coded) -> None:
        if isinstance(self.held, list):
            where = _integer(key)
            if not 0 <= where < self.length:
                raise TraceError(f"object {self.id} has no element {where}")
            if where < len(self.held):
                del self.held[where]
            self.length -= 1
            return
        partial = self.length > len(self.held)
        known = self.held.pop(_text(key) if self.shape == "object" else key_of(key), None)
        self.length -= 1 if known is not None or partial else 0


def key_of(coded: Coded) -> Any:
    """What tells one dict key or set member from another, independent of chunk."""
    code, atoms = coded
    if code & 3 != TAG_ATOM:
        return code
    if not 0 <= code >> 2 < len(atoms):
        raise TraceError(f"a key refers to the unknown atom {code >> 2}")
    return repr(atoms[code >> 2])


def _integer(coded: Coded) -> int:
    if coded[0] & 3 != TAG_INT:
        raise TraceError("an index is no integer")
    return coded[0] >> 2


def _text(coded: Coded) -> str:
    code, atoms = coded
    if code & 3 != TAG_ATOM or not 0 <= code >> 2 < len(atoms) or atoms[code >> 2][0] != "str":
        raise TraceError("an attribute's name is no string")
    return str(atoms[code >> 2][1])


@dataclass(slots=True)
class Machine:
    """The mutable state that events act on. `find` gives an object's contents at the start of the chunk."""

    tables: TraceTables
    body: Body
    find: Callable[[int], MutableObject]
    printed: int
    frames: list[MutableFrame] = field(default_factory=list)
    suspended: dict[int, MutableFrame] = field(default_factory=dict)
    entered: int = 0
    _objects: dict[int, MutableObject] = field(default_factory=dict)
    _fill_at: int = 0

    def __post_init__(self) -> None:
        flat = self.body.frames
        try:
            self.entered, count = flat[0], flat[1]
            at = 2
            for _ in range(count):
                number, unit, line, status, size = flat[at : at + 5]
                names = flat[at + 5 : at + 5 + 2 * size]
                at += 5 + 2 * size
                bound = {n: (v, self.body.atoms) for n, v in zip(names[::2], names[1::2], strict=True)}
                if size < 0 or len(bound) != size or not 0 <= unit < len(self.tables.units):
                    raise ValueError
                if any(not 0 <= name < len(self.tables.names) for name in bound) or status not in (0, 1, 2):
                    raise ValueError
                frame = MutableFrame(number, unit, line, status, bound)
                if status == FRAME_SUSPENDED:
                    self.suspended[number] = frame
                else:
                    self.frames.append(frame)
        except (ValueError, IndexError):
            raise TraceError("a chunk's call stack cannot be read") from None

    def object(self, number: int) -> MutableObject:
        found = self._objects.get(number)
        if found is None:
            found = self._objects[number] = self.find(number)
        return found

    def container(self, code: int) -> MutableObject:
        if code & 3 != 2:
            raise TraceError("an effect is on a value that is no object")
        return self.object(code >> 2)

    def apply(self, site: int, operands: tuple[int, ...]) -> None:
        """One event's effect on the state."""
        row = self.tables.sites[site]
        action = getattr(self, f"_{row[0]}", None)
        if action is not None:
            action(row, *operands)
        elif row[0] not in OPERANDS:
            raise TraceError(f"unknown event {row[0]}")

    def coded(self, code: int) -> Coded:
        return (code, self.body.atoms)

    def top(self) -> MutableFrame:
        if not self.frames:
            raise TraceError("an event needs a frame, and the call stack is empty")
        return self.frames[-1]

    def _line(self, row: list[Any]) -> None:
        self.top().line = row[2]

    def _enter(self, row: list[Any], *values: int) -> None:
        if self.frames and self.frames[0].status == FRAME_FINISHED:
            self.frames.clear()
        names = dict(zip(row[6].get("names", ()), map(self.coded, values), strict=True))
        self.frames.append(MutableFrame(self.entered, row[6]["unit"], row[2], FRAME_ACTIVE, names))
        self.entered += 1

    def _leave(self, row: list[Any], value: int) -> None:
        if len(self.frames) == 1:
            self.frames[0].status = FRAME_FINISHED
        else:
            self.top()
            self.frames.pop()

    _unwind = _leave

    def _yield(self, row: list[Any], value: int) -> None:
        if len(self.frames) > 1:
            frame = self.frames.pop()
            frame.status = FRAME_SUSPENDED
            self.suspended[frame.id] = frame

    def _resume(self, row: list[Any], number: int, value: int) -> None:
        frame = self.suspended.pop(number, None)
        if frame is None:
            raise TraceError(f"frame {number} is resumed but not suspended")
        frame.status = FRAME_ACTIVE
        self.frames.append(frame)

    def _scope(self, row: list[Any]) -> MutableFrame | None:
        scope = row[6].get("scope", "local")
        if scope == "local":
            return self.top()
        if scope == "global":
            bottom = self.frames[0] if self.frames else None
            return bottom if bottom and self.tables.units[bottom.unit][0] == "module" else None
        return next((f for f in reversed(self.frames) if f.unit == row[6].get("unit")), None)

    def _bind(self, row: list[Any], *values: int) -> None:
        frame = self._scope(row)
        if frame is not None:
            frame.names.update(zip(row[6]["names"], map(self.coded, values), strict=True))

    def _unbind(self, row: list[Any]) -> None:
        frame = self._scope(row)
        if frame is not None:
            for name in row[6]["names"]:
                frame.names.pop(name, None)

    def _set(self, row: list[Any], container: int, key: int, value: int) -> None:
        self.container(container).put(self.coded(key), self.coded(value))

    _put = _set

    def _del(self, row: list[Any], container: int, key: int) -> None:
        self.container(container).remove(self.coded(key))

    _remove = _del

    def _attribute(self, row: list[Any]) -> Coded:
        return (TAG_ATOM, [["str", self.tables.names[row[6]["name"]]]])

    def _setattr(self, row: list[Any], container: int, value: int) -> None:
        self.container(container).put(self._attribute(row), self.coded(value))

    def _delattr(self, row: list[Any], container: int) -> None:
        self.container(container).remove(self._attribute(row))

    def _insert(self, row: list[Any], container: int, where: int, value: int) -> None:
        self.container(container).insert(where, self.coded(value))

    def _add(self, row: list[Any], container: int, value: int) -> None:
        self.container(container).add(self.coded(value))

    def _fill(self, row: list[Any], container: int) -> None:
        subject, flat, at = self.container(container), self.body.fills, self._fill_at
        width = 2 if subject.shape in ("dict", "object") else 1
        if at + 2 > len(flat) or flat[at + 1] < 0 or at + 2 + flat[at + 1] * width > len(flat):
            raise TraceError("a fill has no contents")
        end = at + 2 + flat[at + 1] * width
        subject.fill(flat[at], flat[at + 2 : end], self.body.atoms, self.tables)
        self._fill_at = end

    def _output(self, row: list[Any]) -> None:
        self.printed += 1

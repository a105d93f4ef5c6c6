"""Owns what each event does to the state: frames, objects and names as they change, on values as coded in the log.

A coded value travels with the atoms of the chunk it was written in, since atoms are numbered per chunk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from .chunks import TraceError
from .events import (
    ANNOTATIONS,
    FRAME_ACTIVE,
    FRAME_FINISHED,
    FRAME_SUSPENDED,
    NOTHING,
    SEQUENCES,
    SMALL_INT,
    TAG_ATOM,
    TAG_CONSTANT,
    TAG_INT,
    TAG_OBJECT,
    TOKEN_FRAMES,
    ObjectId,
)
from .tables import Body, Record, TraceTables

Coded = tuple[int, list[list[Any]]]

ABSENT: Final[Coded] = (NOTHING, [])


def integer_of(coded: Coded) -> int | None:
    """The integer that a value is; None if it is none. Truth values count, as in Python."""
    code, atoms = coded
    if code & 3 == TAG_INT:
        return code >> 2
    if code & 3 == TAG_CONSTANT:
        return {1: 0, 2: 1}.get(code >> 2)
    if code & 3 == TAG_ATOM and 0 <= code >> 2 < len(atoms):
        atom = atoms[code >> 2]
        if atom[0] == "int" and len(atom) == 2:
            try:
                return int(atom[1])
            except (ValueError, TypeError):
                return None
    return None


def coded_integer(value: int) -> Coded:
    if -SMALL_INT <= value < SMALL_INT:
        return (value << 2, [])
    return (TAG_ATOM, [["int", str(value)]]) if value.bit_length() <= 8_192 else ABSENT


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


@dataclass(slots=True)
class MutableObject:
    """An object during replay: `held` are its elements, or its pairs by comparable key."""

    id: ObjectId
    kind: int
    shape: str
    type: str
    length: int
    held: list[Any] | dict[Any, Any]

    def items(self) -> list[Any]:
        return list(self.held) if isinstance(self.held, list) else list(self.held.values())


class Heap:
    """Objects by id, built from their records when they are first asked for."""

    def __init__(self, tables: TraceTables) -> None:
        self.tables = tables
        self._objects: dict[int, MutableObject] = {}
        self._records: dict[int, tuple[Record, list[list[Any]]]] = {}

    def take(self, body: Body, *, keyframe: bool) -> None:
        """The records of a chunk that begins."""
        if keyframe:
            self._objects.clear()
            self._records.clear()
        for number, record in body.objects.items():
            if number not in self._records:
                self._records[number] = (record, body.atoms)

    def object(self, number: int) -> MutableObject:
        found = self._objects.get(number)
        if found is None:
            record = self._records.get(number)
            if record is None:
                raise TraceError(f"object {number} was never recorded")
            (kind, length, entries), atoms = record
            shape, name = self.tables.types[kind][:2]
            held: list[Any] | dict[Any, Any] = [] if shape in SEQUENCES else {}
            found = self._objects[number] = MutableObject(ObjectId(number), kind, shape, name, length, held)
            self.fill(found, length, entries, atoms)
        return found

    def overrides(self, subject: MutableObject, method: str) -> bool:
        return method in self.tables.types[subject.kind][2]

    def described(self, subject: MutableObject, name: str) -> bool:
        return name in self.tables.types[subject.kind][3]

    # -- keys ----------------------------------------------------------------------------------

    def key_of(self, coded: Coded) -> Any:
        """What tells one dict key or set member from another (docs/trace-format.md, "Equal keys")."""
        code, atoms = coded
        tag, payload = code & 3, code >> 2
        number = integer_of(coded)
        if number is not None:
            return ("number", number)
        if tag == TAG_OBJECT:
            return self._object_key(payload)
        if tag == TAG_CONSTANT:
            return ("constant", payload)
        if not 0 <= payload < len(atoms):
            raise TraceError(f"a key refers to the unknown atom {payload}")
        atom = atoms[payload]
        if atom[0] in ("float", "complex"):
            try:
                value = complex(atom[1])
            except (ValueError, TypeError, IndexError):
                raise TraceError("a number cannot be read") from None
            if value == value:
                return ("number", value.real if value.imag == 0 else value)
        return ("atom", repr(atom))

    def _object_key(self, number: int, depth: int = 0) -> Any:
        subject = self.object(number)
        if depth < 100 and subject.shape == "tuple":
            return ("tuple", tuple(self._part_key(item, depth) for item in subject.items()))
        if depth < 100 and subject.shape == "frozenset":
            return ("frozenset", frozenset(self._part_key(item, depth) for item in subject.items()))
        return ("object", number)

    def _part_key(self, coded: Coded, depth: int) -> Any:
        return self._object_key(coded[0] >> 2, depth + 1) if coded[0] & 3 == TAG_OBJECT else self.key_of(coded)

    # -- contents ------------------------------------------------------------------------------

    def fill(self, subject: MutableObject, length: int, entries: list[int], atoms: list[Any]) -> None:
        """New contents for an object."""
        subject.length = length
        if isinstance(subject.held, list):
            subject.held = [(code, atoms) for code in entries]
        elif subject.shape == "object":
            names = self.tables.names
            pairs = zip(entries[::2], entries[1::2], strict=True)
            subject.held = {names[name]: [names[name], (code, atoms)] for name, code in pairs}
        elif subject.shape == "dict":
            pairs = zip(entries[::2], entries[1::2], strict=True)
            subject.held = {self.key_of((key, atoms)): [(key, atoms), (code, atoms)] for key, code in pairs}
        else:
            subject.held = {self.key_of((code, atoms)): (code, atoms) for code in entries}

    def position(self, subject: MutableObject, key: Coded) -> int | None:
        """The element that a sequence index means, counted from 0; None if there is none."""
        where = integer_of(key)
        if where is None:
            return None
        where += subject.length if where < 0 else 0
        return where if 0 <= where < subject.length else None

    def element(self, subject: MutableObject, key: Coded) -> Coded | None:
        """What is held under a key; None if nothing."""
        if isinstance(subject.held, list):
            where = self.position(subject, key)
            return subject.held[where] if where is not None and where < len(subject.held) else None
        name = text_of(key) if subject.shape == "object" else self.key_of(key)
        found = subject.held.get(name)
        return found[1] if isinstance(found, list) else found

    def put(self, subject: MutableObject, key: Coded, value: Coded, *, only_new: bool = False) -> None:
        if isinstance(subject.held, list):
            where = self.position(subject, key)
            if where is not None and where < len(subject.held):
                subject.held[where] = value
            return
        attribute = subject.shape == "object"
        name: Any = text_of(key) if attribute else self.key_of(key)
        old = subject.held.get(name)
        if old is None:
            whole = subject.length == len(subject.held)
            subject.held[name] = [name if attribute else key, value]
            subject.length += whole
        elif not only_new and isinstance(old, list):
            subject.held[name] = [old[0], value]

    def insert(self, subject: MutableObject, key: Coded, value: Coded) -> None:
        where = integer_of(key)
        if not isinstance(subject.held, list) or where is None:
            return
        where = max(0, where + subject.length) if where < 0 else min(where, subject.length)
        if subject.length == len(subject.held) or where < len(subject.held):
            subject.held.insert(where, value)
        subject.length += 1

    def add(self, subject: MutableObject, value: Coded) -> None:
        if isinstance(subject.held, dict) and self.key_of(value) not in subject.held:
            whole = subject.length == len(subject.held)
            subject.held[self.key_of(value)] = value
            subject.length += whole

    def remove(self, subject: MutableObject, key: Coded) -> None:
        if isinstance(subject.held, list):
            where = self.position(subject, key)
            if where is not None:
                del subject.held[where : where + 1]
                subject.length -= 1
            return
        name = text_of(key) if subject.shape == "object" else self.key_of(key)
        partial = subject.length > len(subject.held)
        known = subject.held.pop(name, None)
        if known is not None or partial:
            subject.length = max(len(subject.held), subject.length - 1)


def text_of(coded: Coded) -> str:
    code, atoms = coded
    if code & 3 != TAG_ATOM or not 0 <= code >> 2 < len(atoms) or atoms[code >> 2][0] != "str":
        raise TraceError("an attribute's name is no string")
    return str(atoms[code >> 2][1])


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
        """Put a suspended frame, and before it those that wait for it, back on the stack; take off what is above it."""
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
        if subject is not None and subject.shape != "object" and not self.heap.overrides(subject, "__setitem__"):
            self.heap.put(subject, key, value)

    def _remove(self, row: list[Any], container: Coded, key: Coded) -> None:
        subject = self.container(container)
        if subject is not None:
            self.heap.remove(subject, key)

    def _del(self, row: list[Any], container: Coded, key: Coded) -> None:
        subject = self.container(container)
        if subject is not None and subject.shape != "object" and not self.heap.overrides(subject, "__delitem__"):
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
        if subject is not None and subject.type == "defaultdict" and not self.heap.overrides(subject, "__missing__"):
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
        if at + 2 > len(flat) or flat[at + 1] < 0 or at + 2 + flat[at + 1] * width > len(flat) or flat[at] < flat[at + 1]:
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

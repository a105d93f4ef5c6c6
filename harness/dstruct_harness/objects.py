"""Owns the objects of a trace while it is replayed: their contents, their keys, and how elements come and go.

A coded value travels with the atoms of the chunk it was written in, since atoms are numbered per chunk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from .chunks import TraceError
from .events import NOTHING, SEQUENCES, SMALL_INT, TAG_ATOM, TAG_CONSTANT, TAG_INT, TAG_OBJECT, ObjectId
from .tables import Body, Patch, Record, TraceTables

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
        self._patches: dict[int, tuple[Patch, list[list[Any]]]] = {}

    def take(self, body: Body, *, keyframe: bool) -> None:
        """The records of a chunk that begins."""
        if keyframe:
            self._objects.clear()
            self._records.clear()
            self._patches.clear()
        for number, record in body.objects.items():
            if number not in self._records:
                self._records[number] = (record, body.atoms)
        for number, patch in body.patches.items():
            whole, atoms = body.bases[patch.chunk]
            self._records[number] = (whole[number], atoms)
            self._patches[number] = (patch, body.atoms)

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
            if number in self._patches and isinstance(found.held, list):
                patch, atoms = self._patches[number]
                for position, code in patch.changes:
                    if position < len(found.held):
                        found.held[position] = (code, atoms)
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
        return (
            self._object_key(coded[0] >> 2, depth + 1) if coded[0] & 3 == TAG_OBJECT else self.key_of(coded)
        )

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

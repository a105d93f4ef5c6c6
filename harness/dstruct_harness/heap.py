"""Owns which objects of the learner's are known, under which id, and their contents before their first change.

Entries hold their object strongly, so that an `id()` cannot be reused while we know it; what only we still hold is
dropped at the next sweep. A container's contents before its first change are kept by `first`, which the transformed
code calls for unknown containers; contents that never changed can be read whenever they are needed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from .events import TAG_OBJECT, ObjectId
from .shapes import ATOMIC_TYPES, Contents, Shape, describe, length

_ATOMS: Final = frozenset(ATOMIC_TYPES)
_IN_TUPLES: Final = frozenset((int, str))


def by_content(value: Any) -> bool:
    """Whether a value is told by what it holds and not by its identity: a tuple of nothing but integers and text.

    Programs make them by the million (`seen.add((row, col))`), and nobody asks whether two of them are the same.
    """
    return type(value) is tuple and _IN_TUPLES.issuperset(map(type, value))


def all_by_content(values: list[tuple[Any, ...]]) -> bool:
    """The same of many tuples, at once."""
    return _IN_TUPLES.issuperset(map(type, chain.from_iterable(values)))


@dataclass(slots=True, eq=False)
class Entry:
    """One known container."""

    id: ObjectId
    subject: Any
    shape: Shape


def _own_references() -> int:
    """What `sys.getrefcount(entry.subject)` says when nobody but the entry holds the subject."""
    entry = Entry(ObjectId(0), object(), describe(object, frozenset()))
    return sys.getrefcount(entry.subject)


_OWN: Final = _own_references()


class Heap:
    """Known objects by identity."""

    def __init__(self, learner_modules: frozenset[str]) -> None:
        self.known: set[int] = set()
        """`id()` of every container whose contents are in the log or kept for it."""
        self.entries: dict[int, Entry] = {}
        """Containers the log knows, by `id()`; valid because entries hold them."""
        self.codes: dict[int, int] = {}
        """Their values as coded in the log, by `id()`."""
        self.tuples: dict[tuple[Any, ...], int] = {}
        """Coded values of known tuples that are told by what they hold."""
        self._firsts: dict[int, tuple[Any, Contents, int]] = {}
        self.shapes: dict[int, Shape] = {}
        self._held: list[type] = []
        self._modules = learner_modules
        self._last_id = 0
        self._sweep_at = 2_000

    def shape(self, kind: type) -> Shape:
        found = self.shapes.get(id(kind))
        if found is None:
            found = self.shapes[id(kind)] = describe(kind, self._modules)
            self._held.append(kind)
        return found

    def first(self, subject: Any) -> Any:
        """Keep the contents of an unknown container before its first change; give the subject back, whatever
        it is.
        """
        number = id(subject)
        if number not in self.known:
            shape = self.shapes.get(id(type(subject))) or self.shape(type(subject))
            if shape.read is not None:
                contents = shape.read(subject)
                size = len(contents) if shape.builtin is None else length(shape, subject, contents)
                self._firsts[number] = (subject, contents, size)
                self.known.add(number)
        return subject

    def add(self, subject: Any, shape: Shape) -> tuple[Entry, Contents, int]:
        """A new entry, the contents it had until now, and its true length then."""
        number = id(subject)
        kept = self._firsts.pop(number, None)
        if kept is not None:
            _, contents, size = kept
        else:
            assert shape.read is not None
            contents = shape.read(subject)
            size = length(shape, subject, contents)
        self._last_id += 1
        entry = Entry(ObjectId(self._last_id), subject, shape)
        self.entries[number] = entry
        code = self.codes[number] = self._last_id << 2 | TAG_OBJECT
        if by_content(subject):
            self.tuples[subject] = code
        self.known.add(number)
        return entry, contents, size

    def now(self, entry: Entry) -> tuple[Entry, Contents, int]:
        """An entry with the contents it has now, and their true number."""
        shape, subject = entry.shape, entry.subject
        assert shape.read is not None
        contents = shape.read(subject)
        return entry, contents, length(shape, subject, contents)

    def sweep(self, *, always: bool = False) -> None:
        """Drop what nobody but us holds any more. Amortised: runs when the heap has grown by half since the last."""
        if len(self.entries) < self._sweep_at and not always:
            return
        candidates = list(self.entries.values())
        while candidates:
            dead = [entry for entry in candidates if sys.getrefcount(entry.subject) == _OWN]
            again: list[Entry] = []
            for entry in dead:
                number = id(entry.subject)
                again += self._children(entry)
                del self.entries[number], self.codes[number]
                if by_content(entry.subject):
                    self.tuples.pop(entry.subject, None)
                self.known.discard(number)
                entry.subject = None
            dead.clear()
            candidates = list(
                {entry.id: entry for entry in again if id(entry.subject) in self.entries}.values()
            )
            again.clear()
        self._sweep_at = max(2_000, len(self.entries) * 3 // 2)

    def _children(self, entry: Entry) -> list[Entry]:
        """Known objects inside one that is going: they may be next."""
        assert entry.shape.read is not None
        contents = entry.shape.read(entry.subject)
        items: Any = contents if isinstance(contents, list) else contents.values()
        if entry.shape.shape == "dict":
            items = chain.from_iterable(items)
        elif _ATOMS.issuperset(map(type, items)):
            return []
        found = list(filter(None, map(self.entries.get, map(id, items))))
        return [child for child in found if child is not entry] if entry in found else found

    def release(self) -> None:
        """Let go of every object of the learner's."""
        self.entries.clear()
        self.codes.clear()
        self.tuples.clear()
        self._firsts.clear()
        self.known.clear()
        self.shapes.clear()
        self._held.clear()

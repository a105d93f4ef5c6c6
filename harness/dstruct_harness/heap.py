"""Owns the recorder's copy of the learner's heap: which objects are known, under which id, with which contents.

Entries hold their object strongly, so that an `id()` cannot be reused while we know it; what only we still hold is
dropped at the next sweep. A container's contents before its first change are kept by `first`, which the transformed
code calls for unknown containers; contents that never change can be read whenever they are needed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .events import ObjectId
from .shapes import Contents, Shape, describe, length


@dataclass(slots=True, eq=False)
class Entry:
    """One known container. `size` is its true length, `changed` the last chunk it was born or changed in."""

    id: ObjectId
    subject: Any
    shape: Shape
    contents: Contents
    size: int
    changed: int = 0

    @property
    def partial(self) -> bool:
        """Whether only a preview of it is recorded."""
        return self.size > len(self.contents)


def _own_references() -> int:
    """What `sys.getrefcount(entry.subject)` says when nobody but the entry holds the subject."""
    entry = Entry(ObjectId(0), object(), describe(object, frozenset()), [], 0)
    return sys.getrefcount(entry.subject)


_OWN: Final = _own_references()


class Heap:
    """Known objects by identity. `born` is called with each new entry before anything changes it."""

    def __init__(self, learner_modules: frozenset[str]) -> None:
        self.known: set[int] = set()
        self.recent: dict[ObjectId, Entry] = {}
        """Entries in the order of their last change."""
        self.entries: dict[int, Entry] = {}
        """Known containers by `id()`; valid because entries hold them."""
        self._firsts: dict[int, tuple[Any, Contents, int]] = {}
        self._shapes: dict[int, Shape] = {}
        self._modules = learner_modules
        self._last_id = 0
        self._sweep_at = 1_000

    def shape(self, kind: type) -> Shape:
        found = self._shapes.get(id(kind))
        if found is None:
            found = self._shapes[id(kind)] = describe(kind, self._modules)
        return found

    def first(self, subject: Any) -> None:
        """Keep the contents of an unknown container before its first change; anything else is left alone."""
        number = id(subject)
        if number not in self.known:
            shape = self.shape(type(subject))
            if shape.read is not None:
                contents = shape.read(subject)
                self._firsts[number] = (subject, contents, length(shape, subject, contents))
                self.known.add(number)

    def entry(self, subject: Any, chunk: int, born: Callable[[Entry], None]) -> Entry | None:
        """The entry of a container, made if need be; None for values without parts."""
        number = id(subject)
        found = self.entries.get(number)
        if found is not None:
            return found
        shape = self.shape(type(subject))
        if shape.read is None:
            return None
        kept = self._firsts.pop(number, None)
        if kept is not None:
            _, contents, size = kept
        else:
            contents = shape.read(subject)
            size = length(shape, subject, contents)
        self._last_id += 1
        found = Entry(ObjectId(self._last_id), subject, shape, contents, size, chunk)
        self.entries[number] = self.recent[found.id] = found
        self.known.add(number)
        born(found)
        return found

    def touch(self, entry: Entry, chunk: int) -> None:
        """Note that an entry changed, for the next keyframes."""
        entry.changed = chunk
        del self.recent[entry.id]
        self.recent[entry.id] = entry

    def changed_since(self, chunk: int) -> list[Entry]:
        """Entries born or changed in `chunk` or later, latest first."""
        result = []
        for entry in reversed(self.recent.values()):
            if entry.changed < chunk:
                break
            result.append(entry)
        return result

    def sweep(self) -> None:
        """Drop what nobody but us holds any more. Amortised: runs when the heap has grown by half since the last."""
        if len(self.entries) < self._sweep_at:
            return
        while dead := [entry for entry in self.entries.values() if sys.getrefcount(entry.subject) == _OWN]:
            for entry in dead:
                number = id(entry.subject)
                del self.entries[number]
                del self.recent[entry.id]
                self.known.discard(number)
            del entry
            dead.clear()
        self._sweep_at = max(1_000, len(self.entries) * 3 // 2)

    def all(self) -> list[Entry]:
        return list(self.entries.values())

    def release(self) -> None:
        """Let go of every object of the learner's."""
        self.entries.clear()
        self._firsts.clear()
        self.recent.clear()
        self.known.clear()
        self._shapes.clear()

"""Owns when a keyframe is due, and what it says of large containers: whole, or what has changed since an earlier one.

A patch is always about a whole record, never about another patch, and the whole records that a keyframe's patches are
about stand in few chunks: a reader needs no more than these.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import compress, count
from operator import ne
from typing import Final

from .columns import raw
from .events import KEYFRAME_STEPS, TAG_ATOM
from .values import Birth, Values

LEAST: Final = 64
"""Containers of fewer entries are written whole."""
_MOST_CHUNKS: Final = 4
"""Chunks that the patches of one keyframe are about, at most."""
_MOST_ENTRIES: Final = 1 << 22
"""Entries that are remembered, 4 bytes each."""
_MOST_CHANGED: Final = 8
"""One of so many entries may have changed; else the record is written whole."""

_ATOMS: Final = bytes(range(TAG_ATOM, 256, 4))


_LEAST_STEPS: Final = 8
_MOST_STEPS: Final = 32
_OBJECT_SIZE: Final = 6
"""Integers of the record of a small object: what the first keyframe costs is not known before."""
_FEW_STEPS: Final = 4 * KEYFRAME_STEPS
_LEAST_BYTES: Final = 8
_LEAST_SECONDS: Final = 32
"""Before the next keyframe there is at least so much of the run for each integer, byte and second that the last one
cost, but not more than the most steps, nor than a few: a reader has to walk them.
"""


@dataclass(slots=True)
class Cost:
    """What the last keyframe cost: integers in its records, were they whole; seconds; bytes of the chunk that it is in.
    When it was made, and the bytes of the log after it.
    """

    size: int = 0
    seconds: float = 0.0
    made: float = 0.0
    bytes: int = 0
    written: int = 0

    def allows(self, steps: int, objects: int, written: int, now: float) -> bool:
        """Whether another may follow, `steps` later, when there are so many objects and the log has the length
        `written`.
        """
        size = max(self.size, _OBJECT_SIZE * objects)
        if steps < max(KEYFRAME_STEPS, _LEAST_STEPS * size):
            return False
        if steps >= max(_FEW_STEPS, _MOST_STEPS * size):
            return True
        cheap = written - self.written >= _LEAST_BYTES * self.bytes
        return cheap and now - self.made >= _LEAST_SECONDS * self.seconds


@dataclass(frozen=True, slots=True)
class _Whole:
    """A record that keyframe `chunk` has whole. Atoms mean something else in each chunk, so it has none."""

    chunk: int
    kind: int
    length: int
    entries: array[int]


class Patches:
    """The whole records of the keyframes so far, by object. Between `begin` and `end` one keyframe is written."""

    def __init__(self) -> None:
        self._known: dict[int, _Whole] = {}
        self._next: dict[int, _Whole] = {}
        self._bases: frozenset[int] = frozenset()
        self._room = _MOST_ENTRIES

    def begin(self) -> None:
        """A keyframe begins: what it says nothing of is forgotten at its end."""
        chunks = sorted({whole.chunk for whole in self._known.values()})
        self._bases = frozenset(chunks[1 - _MOST_CHUNKS :])
        self._next, self._room = {}, _MOST_ENTRIES

    def end(self) -> None:
        self._known, self._next = self._next, {}

    def write(self, values: Values, objects: list[Birth], chunk: int) -> int:
        """Write objects' records into keyframe `chunk`; how many integers patches saved."""
        values.record([one for one in objects if len(one[1]) < LEAST])
        saved = 0
        for one in objects:
            entry, contents, _ = one
            if len(contents) >= LEAST:
                at = len(values.records)
                values.record([one])
                if entry.shape.shape != "object":
                    whole = values.records[at:]
                    short = self.shorten(whole, chunk, sequence=isinstance(contents, list))
                    values.records[at:] = short
                    saved += len(whole) - len(short)
        return saved

    def shorten(self, record: list[int], chunk: int, *, sequence: bool) -> list[int]:
        """A record of keyframe `chunk`, or the patch that says the same (docs/trace-format.md, "Objects")."""
        number, kind, length, _ = record[:4]
        entries = array("i", record[4:])
        lowest = raw(record[4:])[::4]
        if len(lowest.translate(None, _ATOMS)) < len(lowest) or self._room < len(entries):
            return record
        self._room -= len(entries)
        known = self._known.get(number)
        if known is not None and known.chunk in self._bases:
            changed = _changes(known, kind, length, entries, sequence=sequence)
            if changed is not None:
                self._next[number] = known
                patch = [number, kind, length, -1, known.chunk, len(changed)]
                for position in changed:
                    patch += (position, entries[position])
                return patch
        self._next[number] = _Whole(chunk, kind, length, entries)
        return record


def _changes(
    known: _Whole, kind: int, length: int, entries: array[int], *, sequence: bool
) -> list[int] | None:
    """Which entries are others now; None where that cannot be said, or is no shorter than the record."""
    if (kind, length, len(entries)) != (known.kind, known.length, len(known.entries)):
        return None
    if entries.tobytes() == known.entries.tobytes():
        return []
    if not sequence:
        return None
    changed = list(compress(count(), map(ne, entries, known.entries)))
    return changed if len(changed) * _MOST_CHANGED <= len(entries) else None

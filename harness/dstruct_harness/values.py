"""Owns how a chunk's values are coded: columns of the learner's objects become columns of 32-bit integers.

A column mostly holds values of one kind. Its kinds are found with one pass at C speed (`set(map(type, ...))`), and
each kind has its own way; only
mixed columns and values met for the first time cost a call each.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain, islice
from typing import Any, Final

from .atoms import Atom, atom, exception_atom
from .columns import fits_value, pack, pack_booleans, pack_floats, pack_large, pack_raw, raw
from .events import ELLIPSIS, FALSE, FORM_INTEGERS, NONE, NOTHING, SMALL_INT, TAG_ATOM, TAG_OBJECT, TRUE
from .heap import Entry, Heap, all_by_content, by_content
from .program import Tables
from .shapes import Contents, Shape, length

_INT: Final = {int}
_FLOAT: Final = {float}
_BOOL: Final = {bool}
_STR: Final = {str}
_TUPLE: Final = {tuple}
_BY_VALUE: Final = {int, str, float}
"""What is told by its value; anything else by its identity."""


_FEW: Final = 8
"""Fewer values than this are coded one by one: finding out what they have in common would take longer."""


def _small(values: list[int]) -> bytes | None:
    """Integers as `columns.raw` has them; None where one is too large to travel inside a value."""
    try:
        numbers = raw(values)
    except OverflowError:
        return None
    return numbers if fits_value(numbers) else None


def _parts(shape: Shape, contents: Contents) -> Collection[Any]:
    """The values in contents, in the order in which a record has them."""
    if isinstance(contents, list):
        return contents
    if shape.shape == "dict":
        return [part for pair in contents.values() for part in pair]
    return contents.values()


Birth = tuple[Entry, Contents, int]
"""An object to record, with its contents and their true number."""


class Missing:
    """Stands for no value in a column of ours."""


NO_VALUE: Final = Missing()
_SINGLE: Final = ((None, NONE), (True, TRUE), (False, FALSE), (Ellipsis, ELLIPSIS), (NO_VALUE, NOTHING))
"""Values of which there is one each, and their codes."""


class Values:
    """The values of one chunk: its atoms, and the records of objects first met in it."""

    def __init__(self, tables: Tables, heap: Heap) -> None:
        self._tables = tables
        self.heap = heap
        self.types: list[list[Any]] = []
        heap.codes.update({id(value): code for value, code in _SINGLE})
        self._type_ids: dict[int, int] = {}
        self.begin()

    def begin(self) -> None:
        """A new chunk: no atoms yet."""
        self.atoms: list[Atom] = []
        self.records: list[int] = []
        self._texts: dict[str, int] = {}
        self._atom_ids: dict[Any, int] = {}
        self._held: dict[int, tuple[int, Any]] = {}
        """Codes of what is an atom by its identity, with the object itself, by `id()`."""
        self._fresh: list[Birth] = []

    # -- columns -------------------------------------------------------------------------------

    def column(self, values: list[Any]) -> bytes:
        """A column of values of any kind, packed. New objects wait in `drain`."""
        kinds = set(map(type, values))
        if kinds == _INT:
            numbers = _small(values)
            if numbers is not None:
                return pack_raw(numbers, FORM_INTEGERS)
            large = pack_large(values) if len(values) >= _FEW else None
            if large is not None:
                return large
        elif kinds == _FLOAT:
            return pack_floats(values)
        elif kinds == _BOOL:
            return pack_booleans(values)
        return pack(self.codes(values, kinds))

    def codes(self, values: list[Any], kinds: set[type] | None = None) -> list[int]:
        """The values' codes."""
        if len(values) < _FEW:
            code = self.code
            return [code(value) for value in values]
        kinds = set(map(type, values)) if kinds is None else kinds
        known, texts = self.heap.codes.get, self._texts.get
        found: list[Any]
        if kinds == _STR:
            for text in dict.fromkeys(values):
                if text not in self._texts:
                    self._texts[text] = self._new_atom(atom(text))
            found = list(map(texts, values))
        elif kinds == _TUPLE and all_by_content(values):
            found = list(map(self.heap.tuples.get, values))
        elif not kinds & _BY_VALUE:
            found = list(map(known, map(id, values)))
        else:
            found = [
                value << 2
                if (kind := type(value)) is int and -SMALL_INT <= value < SMALL_INT
                else texts(value)
                if kind is str
                else known(id(value))
                for value in values
            ]
        if None in found:
            self._meet(found, values)
        return found

    def _meet(self, found: list[Any], values: list[Any]) -> None:
        """Code the values that have no code yet, most of which are met for the first time."""
        known, shapes, add, fresh = self.heap.codes.get, self.heap.shapes.get, self.heap.add, self._fresh
        place = -1
        for _ in range(found.count(None)):
            place = found.index(None, place + 1)
            value = values[place]
            shape = shapes(id(type(value)))
            if shape is None or shape.read is None or shape.kind is tuple:
                found[place] = self.code(value)
                continue
            code = known(id(value))
            if code is None:
                birth = add(value, shape)
                fresh.append(birth)
                code = birth[0].id << 2 | TAG_OBJECT
            found[place] = code

    def code(self, value: Any) -> int:
        """One value's code."""
        kind = type(value)
        if kind is int:
            if -SMALL_INT <= value < SMALL_INT:
                return value << 2  # type: ignore[no-any-return]
            return self._known_atom(value, value)
        known = self.heap.codes.get(id(value))
        if known is not None:
            return known
        if kind is str:
            found = self._texts.get(value)
            if found is None:
                found = self._texts[value] = self._new_atom(atom(value))
            return found
        if kind is float:
            return self._known_atom(("float", float.__repr__(value)), value)
        if kind is tuple and by_content(value) and (known := self.heap.tuples.get(value)) is not None:
            return known
        shape = self.heap.shape(kind)
        if shape.read is not None:
            return self._birth(value, shape)
        held = self._held.get(id(value))
        if held is None:
            new = exception_atom(value, shape.name, plain=shape.plain) if shape.error else atom(value)
            held = self._held[id(value)] = (self._known_atom(tuple(new), value, new), value)
        return held[0]

    def _known_atom(self, key: Any, value: Any, new: Atom | None = None) -> int:
        known = self._atom_ids.get(key)
        if known is None:
            known = self._atom_ids[key] = self._new_atom(atom(value) if new is None else new)
        return known

    def _new_atom(self, new: Atom) -> int:
        self.atoms.append(new)
        return (len(self.atoms) - 1) << 2 | TAG_ATOM

    # -- objects -------------------------------------------------------------------------------

    def _birth(self, subject: Any, shape: Shape) -> int:
        self._fresh.append(self.heap.add(subject, shape))
        return self.heap.codes[id(subject)]

    def drain(self) -> None:
        """Write the records of objects met since the last time, and of what they hold."""
        while self._fresh:
            fresh, self._fresh = self._fresh, []
            self.record(fresh)

    def forget_births(self) -> None:
        """Objects met since `drain` are written by somebody else."""
        self._fresh.clear()

    def record(self, objects: list[Birth]) -> None:
        """Objects' records. The values of all of them are coded together."""
        alike: dict[Any, list[Birth]] = {}
        others: list[Birth] = []
        flat: list[Any] = []
        for birth in objects:
            entry, contents, _ = birth
            shape = entry.shape
            if shape.shape == "object":
                alike.setdefault((shape.name, id(shape), *contents), []).append(birth)
            else:
                others.append(birth)
                flat += contents if type(contents) is list else _parts(shape, contents)
        for group in alike.values():
            self._record_alike(group)
        codes = iter(self.codes(flat))
        records, kinds = self.records, self._type_ids
        for entry, contents, size in others:
            shape, count = entry.shape, len(contents)
            kind = kinds.get(id(shape.kind))
            records += (entry.id, self.type(shape) if kind is None else kind, size, count)
            records += islice(codes, 2 * count if shape.shape == "dict" else count)

    def _record_alike(self, objects: list[Birth]) -> None:
        """Records of objects of one class with the same attributes, written attribute by attribute."""
        (entry, contents, count), times = objects[0], len(objects)
        names = [self._tables.name(name) for name in contents]
        codes = self.codes(list(chain.from_iterable(_parts(entry.shape, held) for entry, held, _ in objects)))
        width = 4 + 2 * count
        rows = [count] * (width * times)
        rows[0::width] = [entry.id for entry, _, _ in objects]
        rows[1::width] = [self.type(entry.shape)] * times
        for place, name in enumerate(names):
            rows[4 + 2 * place :: width] = [name] * times
            rows[5 + 2 * place :: width] = codes[place::count]
        self.records += rows

    def fill(self, subject: Any, contents: Contents, fills: list[int]) -> None:
        """Add new contents of a known object to the fills of this chunk."""
        shape = self.heap.shape(type(subject))
        size = max(length(shape, subject, contents), len(contents)) if contents else 0
        codes = self.codes(list(_parts(shape, contents)))
        if shape.shape == "object":
            names = [self._tables.name(name) for name in contents]
            codes = [part for pair in zip(names, codes, strict=True) for part in pair]
        fills += (size, len(contents), *codes)

    def type(self, shape: Shape) -> int:
        found = self._type_ids.get(id(shape.kind))
        if found is None:
            found = self._type_ids[id(shape.kind)] = len(self.types)
            described = [name for name in sorted(shape.described) if not name.startswith("__")]
            self.types.append([shape.shape, shape.name, sorted(shape.overrides), described])
        return found

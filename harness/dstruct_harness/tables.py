"""Owns reading a trace's static tables and decoding one chunk's body into plain lists, everything range-checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from .chunks import Chunk, Cursor, TraceError, inflate
from .events import (
    CONTROLS,
    FIRST_BLOCK,
    FIRST_COLUMN,
    LOOP_COUNT,
    OPERANDS,
    PAIRED,
    SEQUENCES,
    SHAPES,
    operand_count,
)

Record = tuple[int, int, list[int]]
"""Type id, true length, flat entries."""


@dataclass(frozen=True, slots=True)
class Patch:
    """An object that is as in keyframe `chunk`, but for the elements at some positions."""

    kind: int
    length: int
    chunk: int
    changes: list[tuple[int, int]]


@dataclass(slots=True)
class TraceTables:
    """The trace-wide tables, as far as the chunks read say."""

    sources: list[list[str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    units: list[list[Any]] = field(default_factory=list)
    types: list[list[Any]] = field(default_factory=list)
    sites: list[list[Any]] = field(default_factory=list)
    blocks: list[list[Any]] = field(default_factory=list)
    output: list[list[Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None

    def take(self, chunk: Chunk) -> None:
        """Append a chunk's meta. Raises TraceError where it has another form."""
        where = f"chunk {chunk.header.index}"
        first_site, first_block = len(self.sites), len(self.blocks)
        forms = {
            "sources": (str, str),
            "names": str,
            "units": (str, str, int, int, int),
            "types": (str, str, list, list),
            "sites": (str, int, int, int, int, int, dict),
            "blocks": (int, int, list),
            "output": (int, str),
        }
        for key, form in forms.items():
            rows = chunk.meta.get(key, [])
            if not isinstance(rows, list) or not all(_has_form(row, form) for row in rows):
                raise TraceError(f"{where} has {key} of another form")
            getattr(self, key).extend(rows)
        end = chunk.meta.get("end")
        if end is not None:
            if not isinstance(end, dict) or not isinstance(end.get("stopReason"), str):
                raise TraceError(f"{where} has an end of another form")
            self.end = end
        self._check(where, first_site)
        for unit, _, steps in self.blocks[first_block:]:
            if not -1 <= unit < len(self.units):
                raise TraceError(f"{where} has a block in an unknown unit")
            _BlockCheck(self, where).check(steps)

    def row(self, site: int, event: str = "") -> list[Any]:
        """A site's row; for an event that has no site, one that says nothing."""
        return self.sites[site] if site >= 0 else [event, -1, 0, 0, 0, 0, {}]

    def _check(self, where: str, first: int) -> None:
        for shape, _, overrides, described in self.types:
            if shape not in SHAPES or not all(isinstance(name, str) for name in [*overrides, *described]):
                raise TraceError(f"{where} has an object type of unknown shape")
        for event, unit, *_, detail in self.sites[first:]:
            if event not in OPERANDS:
                raise TraceError(f"{where} has a site of unknown event {event!r}")
            if not -1 <= unit < len(self.units):
                raise TraceError(f"{where} has a site in an unknown unit")
            named = detail.get("names", [])
            if not isinstance(named, list) or not all(_is_index(name, self.names) for name in named):
                raise TraceError(f"{where} has a site with unknown names")
            if event in ("getattr", "setattr", "delattr") and not _is_index(detail.get("name"), self.names):
                raise TraceError(f"{where} has an attribute site without a name")
            if event == "enter" and not _is_index(detail.get("unit"), self.units):
                raise TraceError(f"{where} has an enter site without a unit")


_ARITHMETIC: Final = ("+", "-", "*", "//", "%")
DEEPEST: Final = 16
"""How deeply sources may nest."""


class _BlockCheck:
    """Checks the steps of one block."""

    def __init__(self, tables: TraceTables, where: str) -> None:
        self.tables = tables
        self.where = where
        self.temporaries = 0

    def check(self, steps: list[Any]) -> None:
        for step in steps:
            if type(step) is int:
                if not FIRST_COLUMN <= step < 1 << 24:
                    raise TraceError(f"{self.where} has a block with an unknown column")
                self.temporaries += 1
            elif not isinstance(step, list) or not step or type(step[0]) is not int:
                raise TraceError(f"{self.where} has a block step of another form")
            else:
                self.event(step)

    def event(self, step: list[Any]) -> None:
        site, *sources = step
        if site == -1 and len(sources) == 2 and type(sources[0]) is int:
            self.source(sources[1])
        elif (
            site == -2
            and len(sources) == 2
            and type(sources[0]) is int
            and _is_index(sources[1], self.tables.sites)
        ):
            if self.tables.sites[sources[1]][0] != "iter":
                raise TraceError(f"{self.where} has a loop whose site is not one")
        elif site == LOOP_COUNT and len(sources) == 1 and type(sources[0]) is int:
            return
        elif _is_index(site, self.tables.sites):
            if len(sources) != operand_count(self.tables.sites[site]):
                raise TraceError(
                    f"{self.where} has an event with another number of operands than its site has"
                )
            for source in sources:
                self.source(source)
        else:
            raise TraceError(f"{self.where} has a block step at an unknown site")

    def source(self, source: Any, depth: int = 0) -> None:
        if type(source) is int:
            if 0 <= source < self.temporaries:
                return
        elif isinstance(source, list) and source and depth < DEEPEST:
            kind, *rest = source
            if kind == "k" and len(rest) == 1:
                return
            if kind in ("n", "g") and len(rest) == 1 and _is_index(rest[0], self.tables.names):
                return
            if kind == "p" and len(rest) == 1 and type(rest[0]) is int:
                return
            if (kind in _ARITHMETIC or kind == "e") and len(rest) == 2:
                self.source(rest[0], depth + 1)
                self.source(rest[1], depth + 1)
                return
            if kind == "c" and len(rest) == 2 and all(type(part) is int for part in rest):
                return
            if kind == "s" and len(rest) == 3:
                for part in rest:
                    self.source(part, depth + 1)
                return
            if kind == "l" and len(rest) == 1:
                self.source(rest[0], depth + 1)
                return
            if kind == "a" and len(rest) == 2 and _is_index(rest[1], self.tables.names):
                self.source(rest[0], depth + 1)
                return
        raise TraceError(f"{self.where} has an operand with an unknown source")


def _has_form(row: Any, form: Any) -> bool:
    if isinstance(form, tuple):
        return isinstance(row, list) and len(row) == len(form) and all(map(_has_form, row, form))
    return type(row) is form


def _is_index(value: Any, table: list[Any]) -> bool:
    return type(value) is int and 0 <= value < len(table)


@dataclass(slots=True)
class Body:
    """One chunk, decoded: everything in it is in range, whether or not it makes sense together."""

    atoms: list[list[Any]]
    frames: list[int]
    objects: dict[int, Record]
    fills: list[int]
    path: list[int]
    columns: dict[int, list[int]]
    patches: dict[int, Patch]
    """Of a keyframe: objects that are as in an earlier one, but for some elements."""
    bases: dict[int, tuple[dict[int, Record], list[list[Any]]]] = field(default_factory=dict)
    """Records and atoms of the chunks that the patches are about, once `rest_on` has found them."""

    def rest_on(self, body_of: Callable[[int], Body]) -> None:
        """Find the records that the patches are about. Raises TraceError where one is not there to be patched."""
        for number, patch in self.patches.items():
            if patch.chunk not in self.bases:
                base = body_of(patch.chunk)
                if not base.frames:
                    raise TraceError(
                        f"object {number} is patched in chunk {patch.chunk}, which is no keyframe"
                    )
                self.bases[patch.chunk] = (base.objects, base.atoms)
            record = self.bases[patch.chunk][0].get(number)
            if record is None or record[:2] != (patch.kind, patch.length):
                raise TraceError(f"object {number} is patched, but is not there to be patched")


def decode(chunk: Chunk, tables: TraceTables) -> Body:
    """The body of a chunk. Raises TraceError where it contradicts itself or the tables."""
    where = f"chunk {chunk.header.index}"
    cursor = Cursor(inflate(chunk), chunk.header.index)
    atoms = cursor.atoms()
    frames, flat, fills, path = (cursor.column() for _ in range(4))
    most = FIRST_BLOCK + len(tables.blocks)
    if any(not (0 <= code < len(CONTROLS) or FIRST_BLOCK <= code < most) for code in path):
        raise TraceError(f"{where} enters an unknown block")
    columns: dict[int, list[int]] = {}
    for _ in range(cursor.number()):
        number = cursor.number()
        if number in columns:
            raise TraceError(f"{where} has column {number} twice")
        columns[number] = cursor.column(atoms)
    cursor.end()
    objects, patches = records(flat, tables, where, chunk.header.index if chunk.header.keyframe else 0)
    return Body(atoms, frames, objects, fills, path, columns, patches)


def records(
    flat: list[int], tables: TraceTables, where: str, before: int = 0
) -> tuple[dict[int, Record], dict[int, Patch]]:
    """Object records and patches by id; the first of an id wins, since keyframes come before births. Patches are of
    chunks `before` this one.
    """
    found: dict[int, Record] = {}
    patches: dict[int, Patch] = {}
    at = 0
    while at < len(flat):
        if at + 4 > len(flat):
            raise TraceError(f"{where} has an incomplete object")
        number, kind, length, shown = flat[at : at + 4]
        if not 0 <= kind < len(tables.types):
            raise TraceError(f"{where} has an object of unknown type")
        shape = tables.types[kind][0]
        if shown == -1:
            patch, at = _patch(flat, at, shape, where, before)
            if number not in found:
                patches.setdefault(number, patch)
            continue
        width = 2 if shape in PAIRED else 1
        end = at + 4 + shown * width
        if shown < 0 or length < shown or end > len(flat):
            raise TraceError(f"{where} has an object of impossible size")
        entries = flat[at + 4 : end]
        if shape == "object" and any(not 0 <= name < len(tables.names) for name in entries[::2]):
            raise TraceError(f"{where} has an object with an attribute that has no name")
        if number not in patches:
            found.setdefault(number, (kind, length, entries))
        at = end
    return found, patches


def _patch(flat: list[int], at: int, shape: str, where: str, before: int) -> tuple[Patch, int]:
    """The patch whose record begins at `at`, and where it ends."""
    if at + 6 > len(flat):
        raise TraceError(f"{where} has an incomplete patch")
    _, kind, length, _, chunk, count = flat[at : at + 6]
    end = at + 6 + 2 * count
    if not 0 <= chunk < before:
        raise TraceError(f"{where} has a patch of a chunk that is not before it")
    if count < 0 or length < 0 or end > len(flat) or (count and shape not in SEQUENCES):
        raise TraceError(f"{where} has a patch of impossible size")
    changes = list(zip(flat[at + 6 : end : 2], flat[at + 7 : end : 2], strict=True))
    if any(not 0 <= position < length for position, _ in changes):
        raise TraceError(f"{where} has a patch beyond its object")
    return Patch(kind, length, chunk, changes), end

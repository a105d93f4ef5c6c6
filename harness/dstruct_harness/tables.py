"""Owns reading a trace's static tables and decoding one chunk's body into plain lists, everything range-checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .chunks import Chunk, Cursor, TraceError, inflate
from .events import OPERANDS, PAIRED, SHAPES, operand_count

Record = tuple[int, int, list[int]]
"""Type id, true length, flat entries."""


@dataclass(slots=True)
class TraceTables:
    """The trace-wide tables, as far as the chunks read say."""

    sources: list[list[str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    units: list[list[Any]] = field(default_factory=list)
    types: list[list[str]] = field(default_factory=list)
    sites: list[list[Any]] = field(default_factory=list)
    output: list[list[Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None

    def take(self, chunk: Chunk) -> None:
        """Append a chunk's meta. Raises TraceError where it has another form."""
        where = f"chunk {chunk.header.index}"
        forms = {
            "sources": (str, str),
            "names": str,
            "units": (str, str, int, int, int),
            "types": (str, str),
            "sites": (str, int, int, int, int, int, dict),
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
        self._check(where)

    def _check(self, where: str) -> None:
        if any(shape not in SHAPES for shape, _ in self.types):
            raise TraceError(f"{where} has an object type of unknown shape")
        for event, unit, *_, detail in self.sites:
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


def _has_form(row: Any, form: Any) -> bool:
    if isinstance(form, tuple):
        return isinstance(row, list) and len(row) == len(form) and all(map(_has_form, row, form))
    return type(row) is form


def _is_index(value: Any, table: list[Any]) -> bool:
    return type(value) is int and 0 <= value < len(table)


@dataclass(slots=True)
class Body:
    """One chunk, decoded. `events` are `(site, operands)` in order."""

    atoms: list[list[Any]]
    objects: dict[int, Record]
    frames: list[int]
    fills: list[int]
    events: list[tuple[int, tuple[int, ...]]]


def decode(chunk: Chunk, tables: TraceTables) -> Body:
    """The body of a chunk. Raises TraceError where it contradicts itself or the tables."""
    where = f"chunk {chunk.header.index}"
    cursor = Cursor(inflate(chunk), chunk.header.index)
    atoms = cursor.atoms()
    flat, frames, fills, used, codes = (cursor.column() for _ in range(5))
    if any(not 0 <= site < len(tables.sites) for site in used):
        raise TraceError(f"{where} uses an unknown site")
    if any(not 0 <= code < len(used) for code in codes):
        raise TraceError(f"{where} has an event without a site")
    rows = []
    for site in used:
        columns = [cursor.column() for _ in range(operand_count(tables.sites[site]))]
        rows.append(iter(zip(*columns, strict=True)) if columns else None)
    cursor.end()
    events: list[tuple[int, tuple[int, ...]]] = []
    try:
        for code in codes:
            row = rows[code]
            events.append((used[code], next(row) if row is not None else ()))
    except (StopIteration, ValueError):
        raise TraceError(f"{where} has fewer operands than events") from None
    return Body(atoms, records(flat, tables, where), frames, fills, events)


def records(flat: list[int], tables: TraceTables, where: str) -> dict[int, Record]:
    """Object records by id; the first of an id wins, since keyframes come before births."""
    found: dict[int, Record] = {}
    at = 0
    while at < len(flat):
        if at + 4 > len(flat):
            raise TraceError(f"{where} has an incomplete object")
        number, kind, length, shown = flat[at : at + 4]
        if not 0 <= kind < len(tables.types):
            raise TraceError(f"{where} has an object of unknown type")
        width = 2 if tables.types[kind][0] in PAIRED else 1
        end = at + 4 + shown * width
        if shown < 0 or length < shown or end > len(flat):
            raise TraceError(f"{where} has an object of impossible size")
        found.setdefault(number, (kind, length, flat[at + 4 : end]))
        at = end
    return found

"""Owns the static tables of a traced program: sources, names, units, sites, and the recorder's operations.

The transform fills them, the encoder reads them, the chunk writer sends what is new. An *op* is what one hook in
the transformed code logs: its number, followed by `width` operands. One op may lead to several sites (a `for`
loop's next element is read and bound at once), because the log of the learner's events must not depend on how
cheaply we record them.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, Final, Literal

UnitKind = Literal["module", "function", "class", "lambda"]

NO_SITE: Final = -1


@dataclass(frozen=True, slots=True)
class Unit:
    """A code object of the learner's: what a frame belongs to."""

    id: int
    kind: UnitKind
    name: str
    source: int
    line: int
    parent: int


@dataclass(frozen=True, slots=True)
class Op:
    """One hook: `kind` names the encoder's handler; `width` is how many operands follow its number in the log.

    `site` is its first trace site, `extra` a second one where it has one; `unit` the code it is in; `names` the
    identifiers it is about; `link` the op it continues (a store's values, a loop's iterable), `position` its place.
    """

    id: int
    kind: str
    width: int
    site: int
    unit: int
    names: tuple[str, ...] = ()
    extra: int = NO_SITE
    link: int = -1
    position: int = 0
    floating: bool = False
    """Inside a generator expression: runs while other frames are on top."""


@dataclass(slots=True)
class Tables:
    """The growing tables of one trace. Append-only: ids are positions."""

    sources: list[tuple[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    sites: list[list[Any]] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    _name_ids: dict[str, int] = field(default_factory=dict)

    def source(self, filename: str, text: str) -> int:
        self.sources.append((filename, text))
        return len(self.sources) - 1

    def name(self, text: str) -> int:
        known = self._name_ids.get(text)
        if known is None:
            known = self._name_ids[text] = len(self.names)
            self.names.append(text)
        return known

    def unit(self, kind: UnitKind, name: str, source: int, line: int, parent: int = -1) -> Unit:
        unit = Unit(len(self.units), kind, name, source, line, parent)
        self.units.append(unit)
        return unit

    def site(self, event: str, unit: int, node: ast.AST | None, detail: dict[str, Any] | None = None) -> int:
        line, col = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        end_line = getattr(node, "end_lineno", None) or line
        end_col = getattr(node, "end_col_offset", None) or col
        self.sites.append([event, unit, line, col, end_line, end_col, detail or {}])
        return len(self.sites) - 1

    def op(self, kind: str, width: int, unit: int, **more: Any) -> Op:
        op = Op(len(self.ops), kind, width, more.pop("site", NO_SITE), unit, **more)
        self.ops.append(op)
        return op

"""Owns the static tables of a traced program: sources, names, units, sites, blocks, and the columns values go to.

The transform fills them, the encoder reads them, the chunk writer sends what is new.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from .events import FIRST_BLOCK, FIRST_COLUMN, LOOP_COUNT, LOOP_NEXT, LOOP_START

UnitKind = Literal["module", "function", "class", "lambda"]
Source = int | list[Any]
"""Where an operand comes from: a block's temporary, or a form of docs/trace-format.md, "Steps of a block"."""

ANYWHERE: Final = -1
"""The unit of blocks inside generator expressions: they run on whatever frame is on top."""

LOGGING: Final = "log"
"""What `Step.op` says of a step that is done when its value is in its column."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A code object of the learner's: what a frame belongs to."""

    id: int
    kind: UnitKind
    name: str
    source: int
    line: int
    parent: int


class Step(NamedTuple):
    """One step of a block, as the log's meta has it, and which instruction does it.

    `op` is a class of opcodes whose instruction, ending at `end` (line, column), completes the step; empty for
    steps that are
    complete as soon as the one before is, and the program has reached the place `start` (line, column) or left the
    range
    from `start` to `stop`.
    """

    form: Any
    op: str = ""
    end: tuple[int, int] = (0, 0)
    start: tuple[int, int] = (0, 0)
    stop: tuple[int, int] = (0, 0)

    def reached(self, place: tuple[int, int]) -> bool:
        """Whether an instruction of the source at `place` comes after this step, which needs no instruction
        of its own.
        """
        return not self.start <= place <= self.stop if self.stop > (0, 0) else place >= self.start


@dataclass(eq=False, slots=True)
class Block:
    """A straight piece of code. Grows while it is transformed."""

    id: int
    unit: int
    line: int
    steps: list[Step] = field(default_factory=list)
    temporaries: int = 0

    @property
    def code(self) -> int:
        return FIRST_BLOCK + self.id


@dataclass(frozen=True, slots=True)
class Counting:
    """A loop over a `range` of known step: its variable's values follow from the first."""

    id: int
    name: str
    step: int


@dataclass(slots=True)
class Tables:
    """The growing tables of one trace. Append-only: ids are positions."""

    sources: list[tuple[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    sites: list[list[Any]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    columns: int = FIRST_COLUMN
    loops: int = 0
    counting: dict[int, list[Counting]] = field(default_factory=dict)
    """Counting loops by the unit they are in."""
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
        place = node.__dict__ if node is not None else {}
        line, col = place.get("lineno", 0), place.get("col_offset", 0)
        end_line, end_col = place.get("end_lineno") or line, place.get("end_col_offset") or col
        self.sites.append([event, unit, line, col, end_line, end_col, detail or {}])
        return len(self.sites) - 1

    def block(self, unit: int, line: int) -> Block:
        block = Block(len(self.blocks), unit, line)
        self.blocks.append(block)
        return block

    def column(self) -> int:
        self.columns += 1
        return self.columns - 1

    def loop(self) -> int:
        self.loops += 1
        return self.loops - 1

    def events_of(self, block: Block, start: int = 0) -> list[str]:
        """The events that the block's steps make, from step `start` on."""
        events = []
        for step in block.steps[start:]:
            number = step.form[0] if isinstance(step.form, list) else LOOP_START
            if number not in (LOOP_START, LOOP_COUNT):
                events.append("iter" if number == LOOP_NEXT else self.sites[number][0])
        return events

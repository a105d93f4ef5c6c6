"""Owns where a traced code object is when an instruction runs: in which block, and how many of its steps are done.

Only asked when an exception leaves a block, or Python itself calls a function in the middle of one. Our own calls
are told from the learner's by the text columns that `emit.marked` gave them; other steps by the kind of instruction
and where its expression ends.
"""

from __future__ import annotations

import opcode
from collections.abc import Mapping
from types import CodeType
from typing import Final, NamedTuple

from .emit import MARK_BLOCK, MARK_COLUMN
from .events import FIRST_BLOCK
from .program import LOGGING, Block, Tables


class Place(NamedTuple):
    """`done` steps of block number `block` are complete when the instruction begins, `after` if what it does
    counts.
    """

    block: int
    done: int
    after: int
    total: int


NOWHERE: Final = Place(-1, 0, 0, 0)

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "get": ("BINARY_SUBSCR", "BINARY_SLICE", "BINARY_OP"),
    "set": ("STORE_SUBSCR", "STORE_SLICE"),
    "del": ("DELETE_SUBSCR",),
    "getattr": ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"),
    "setattr": ("STORE_ATTR",),
    "delattr": ("DELETE_ATTR",),
    "call": ("CALL", "CALL_KW", "CALL_FUNCTION_EX"),
}
_CALLS: Final = frozenset(opcode.opmap[name] for name in ("CALL", "CALL_KW") if name in opcode.opmap)
_OPCODES: Final = {
    kind: frozenset(opcode.opmap[name] for name in names if name in opcode.opmap)
    for kind, names in _KINDS.items()
}


def first_block(code: CodeType) -> int | None:
    """The block that a traced code object begins with; None where we put nothing into it."""
    for instruction, (_, _, column, _) in zip(code.co_code[::2], code.co_positions(), strict=True):
        if instruction in _CALLS and column is not None and MARK_BLOCK <= column < MARK_COLUMN:
            return column - MARK_BLOCK - FIRST_BLOCK
    return None


def places(code: CodeType, tables: Tables) -> list[Place]:
    """The place of each instruction, by half its offset."""
    result: list[Place] = []
    block: Block | None = None
    done = 0
    for instruction, (line, end_line, column, end_column) in zip(
        code.co_code[::2], code.co_positions(), strict=True
    ):
        marked = instruction in _CALLS and column is not None and column >= MARK_BLOCK
        if marked and column < MARK_COLUMN:  # type: ignore[operator]
            block, done = tables.blocks[column - MARK_BLOCK - FIRST_BLOCK], 0  # type: ignore[operator]
        if block is None:
            result.append(NOWHERE)
            continue
        place = (line or 0, column or 0) if column is None or column < MARK_BLOCK else (0, 0)
        done = after = _instant(block, done, place)
        if done < len(block.steps):
            step = block.steps[done]
            if marked:
                after += step.op == LOGGING and step.form == column - MARK_COLUMN  # type: ignore[operator]
            elif (
                step.op in _OPCODES
                and instruction in _OPCODES[step.op]
                and step.end == (end_line, end_column)
            ):
                after += 1
        if after > done:  # what goes with it is done with it
            after = _instant(block, after, (0, 0))
        result.append(Place(block.id, done, after, len(block.steps)))
        done = after
    return result


def _instant(block: Block, done: int, place: tuple[int, int]) -> int:
    """`done` and the steps after it that need no instruction of their own, as far as the program has got."""
    while done < len(block.steps) and not block.steps[done].op and block.steps[done].reached(place):
        done += 1
    return done

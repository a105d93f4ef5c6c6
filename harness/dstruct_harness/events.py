"""Owns the vocabulary of the log: which events exist, what operands they carry, which of them are stops.

One table, read by the encoder, the decoder and the documentation's test; docs/trace-format.md is its prose.
Object shapes and value tags live here too, because writer and reader must never disagree on them.
"""

from __future__ import annotations

from typing import Any, Final, NewType

Step = NewType("Step", int)
"""Number of stops that have happened: 0 is before the first line."""

ObjectId = NewType("ObjectId", int)
"""Names one object for a whole trace; never reused."""

FORMAT_VERSION: Final = 1

# Operand kinds: v value, c container (a value), k key (a value), i plain integer, * one value per `names`.
OPERANDS: Final[dict[str, str]] = {
    "line": "",
    "enter": "*",
    "leave": "v",
    "unwind": "v",
    "raise": "v",
    "yield": "v",
    "resume": "iv",
    "bind": "*",
    "unbind": "",
    "get": "ck",
    "set": "ckv",
    "del": "ck",
    "contains": "cki",
    "iter": "ci",
    "getattr": "c",
    "setattr": "cv",
    "delattr": "c",
    "call": "civ",
    "put": "ckv",
    "insert": "civ",
    "remove": "ck",
    "add": "cv",
    "fill": "c",
    "output": "",
    "late": "c",
}

EFFECTS: Final = ("put", "insert", "remove", "add", "fill", "output", "late")
"""Events that belong to the stop before them and have no place in the source."""

STOPS: Final = frozenset(OPERANDS) - frozenset(EFFECTS) - {"bind", "unbind"}

SHAPES: Final = ("list", "tuple", "deque", "array", "dict", "set", "frozenset", "object")
SEQUENCES: Final = frozenset(("list", "tuple", "deque", "array"))
PAIRED: Final = frozenset(("dict", "object"))
"""Shapes whose entries are two integers in a record (key or name, value)."""

TAG_INT: Final = 0
TAG_ATOM: Final = 1
TAG_OBJECT: Final = 2
TAG_CONSTANT: Final = 3

SMALL_INT: Final = 1 << 29
"""Integers with a smaller magnitude travel inside the value itself."""

NONE: Final = (0 << 2) | TAG_CONSTANT
FALSE: Final = (1 << 2) | TAG_CONSTANT
TRUE: Final = (2 << 2) | TAG_CONSTANT
ELLIPSIS: Final = (3 << 2) | TAG_CONSTANT
NOTHING: Final = (4 << 2) | TAG_CONSTANT
NOT_RECORDED: Final = (5 << 2) | TAG_CONSTANT


def operand_count(site: list[Any]) -> int:
    """How many operands an event of this site (a row of the sites table) carries."""
    pattern = OPERANDS[site[0]]
    return len(site[6].get("names", ())) if pattern == "*" else len(pattern)


FRAME_ACTIVE: Final = 0
FRAME_SUSPENDED: Final = 1
FRAME_FINISHED: Final = 2

KEYFRAME_RADIX: Final = 8


def keyframe_reach(chunk: int) -> int:
    """How many chunks back the keyframe of chunk number `chunk` reaches: the largest power of 8 dividing it.

    Following `c - keyframe_reach(c)` from any chunk reaches 0 in at most 7 jumps per octal digit, the way a
    Fenwick tree does (P. Fenwick, 1994) but with radix 8, so that an object is written again only a few times.
    """
    if chunk == 0:
        return 0
    reach = 1
    while chunk % (reach * KEYFRAME_RADIX) == 0:
        reach *= KEYFRAME_RADIX
    return reach

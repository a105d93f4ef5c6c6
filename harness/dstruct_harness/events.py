"""Owns the vocabulary of the log: which events exist, what operands they carry, which of them are stops.

One table, read by the encoder, the decoder and the documentation's test; docs/trace-format.md is its prose.
Control codes, object shapes and value tags live here too, because writer and reader must never disagree on them.
"""

from __future__ import annotations

from typing import Any, Final, NewType

Step = NewType("Step", int)
"""Number of stops that have happened: 0 is before the first line."""

ObjectId = NewType("ObjectId", int)
"""Names one object for a whole trace; never reused."""

FORMAT_VERSION: Final = 3

# Operand kinds: v value, c container (a value), k key (a value), i plain integer, * one value per `names`.
OPERANDS: Final[dict[str, str]] = {
    "line": "",
    "enter": "*",
    "leave": "v",
    "unwind": "v",
    "raise": "v",
    "yield": "v",
    "resume": "vv",
    "bind": "*",
    "unbind": "",
    "get": "ck",
    "set": "ckv",
    "del": "ck",
    "contains": "ckv",
    "iter": "ci",
    "getattr": "c",
    "setattr": "cv",
    "delattr": "c",
    "call": "civ",
    "compare": "ckck",
    "swap": "ckk",
    "put": "ckv",
    "insert": "civ",
    "remove": "ck",
    "add": "cv",
    "default": "ckv",
    "missing": "ckv",
    "clear": "c",
    "reverse": "c",
    "fill": "c",
    "output": "",
    "late": "c",
    "annotate": "vkv",
}

EFFECTS: Final = (
    "put",
    "insert",
    "remove",
    "add",
    "default",
    "missing",
    "clear",
    "reverse",
    "fill",
    "output",
    "late",
    "annotate",
)
"""Events that belong to the stop before them and have no place in the source."""

STOPS: Final = frozenset(OPERANDS) - frozenset(EFFECTS) - {"bind", "unbind", "compare", "swap"}

CONTROLS: Final = (
    "nop",
    "split",
    "abort",
    "put",
    "insert",
    "remove",
    "add",
    "fill",
    "output",
    "late",
    "raise",
    "unwind",
    "vanish",
    "resume",
    "align",
    "call",
    "leave",
    "bind",
    "annotate",
    "yield",
)
"""Control codes of the path by number."""

CONTROL: Final = {name: number for number, name in enumerate(CONTROLS)}
CONTROL_OPERANDS: Final = {
    "split": "i",
    "abort": "i",
    "put": "ckv",
    "insert": "civ",
    "remove": "ck",
    "add": "cv",
    "fill": "c",
    "late": "c",
    "raise": "iv",
    "unwind": "iv",
    "resume": "ivv",
    "align": "v",
    "call": "iciv",
    "leave": "iv",
    "bind": "iv",
    "annotate": "ivkv",
    "yield": "iv",
}
SITED: Final = frozenset(("raise", "unwind", "resume", "call", "leave", "yield"))
"""Control codes whose first operand is a site."""

CAUGHT: Final = 30
"""An exception was noted: never in a trace, since the encoder puts what it means in its place."""

FIRST_BLOCK: Final = 32
"""Codes from here on enter blocks."""
FIRST_COLUMN: Final = 128
"""Columns from here on belong to blocks; operand j of control code c is column 4 * c + j."""

LOOP_START: Final = -1
LOOP_NEXT: Final = -2
LOOP_COUNT: Final = -3

ANNOTATIONS: Final = ("color", "note", "pointer", "hide", "group", "show", "info", "blink", "clear")

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

FORM_DELTA: Final = 0x80
FORM_INTEGERS: Final = 0x40
FORM_RUN: Final = 0x20
FORM_FLOATS: Final = 0x21
FORM_BOOLEANS: Final = 0x22
FORM_LARGE: Final = 0x23
LARGEST: Final = (1 << 53) - 1
"""The largest integer of a column of large ones: readers may keep them as doubles."""

TOKEN_FRAMES: Final = 1 << 20
"""A frame with a token is shown under this id plus its token; one without under its depth."""


def operand_count(site: list[Any]) -> int:
    """How many operands an event of this site (a row of the sites table) carries in a block."""
    event, detail = site[0], site[6]
    if OPERANDS[event] == "*":
        return len(detail.get("names", ())) + bool(detail.get("token"))
    count = len(OPERANDS[event])
    return count - 1 if event == "call" else count


FRAME_ACTIVE: Final = 0
FRAME_SUSPENDED: Final = 1
FRAME_FINISHED: Final = 2

KEYFRAME_STEPS: Final = 32_768
"""The fewest steps between two keyframes."""

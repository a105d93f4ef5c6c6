"""Owns what the annotation calls accept, and what they say of anything else. Asks no object of the program anything."""

from __future__ import annotations

from array import array
from collections import deque
from typing import Any, Final

from dstruct_harness.annotations import NOTHING

VIEWS: Final = (
    *(
        "array",
        "boxes",
        "dict",
        "graph",
        "hash-table",
        "heap",
        "linked-list",
        "matrix",
        "queue",
        "rows",
        "set",
    ),
    *("stack", "string", "tree", "trie", "union-find"),
)
"""The names of the views, as the viewer registers them."""

OTHER_WORDS: Final = {
    "list": "array",
    "tuple": "array",
    "grid": "matrix",
    "table": "dict",
    "map": "dict",
    "object": "dict",
    "hash": "hash-table",
    "hashtable": "hash-table",
    "hashmap": "hash-table",
    "deque": "queue",
    "chain": "linked-list",
    "linkedlist": "linked-list",
    "binary-tree": "tree",
    "bst": "tree",
    "binary-heap": "heap",
    "priority-queue": "heap",
    "forest": "union-find",
    "disjoint-set": "union-find",
    "str": "string",
    "text": "string",
    "objects": "boxes",
    "nested": "rows",
}
"""Other words people use for a view."""

_NUMBERS: Final = (bool, int, float, complex)
_SEQUENCES: Final = (list, tuple, str, bytes, bytearray, deque, array)


def of_kind(obj: Any, kind: type) -> bool:
    """Like `isinstance`, which might ask the object itself (its `__class__` may be a property)."""
    return issubclass(type(obj), kind)


def subject_of(call: str, obj: Any) -> None:
    """Raise TypeError for what is a value and no object: there are many equal numbers, and none is drawn by itself."""
    if type(obj) in _NUMBERS:
        how = (
            f"dstruct.{call}(numbers, ..., key=2)"
            if call != "pointer"
            else 'dstruct.pointer(numbers, 2, "low")'
        )
        raise TypeError(
            f"dstruct.{call} is about an object, like a list or a node, and {obj!r} is a number. "
            f"For an element name its container and its place: {how}"
        )
    if obj is NOTHING or of_kind(obj, type):
        raise TypeError(f"dstruct.{call} needs an object of the program, not {type(obj).__name__}")


def text(call: str, what: str, value: Any) -> Any:
    """A string; `NOTHING` for None. Raises TypeError for anything else."""
    if value is None:
        return NOTHING
    if not of_kind(value, str):
        raise TypeError(f"dstruct.{call}: {what} must be a string, not {type(value).__name__}")
    return str.__str__(value)


def checked_color(color: Any, key: Any) -> Any:
    """A colour or a dict of them, as the log takes it. Raises TypeError, ValueError."""
    if of_kind(color, dict):
        if key is not NOTHING:
            raise TypeError("dstruct.color: a dict of colours is for a whole container; leave key out")
        for one in dict.values(color):
            if not of_kind(one, str):
                raise TypeError(f"dstruct.color: each colour must be a string, not {type(one).__name__}")
        return dict(color)
    said = text("color", "the colour", color)
    if said is not NOTHING and not said.strip():
        raise ValueError("dstruct.color: the colour must not be empty; None takes a colour back")
    return said


def view_named(as_: Any) -> str:
    """The view that a word means. Raises TypeError, ValueError."""
    said = text("show", "as_", as_)
    plain = "-".join(said.lower().replace("_", " ").split())
    name = OTHER_WORDS.get(plain, plain)
    if name not in VIEWS:
        raise ValueError(f"dstruct.show: there is no view {as_!r}; there are {', '.join(VIEWS)}")
    return name


def place(call: str, obj: Any, key: Any) -> tuple[Any, Any]:
    """The container and the place in it that `key` means: `(row, column)` in a list of lists is a place in that row.

    Raises:
        TypeError: no place in a sequence, or in an object, is called that.
        IndexError: there is no such row.
    """
    kind = type(obj)
    if kind in (list, tuple) and type(key) is tuple and len(key) == 2:
        row = _row(call, obj, key)
        return row, _position(call, row, key[1])
    if kind in _SEQUENCES:
        return obj, _position(call, obj, key)
    return obj, key


def _row(call: str, obj: Any, key: tuple[Any, Any]) -> Any:
    at = _position(call, obj, key[0])
    if not -len(obj) <= at < len(obj):
        raise IndexError(f"dstruct.{call}: there is no row {at}, only {len(obj)} of them")
    row = obj[at]
    if type(row) not in _SEQUENCES:
        raise TypeError(
            f"dstruct.{call}: key={key!r} is a place in a list of lists, and row {key[0]} is no list"
        )
    return row


def _position(call: str, obj: Any, key: Any) -> int:
    if of_kind(key, int) and type(key) is not bool:
        return int.__index__(key)
    raise TypeError(
        f"dstruct.{call}: a place in a {type(obj).__name__} is a position, a whole number, not {type(key).__name__}"
    )

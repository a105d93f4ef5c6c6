"""Owns what annotations are among the operation frames: dStruct has names for some of them, and for others none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .events import ANNOTATIONS, NOTHING
from .objects import Coded, MutableObject
from .timeline import Event
from .walker import Walker

Plain = Callable[[Coded], Any]

NAMES: Final = {
    "color": "setColor",
    "pointer": "showPointer",
    "info": "setInfo",
    "blink": "blink",
    "clear": "clearAppearance",
}
_ARGUMENT: Final = {"setColor": "color", "setColorMap": "colorMap", "setInfo": "info", "showPointer": "name"}


def annotation_frame(
    event: Event, machine: Walker, plain: Plain
) -> tuple[str, MutableObject, dict[str, Any], dict[str, Any] | None] | None:
    """Name, subject, args and prevArgs of an annotation's frame; None if it has none. `machine` is as it was
    before.
    """
    kind, subject, key, data = event.operands
    number = kind[0] >> 2
    name = NAMES.get(ANNOTATIONS[number])
    held = machine.container(subject)
    if name is None or held is None:
        return None
    place = {} if key[0] == NOTHING else {"index": plain(key)}
    if name not in _ARGUMENT:
        return name, held, place, None
    before = machine.annotations.get((number, machine.heap.key_of(subject), machine.heap.key_of(key)))
    old = None if before is None else _said(before[3], machine, plain)
    new = _said(data, machine, plain)
    if name == "setColor" and (isinstance(new, dict) or (new is None and isinstance(old, dict))):
        name = "setColorMap"
        old = old if isinstance(old, dict) else None
    elif name == "setColor" and isinstance(old, dict):
        old = None
    argument = _ARGUMENT[name]
    return name, held, {**place, argument: new}, {**place, argument: old}


def _said(data: Coded, machine: Walker, plain: Plain) -> Any:
    """The data of an annotation as JSON: dicts with their contents, since their reader has no heap."""
    if data[0] == NOTHING:
        return None
    held = machine.container(data)
    if held is None or not isinstance(held.held, dict):
        return plain(data)
    return {str(plain(key)): plain(value) for key, value in held.held.values()}

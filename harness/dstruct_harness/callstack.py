"""Owns the operation frames: the log's structure operations in the dStruct vocabulary, decoded as they are asked for.

The table below maps every event of every container to a frame's name; docs/trace-format.md has it as prose.
`prevArgs` holds what was there before, so that each operation can be undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from .annotation_frames import annotation_frame
from .events import TAG_OBJECT
from .objects import Coded, MutableObject, coded_integer
from .timeline import Atom, Event, Ref, Timeline, decode_value
from .walker import Walker

NAMES: Final = {
    "get": "readArrayItem",
    "iter": "readArrayItem",
    "contains": "readArrayItem",
    "set": "addArrayItem",
    "put": "addArrayItem",
    "insert": "addArrayItem",
    "add": "addArrayItem",
    "del": "deleteNode",
    "remove": "deleteNode",
    "default": "addArrayItem",
    "missing": "addArrayItem",
    "fill": "addArray",
    "clear": "addArray",
    "reverse": "addArray",
    "getattr": "blink",
    "setattr": "setVal",
    "delattr": "setVal",
    "output": "consoleLog",
    "raise": "error",
}
LINKS: Final = {"left": "setLeftChild", "right": "setRightChild", "next": "setNextNode"}
STRUCTURES: Final = {"dict": "map", "set": "set", "frozenset": "set", "object": "object"}


def operation_frames(
    trace: bytes, start: float, runtime: float, steps: int | None = None
) -> Iterator[dict[str, Any]]:
    """Every operation of a trace, in order, as plain JSON values.

    Args:
        trace: the log of a run.
        start: when the run began, in milliseconds since the epoch.
        runtime: how long it took, in milliseconds; frames are spread over it by step.
        steps: end after so many stops (default: at the end of the trace).
    """
    timeline = Timeline(trace)
    share = runtime / max(1, timeline.steps)
    seen: set[int] = set()
    number = 0
    for event, machine in timeline.walk():
        if steps is not None and event.step > steps:
            return
        for frame in _frames(event, machine, timeline, seen):
            frame["id"] = number
            frame["timestamp"] = round(start + event.step * share, 3)
            number += 1
            yield frame


def _frames(event: Event, machine: Walker, timeline: Timeline, seen: set[int]) -> Iterator[dict[str, Any]]:
    if event.kind == "annotate":
        yield from _annotation(event, machine)
        return
    name = NAMES.get(event.kind)
    if name is None:
        return
    row = timeline.tables.row(event.site, event.kind)
    line = row[2] or (machine.frames[-1].line if machine.frames else 0)
    source = {"line": line, "column": row[3]}
    if name == "consoleLog":
        yield _frame(name, None, {"text": timeline.tables.output[machine.printed][1]}, source)
    elif name == "error":
        error = decode_value(event.operands[0])
        parts = error.parts if isinstance(error, Atom) else ("", "")
        yield _frame(name, None, {"name": parts[0], "message": parts[1] if len(parts) > 1 else ""}, source)
    elif event.operands[0][0] & 3 == TAG_OBJECT:
        subject = machine.container(event.operands[0])
        if subject is None or _changes_nothing(event, machine, subject):
            return
        if subject.id not in seen:
            seen.add(subject.id)
            yield _frame("addArray", subject, {"value": _contents(subject)}, source)
        yield _operation(name, event, machine, subject, row, source)
    elif isinstance(text := plain(event.operands[0]), str):
        yield _frame(name, None, {"value": text, "index": _index(event, machine)}, source, "string")


def _annotation(event: Event, machine: Walker) -> Iterator[dict[str, Any]]:
    made = annotation_frame(event, machine, plain)
    if made is not None:
        name, subject, args, previous = made
        line = machine.frames[-1].line if machine.frames else 0
        yield _frame(name, subject, args, {"line": line, "column": 0}, previous=previous)


def _operation(
    name: str, event: Event, machine: Walker, subject: MutableObject, row: list[Any], source: dict[str, int]
) -> dict[str, Any]:
    kind, operands = event.kind, event.operands
    if kind in ("getattr", "setattr", "delattr") or (subject.shape == "object" and kind in ("put", "remove")):
        return _attribute(kind, event, machine, subject, row, source)
    args: dict[str, Any] = {"index": _index(event, machine)}
    previous: dict[str, Any] | None = None
    if kind in ("set", "put", "del", "remove"):
        old = machine.heap.element(subject, operands[1])
        previous = {"index": args["index"], "value": None if old is None else plain(old)}
    if kind in ("set", "put", "insert", "default", "missing"):
        args["value"] = plain(operands[2])
    elif kind == "add":
        args = {"value": plain(operands[1])}
    elif kind == "contains":
        args = {"value": plain(operands[1]), "found": plain(operands[2]) is True}
    elif kind in ("fill", "clear", "reverse"):
        args, previous = {}, {"value": _contents(subject)}
    return _frame(name, subject, args, source, previous=previous)


def _attribute(
    kind: str, event: Event, machine: Walker, subject: MutableObject, row: list[Any], source: dict[str, int]
) -> dict[str, Any]:
    if kind in ("put", "remove"):
        attribute = str(plain(event.operands[1]))
        value = event.operands[2] if kind == "put" else None
    else:
        attribute = machine.tables.names[row[6]["name"]]
        value = event.operands[1] if kind == "setattr" else None
    args: dict[str, Any] = {"name": attribute}
    if kind == "getattr":
        return _frame("blink", subject, args, source)
    held = subject.held if isinstance(subject.held, dict) else {}
    old = held.get(attribute)
    previous = {"name": attribute, "value": None if old is None else plain(old[1])}
    args["value"] = None if value is None else plain(value)
    return _frame(LINKS.get(attribute, "setVal"), subject, args, source, previous=previous)


def _frame(
    name: str,
    subject: MutableObject | None,
    args: dict[str, Any],
    source: dict[str, int],
    structure: str = "",
    previous: dict[str, Any] | None = None,
) -> dict[str, Any]:
    shape = structure or (STRUCTURES.get(subject.shape, "array") if subject else "")
    frame: dict[str, Any] = {
        "name": name,
        "treeName": f"{subject.type}#{subject.id}" if subject else "main",
        "structureType": shape,
        "argType": shape,
        "nodeId": str(subject.id) if subject else None,
        "args": args,
        "source": source,
    }
    if previous is not None:
        frame["prevArgs"] = previous
    return frame


def _index(event: Event, machine: Walker) -> Any:
    if len(event.operands) < 2:
        return None
    subject, key = machine.container(event.operands[0]), event.operands[1]
    if event.kind == "insert" and subject is not None:
        where = plain(key)
        return max(0, where + subject.length) if where < 0 else min(where, subject.length)
    if (
        subject is not None
        and isinstance(subject.held, list)
        and event.kind not in ("add", "contains", "iter")
    ):
        where = machine.heap.position(subject, key)
        key = key if where is None else coded_integer(where)
    return plain(key)


def _changes_nothing(event: Event, machine: Walker, subject: MutableObject) -> bool:
    """An effect that finds nothing to do: a member that is there already, a key that is not."""
    if event.kind == "add":
        return isinstance(subject.held, dict) and machine.heap.key_of(event.operands[1]) in subject.held
    if event.kind not in ("remove", "del", "default", "missing"):
        return False
    held = machine.heap.element(subject, event.operands[1])
    if event.kind in ("remove", "del"):
        return held is None and subject.length == len(subject.held)
    return held is not None or (event.kind == "missing" and subject.type != "defaultdict")


def plain(coded: Coded) -> Any:
    """A coded value as JSON: atoms as values, objects as `{"ref": id}`."""
    value = decode_value(coded)
    if isinstance(value, Ref):
        return {"ref": int(value.id)}
    if isinstance(value, Atom):
        return {"kind": value.kind, "value": list(value.parts)}
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {"kind": "float", "value": [str(value)]}
    return value


def _contents(subject: MutableObject) -> list[Any]:
    if isinstance(subject.held, list):
        return [plain(item) for item in subject.held[:1000]]
    rows = list(subject.held.values())[:1000]
    return [
        [part if isinstance(part, str) else plain(part) for part in r] if isinstance(r, list) else plain(r)
        for r in rows
    ]

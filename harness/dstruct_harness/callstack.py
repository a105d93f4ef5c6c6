"""Owns the operation frames: the log's structure operations in the dStruct vocabulary, decoded as they are asked for.

The table below maps every event of every container to a frame's name; docs/trace-format.md has it as prose.
`prevArgs` holds what was there before, so that each operation can be undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from .replay import Coded, Machine, MutableObject, key_of
from .timeline import Atom, Event, Ref, Timeline, decode_value

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
    "fill": "addArray",
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


def _frames(event: Event, machine: Machine, timeline: Timeline, seen: set[int]) -> Iterator[dict[str, Any]]:
    name = NAMES.get(event.kind)
    if name is None:
        return
    row = timeline.tables.sites[event.site]
    line = row[2] or (machine.frames[-1].line if machine.frames else 0)
    source = {"line": line, "column": row[3]}
    if name == "consoleLog":
        yield _frame(name, None, {"text": timeline.tables.output[machine.printed][1]}, source)
    elif name == "error":
        error = decode_value(machine.coded(event.operands[0]))
        parts = error.parts if isinstance(error, Atom) else ("", "")
        yield _frame(name, None, {"name": parts[0], "message": parts[1] if len(parts) > 1 else ""}, source)
    elif event.operands[0] & 3 == 2:
        subject = machine.container(event.operands[0])
        if subject.id not in seen:
            seen.add(subject.id)
            yield _frame("addArray", subject, {"value": _contents(subject)}, source)
        yield _operation(name, event, machine, subject, row, source)
    else:
        text = plain(machine.coded(event.operands[0]))
        yield _frame(name, None, {"value": text, "index": _index(event, machine)}, source, "string")


def _operation(
    name: str, event: Event, machine: Machine, subject: MutableObject, row: list[Any], source: dict[str, int]
) -> dict[str, Any]:
    kind, operands = event.kind, event.operands
    if kind in ("getattr", "setattr", "delattr") or (subject.shape == "object" and kind in ("put", "remove")):
        return _attribute(kind, event, machine, subject, row, source)
    args: dict[str, Any] = {"index": _index(event, machine)}
    previous: dict[str, Any] | None = None
    if kind in ("set", "put", "del", "remove"):
        old = element(subject, machine.coded(operands[1]))
        previous = {"index": args["index"], "value": None if old is None else plain(old)}
    if kind in ("set", "put", "insert"):
        args["value"] = plain(machine.coded(operands[2]))
    elif kind == "add":
        args = {"value": plain(machine.coded(operands[1]))}
    elif kind == "contains":
        args = {"value": plain(machine.coded(operands[1])), "found": bool(operands[2])}
    elif kind == "fill":
        args, previous = {}, {"value": _contents(subject)}
    return _frame(name, subject, args, source, previous=previous)


def _attribute(
    kind: str, event: Event, machine: Machine, subject: MutableObject, row: list[Any], source: dict[str, int]
) -> dict[str, Any]:
    if kind in ("put", "remove"):
        attribute = str(plain(machine.coded(event.operands[1])))
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
    args["value"] = None if value is None else plain(machine.coded(value))
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


def _index(event: Event, machine: Machine) -> Any:
    if event.kind in ("iter", "insert"):
        return event.operands[1]
    return plain(machine.coded(event.operands[1])) if len(event.operands) > 1 else None


def element(subject: MutableObject, key: Coded) -> Coded | None:
    """What an object holds under a coded key, or None."""
    if isinstance(subject.held, list):
        where = key[0] >> 2
        return subject.held[where] if key[0] & 3 == 0 and 0 <= where < len(subject.held) else None
    found = subject.held.get(key_of(key))
    return found[1] if isinstance(found, list) else found


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

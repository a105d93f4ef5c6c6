"""Owns reading and writing golden traces, and the JSON form of a state that both test suites compare."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from dstruct_harness import ExecutionResult, FrameState, HeapObject, State, Timeline, safe_exec
from dstruct_harness.callstack import operation_frames
from dstruct_harness.timeline import Atom, Ref

FOLDER = Path(__file__).parent.parent / "golden"
PROGRAMS = sorted((FOLDER / "programs").glob("*.py"))
#: Programs of which only the operations are compared.
OPERATIONS = sorted((FOLDER / "operations").glob("*.py"))
SAMPLES = 24
LONG = ("long_run", "kept_list")
SHORT = 600
FRAMES = 400


def run(program: Path) -> ExecutionResult:
    return safe_exec(program.read_text(), filename=program.name)


def value_json(value: Any) -> Any:
    if isinstance(value, Ref):
        return {"ref": int(value.id)}
    if isinstance(value, Atom):
        return {"atom": [value.kind, *value.parts]}
    if type(value) is float:
        return {"float": repr(value)}
    if type(value) is int and abs(value) > 1 << 53:
        return {"int": str(value)}
    return value


def item_json(item: Any) -> Any:
    return [value_json(part) for part in item] if isinstance(item, tuple) else value_json(item)


def frame_json(frame: FrameState) -> dict[str, Any]:
    return {
        "id": frame.id,
        "name": frame.name,
        "kind": frame.kind,
        "line": frame.line,
        "status": frame.status,
        "variables": {name: value_json(value) for name, value in frame.variables.items()},
    }


def object_json(one: HeapObject) -> dict[str, Any]:
    return {
        "shape": one.shape,
        "type": one.type,
        "length": one.length,
        "items": [item_json(i) for i in one.items],
    }


def state_json(state: State) -> dict[str, Any]:
    return {
        "step": state.step,
        "line": state.line,
        "frames": [frame_json(frame) for frame in state.frames],
        "suspended": [frame_json(frame) for frame in state.suspended],
        "heap": {str(number): object_json(one) for number, one in sorted(state.heap.items())},
        "output": state.output,
    }


def story(trace: bytes) -> dict[str, Any]:
    """The states of a trace: all of a short one, a sample of a long one."""
    timeline = Timeline(trace)
    every = 1 if timeline.steps <= SHORT else timeline.steps // SAMPLES
    steps = sorted({*range(0, timeline.steps + 1, every), timeline.steps})
    return {
        "steps": timeline.steps,
        "stopReason": timeline.stop_reason,
        "states": [state_json(timeline.state(step)) for step in steps],
    }


def operations(trace: bytes) -> list[dict[str, Any]]:
    """The first operation frames of a trace, as of a run that began at 0 and took a second."""
    return list(islice(operation_frames(trace, 0.0, 1000.0), FRAMES))


def renumbered(told: Any) -> Any:
    """A story with its objects numbered as it mentions them: ids depend on when the log is encoded."""
    numbers: dict[str, int] = {}

    def walk(part: Any) -> Any:
        if isinstance(part, dict):
            if part.keys() == {"ref"}:
                return {"ref": numbers.setdefault(str(part["ref"]), len(numbers))}
            return {key: walk(value) for key, value in part.items() if key != "heap"}
        return [walk(item) for item in part] if isinstance(part, list) else part

    states = []
    for state in told["states"]:
        new = walk(state)
        heap, waiting = {}, dict(state["heap"])
        while mentioned := [number for number in numbers if number in waiting]:
            for number in mentioned:
                heap[numbers[number]] = walk(waiting.pop(number))
        states.append({**new, "heap": heap, "unmentioned": len(waiting)})
    return {**told, "states": states}

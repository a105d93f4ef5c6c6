"""A slow, independent tracer: `sys.settrace` and a walk of the live heap at every line. The oracle of the recorder.

It shares no code with the recorder. A snapshot is canonical: objects are numbered in the order in which a walk from
the frames' variables (outermost frame first, names sorted) meets them.
"""

from __future__ import annotations

import ast
import contextlib
import io
import sys
import types
from array import array
from collections import deque
from typing import Any

from dstruct_harness import HeapObject, State, Timeline
from dstruct_harness.timeline import Atom, Ref

Snapshot = tuple[int, tuple[Any, ...], tuple[Any, ...]]
"""Line, frames as (name, sorted variables), objects in the order met."""

SEQUENCES = (list, tuple, deque, array, bytearray)


class Walk:
    """Canonical form of values, whatever they are read from."""

    def __init__(self, heap: Any = None) -> None:
        self.heap = heap
        self.numbers: dict[Any, int] = {}
        self.objects: list[Any] = []
        self.pending: list[tuple[int, Any]] = []

    def number(self, identity: Any, subject: Any) -> tuple[str, int]:
        if identity not in self.numbers:
            self.numbers[identity] = len(self.objects)
            self.objects.append(None)
            self.pending.append((self.numbers[identity], subject))
        return ("ref", self.numbers[identity])


def told(value: Any) -> bool:
    """Whether the log tells a tuple by what it holds: two equal ones may be one object in it."""
    return type(value) is tuple and all(type(item) in (int, str) for item in value)


def live(value: Any, walk: Walk) -> Any:
    """A live value: plain, a numbered reference, or the name of its kind."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return ("float", repr(value))
    if isinstance(value, (*SEQUENCES, dict, set, frozenset)) or (
        kind.__module__ == "__main__" and not isinstance(value, (type, BaseException))
    ):
        return walk.number(value if told(value) else id(value), value)
    return "opaque"


def live_object(value: Any, walk: Walk) -> Any:
    if isinstance(value, SEQUENCES):
        return (type(value).__name__, [live(item, walk) for item in value])
    if isinstance(value, dict):
        return (type(value).__name__, [[live(k, walk), live(v, walk)] for k, v in value.items()])
    if isinstance(value, (set, frozenset)):
        return (type(value).__name__, sorted(repr(live(item, walk)) for item in value))
    found = dict(getattr(value, "__dict__", {}))
    for base in type(value).__mro__:
        for name in base.__dict__.get("__slots__", ()):
            with contextlib.suppress(AttributeError):
                found[name] = getattr(value, name)
    return (type(value).__name__, sorted((name, live(item, walk)) for name, item in found.items()))


def replayed(value: Any, walk: Walk) -> Any:
    if isinstance(value, Ref):
        one = walk.heap[value.id]
        content = tuple(one.items) if one.type == "tuple" else None
        return walk.number(content if told(content) else value.id, value.id)
    if isinstance(value, Atom):
        return "opaque"
    return ("float", repr(value)) if type(value) is float else value


def replayed_object(one: HeapObject, walk: Walk) -> Any:
    if one.shape in ("list", "tuple", "deque", "array"):
        return (one.type, [replayed(item, walk) for item in one.items])
    if one.shape == "dict":
        return (one.type, [[replayed(k, walk), replayed(v, walk)] for k, v in one.items])
    if one.shape in ("set", "frozenset"):
        return (one.type, sorted(repr(replayed(item, walk)) for item in one.items))
    return (one.type, sorted((name, replayed(item, walk)) for name, item in one.items))


def finish(walk: Walk, describe: Any) -> tuple[Any, ...]:
    while walk.pending:
        place, subject = walk.pending.pop(0)
        walk.objects[place] = describe(subject, walk)
    return tuple(map(repr, walk.objects))


def from_state(state: State, line: int) -> Snapshot:
    walk = Walk(state.heap)
    frames = tuple(
        (
            frame.name.rpartition(".")[2],
            tuple((n, repr(replayed(v, walk))) for n, v in sorted(frame.variables.items())),
        )
        for frame in state.frames
    )
    return line, frames, finish(walk, lambda number, w: replayed_object(state.heap[number], w))


def line_snapshots(timeline: Timeline) -> list[Snapshot]:
    """What the log says is there each time a line is reached, before it runs."""
    found = []
    for event in timeline.events():
        if event.kind == "line":
            line = timeline.tables.sites[event.site][2]
            found.append(from_state(timeline.state(event.step - 1), line))
    return found


def reference(source: str, filename: str = "<program>") -> tuple[list[Snapshot], str, str | None]:
    """Run plainly under settrace. Returns the snapshots at each line, the output, the exception's name."""
    snapshots: list[Snapshot] = []
    module = types.ModuleType("__main__")
    code = compile(source, filename, "exec", dont_inherit=True)
    classes = {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)}
    decorated = {
        line: node.lineno
        for node in ast.walk(ast.parse(source))
        if getattr(node, "decorator_list", None)
        for line in range(node.decorator_list[0].lineno, node.lineno + 1)
    }
    hidden = set(module.__dict__) | {
        "__builtins__",
        "__annotations__",
        "__annotate__",
        "__conditional_annotations__",
    }

    def snapshot(frame: types.FrameType) -> Snapshot:
        stack: list[types.FrameType] = []
        here: types.FrameType | None = frame
        while here is not None:
            if here.f_code.co_filename == filename and not here.f_code.co_name.startswith(
                ("<l", "<g", "<s", "<d")
            ):
                stack.append(here)
            here = here.f_back
        walk = Walk()
        frames = []
        for one in reversed(stack):
            ignored = (
                hidden
                if one.f_locals is module.__dict__
                else {"__module__", "__qualname__", "__firstlineno__"}
            )
            own = set(one.f_code.co_freevars)
            names = sorted((n, v) for n, v in one.f_locals.items() if n not in ignored and n not in own)
            frames.append((one.f_code.co_name, tuple((n, repr(live(v, walk))) for n, v in names)))
        return frame.f_lineno, tuple(frames), finish(walk, live_object)

    def trace(frame: types.FrameType, event: str, _arg: Any) -> Any:
        name = frame.f_code.co_name
        if frame.f_code.co_filename != filename or (name.startswith("<") and name != "<module>"):
            return None
        # A class body begins with lines of the compiler's own (`__module__ = ...`), placed on the class statement.
        prologue = name in classes and frame.f_lineno == frame.f_code.co_firstlineno
        # A decorated definition visits its decorators' lines, its own, and the decorators' again: one stop for us.
        again = bool(snapshots) and decorated.get(frame.f_lineno, -1) == decorated.get(snapshots[-1][0], -2)
        if event == "line" and not prologue and not again:
            snapshots.append(snapshot(frame))
        return trace

    output, error = io.StringIO(), None
    before, sys.modules["__main__"] = sys.modules["__main__"], module
    try:
        with contextlib.redirect_stdout(output):
            sys.settrace(trace)
            try:
                exec(code, module.__dict__)
            except BaseException as raised:
                error = type(raised).__name__
            finally:
                sys.settrace(None)
    finally:
        sys.modules["__main__"] = before
    return snapshots, output.getvalue(), error

"""What an author says in a program: in the log, in the state at every step, in the operation frames, past keyframes."""

from __future__ import annotations

from typing import Any

from dstruct_harness import ExecutionResult, Timeline, safe_exec
from dstruct_harness.timeline import Ref

PROGRAM = """\
import dstruct
a = [5, 2, 9]
dstruct.pointer(a, 0, "low")
dstruct.pointer(a, 0, "high")
dstruct.color(a, "red", key=1)
dstruct.color(a, {5: "green"})
dstruct.pointer(a, 2, "high")
dstruct.note(a, "all")
dstruct.clear(a)
done = True
"""


def recorded(source: str, **keys: Any) -> ExecutionResult:
    result = safe_exec(source, **keys)
    assert (result.error, result.recorder_error) == (None, None)
    return result


def said_after(timeline: Timeline, line: int) -> set[tuple[str, Any, Any]]:
    """Kind, key, data of all that holds once a line has run: what it says belongs to the last stop before."""
    state = [s for s in map(timeline.state, range(len(timeline))) if s.line == line][-1]
    said = set()
    for each in state.annotations:
        data = each.data
        if isinstance(data, Ref):
            data = state.heap[data.id].items
        said.add((each.kind, each.key, data))
        assert isinstance(each.subject, Ref)
        assert state.heap[each.subject.id].type == "list"
    return said


def test_the_state_at_each_step_holds_what_was_said() -> None:
    timeline = recorded(PROGRAM).timeline()
    low = ("pointer", 0, "low")
    red, colors = ("color", 1, "red"), ("color", None, ((5, "green"),))
    assert said_after(timeline, 2) == set()
    assert said_after(timeline, 3) == {low}
    assert said_after(timeline, 4) == {("pointer", 0, "low, high")}
    assert said_after(timeline, 5) == {("pointer", 0, "low, high"), red}
    assert said_after(timeline, 6) == {("pointer", 0, "low, high"), red, colors}
    assert said_after(timeline, 7) == {low, ("pointer", 2, "high"), red, colors}
    assert said_after(timeline, 8) >= {low, ("note", None, "all")}
    assert said_after(timeline, 9) == set()
    assert said_after(timeline, 3) == {low}, "backwards as forwards"


def test_they_are_operation_frames_that_can_be_undone() -> None:
    code = (
        "def f(root):\n"
        "    root.setColor('green')\n"
        "    root.setColor('red')\n"
        "    root.setColorMap({1: 'blue'})\n"
        "    root.setInfo({'h': 2})\n"
        "    root.setInfo(None)\n"
        "    root.blink()\n"
        "    root.showPointer('slow')\n"
    )
    result = recorded(code, args=[{"type": "binaryTree", "value": [1]}], entry="f")
    frames = [
        (frame["name"], frame["args"], frame.get("prevArgs"), frame["source"]["line"])
        for frame in result.iter_callstack()
        if frame["name"] != "addArray"
    ]
    assert frames == [
        ("setColor", {"color": "green"}, {"color": None}, 2),
        ("setColor", {"color": "red"}, {"color": "green"}, 3),
        ("setColorMap", {"colorMap": {"1": "blue"}}, {"colorMap": None}, 4),
        ("setInfo", {"info": {"h": 2}}, {"info": None}, 5),
        ("setInfo", {"info": None}, {"info": {"h": 2}}, 6),
        ("blink", {}, None, 7),
        ("showPointer", {"name": "slow"}, {"name": None}, 8),
    ]


def test_what_was_said_holds_past_keyframes() -> None:
    source = (
        "import dstruct\n"
        "a = dstruct.note([1], 'kept')\n"
        "b = dstruct.note([2], 'gone')\n"
        "dstruct.clear(b)\n"
        "for i in range(60_000):\n    a[0] = i\n"
    )
    result = recorded(source)
    timeline = result.timeline()
    for step in (result.steps, result.steps - 1, result.steps // 2, 100):
        assert [each.data for each in timeline.state(step).annotations] == ["kept"]


def test_a_run_with_annotations_prints_what_it_does_without() -> None:
    source = "import dstruct\na = [1]\nprint(dstruct.color(a, 'red') is a, a)\n"
    assert recorded(source).output == "True [1]\n"


def test_what_is_said_in_straight_code_of_a_function_comes_at_its_line() -> None:
    source = (
        "from dstruct import note\n"
        "def f(a):\n"
        "    note(a, 'first')\n"
        "    b = a[0]\n"
        "    note(a, 'second')\n"
        "    c = a[1]\n"
        "    return b + c\n"
        "f([1, 2])\n"
    )
    timeline = recorded(source).timeline()
    for line, text in ((3, "first"), (4, "first"), (5, "second"), (6, "second")):
        assert said_after(timeline, line) == {("note", None, text)}

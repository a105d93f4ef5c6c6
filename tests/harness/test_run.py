"""`safe_exec`: limits, what is kept when a run ends early, entries and arguments, the JSON form."""

from __future__ import annotations

import base64
import json
from textwrap import dedent
from typing import Any

import pytest
from dstruct_harness import ExecutionResult, Limits, Timeline, safe_exec, trace_call
from dstruct_harness.limits import StopReason

LOOPS = {
    "plain": "while True: pass",
    "swallowing": "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
    "bare except": (
        "def f():\n  while True:\n    try:\n      g()\n    except: pass\ndef g():\n  for i in iter(int, 1): pass\nf()"
    ),
    "suppress": "import contextlib\nwhile True:\n  with contextlib.suppress(BaseException):\n    while True: pass",
    "finally": "def f():\n  try:\n    while True: pass\n  finally:\n    f()\nf()",
    "comprehension": "[0 for x in iter(int, 1)]",
    "generator": "sum(x for x in iter(int, 1))",
    "callback": "def less(x): return x\nsorted(iter(int, 1), key=less) if False else list(map(less, iter(int, 1)))",
    "lambda": "f = lambda n: 0 if n < 0 else f(n - 1) + f(n - 1)\nf(60)",
    "lambda called from C": "import itertools\nsum(map(lambda x: 1, itertools.count()))",
    "sleeping": "import time\nwhile True: time.sleep(0.01)",
    "sleeping for longer than the limit lasts": "import time\nwhile True: time.sleep(0.2)",
    "finally that goes on": (
        "def f():\n  while True:\n    try:\n      while True: pass\n    finally:\n      continue\nf()"
    ),
}


@pytest.mark.parametrize("name", LOOPS)
def test_every_loop_stops_in_time_and_keeps_its_trace(name: str) -> None:
    result = safe_exec(LOOPS[name], limits=Limits(seconds=0.3))
    assert result.stop_reason == "timeout"
    assert result.error is None
    assert result.runtime >= 300
    timeline = result.timeline()
    assert timeline.stop_reason == "timeout"
    assert timeline.state(result.steps).frames


def test_somebody_outside_can_end_a_run() -> None:
    asked = 0

    def poll() -> StopReason | None:
        nonlocal asked
        asked += 1
        return "interrupted" if asked == 100 else None

    source = "n = 0\nwhile True:\n    try:\n        n += 1\n    except BaseException:\n        pass\n"
    result = safe_exec(source, limits=Limits(seconds=30), poll=poll)
    assert (result.stop_reason, asked) == ("interrupted", 100)
    assert result.steps > 100
    assert result.timeline().stop_reason == "interrupted"


def test_step_limit_is_exact() -> None:
    result = safe_exec("a = [0]\nwhile True:\n    a[0] += 1\n", limits=Limits(steps=1_000))
    assert (result.stop_reason, result.steps, len(result.timeline())) == ("step-limit", 1_000, 1_001)
    assert result.timeline().state(1_000).heap


def test_output_limit_keeps_what_was_printed() -> None:
    result = safe_exec("while True:\n    print('x' * 100)\n", limits=Limits(output_bytes=1_000))
    assert result.stop_reason == "output-limit"
    assert len(result.output) == 1_000
    assert result.timeline().state(result.steps).output == result.output


def test_log_limit() -> None:
    source = "import random\nwhile True:\n    x = random.random()\n"
    result = safe_exec(source, limits=Limits(log_bytes=100_000))
    assert result.stop_reason == "log-limit"
    assert len(result.trace) > 100_000


@pytest.mark.parametrize("bad", [0, -1, "3", True, float("inf"), float("nan")])
def test_limits_must_be_positive_numbers(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"Limits\.seconds must be a positive number"):
        Limits(seconds=bad)


def test_an_error_keeps_everything_before_it() -> None:
    result = safe_exec("a = [1]\na.append(2)\nprint(a)\na[9]\n")
    assert result.stop_reason == "error"
    assert result.error is not None
    assert (result.error.name, result.error.message) == ("IndexError", "list index out of range")
    assert result.error.stack.splitlines()[1].strip() == 'File "<program>", line 4, in <module>'
    assert "dstruct_harness" not in result.error.stack
    assert result.output == "[1, 2]\n"
    [a] = result.timeline().state(result.steps).heap.values()
    assert a.items == (1, 2)


def test_a_program_that_does_not_compile() -> None:
    result = safe_exec("a = 1\nif a\n    pass\n")
    assert (result.stop_reason, result.steps) == ("error", 0)
    assert result.error is not None
    assert result.error.name == "SyntaxError"
    assert "line 2" in result.error.stack
    assert result.timeline().state(0).frames == ()
    assert safe_exec("a = '\0'").error is not None


def test_json_form() -> None:
    form = json.loads(json.dumps(safe_exec("a = [3, 1]\na.sort()\nprint(a)\na").to_json()))
    assert form["schema"] == 1
    assert form["output"] == "[1, 3]\n"
    assert form["result"] == "[1, 3]"
    assert form["stopReason"] == "ok"
    assert form["error"] is None
    assert form["steps"] == len(Timeline(base64.b64decode(form["trace"]))) - 1
    assert form["runtime"] > 0
    assert form["startTimestamp"] > 1.6e12
    assert [frame["name"] for frame in form["callstack"]] == [
        "addArray",
        "addArrayItem",
        "addArrayItem",
        "consoleLog",
    ]


def test_json_form_of_a_part() -> None:
    result = safe_exec("a = []\nfor i in range(50):\n    a.append(i)")
    whole = result.to_json()
    part = result.to_json(trace=False, callstack_steps=20)
    assert "trace" not in part
    assert "callstackTruncated" not in whole
    assert part["callstackTruncated"] is True
    assert 0 < len(part["callstack"]) < len(whole["callstack"])
    assert part["callstack"] == whole["callstack"][: len(part["callstack"])]
    assert "callstackTruncated" not in result.to_json(callstack_steps=result.steps)


def test_operation_frames_can_be_undone() -> None:
    result = safe_exec(
        dedent("""
        class Node:
            def __init__(self, val):
                self.val = val
                self.left = None
        n = Node(1)
        n.left = Node(2)
        n.val = 5
        a = [1]
        a[0] = 2
        a.append(3)
        del a[0]
        d = {"k": 1}
        d["k"] = 2
        n.left.val
        1 in a
        """)
    )
    frames = [
        (f["name"], f["args"], f.get("prevArgs")) for f in result.iter_callstack() if f["source"]["line"] > 5
    ]
    assert ("setVal", {"name": "val", "value": 5}, {"name": "val", "value": 1}) in frames
    assert ("addArrayItem", {"index": 0, "value": 2}, {"index": 0, "value": 1}) in frames
    assert ("addArrayItem", {"index": 1, "value": 3}, None) in frames
    assert ("deleteNode", {"index": 0}, {"index": 0, "value": 2}) in frames
    assert ("addArrayItem", {"index": "k", "value": 2}, {"index": "k", "value": 1}) in frames
    assert ("readArrayItem", {"value": 1, "found": False}, None) in frames
    assert any(name == "setLeftChild" and before and before["value"] is None for name, _, before in frames)
    assert all(f["source"]["line"] > 0 for f in result.iter_callstack())


def test_whether_a_member_is_there_is_recorded_also_where_the_program_asks_whether_it_is_not() -> None:
    result = safe_exec("a = [1, 2]\nx = 1 not in a, 3 not in a, 2 in a\nprint(x)")
    assert result.output == "(False, True, True)\n"
    found = [f["args"] for f in result.iter_callstack() if "found" in f["args"]]
    assert [(a["value"], a["found"]) for a in found] == [(1, True), (3, False), (2, True)]


def test_entry_with_typed_arguments() -> None:
    source = dedent("""
        class Solution:
            def depth(self, root: TreeNode) -> int:
                return 0 if root is None else 1 + max(self.depth(root.left), self.depth(root.right))
    """)
    tree = {"type": "binaryTree", "value": {"levelOrder": [1, 2, None, 3]}}
    result = safe_exec(source, [tree], entry="Solution.depth")
    assert (result.stop_reason, result.value, result.output) == ("ok", 3, "3")
    linked = "def total(head):\n    s = 0\n    while head: s += head.val; head = head.next\n    return s"
    assert safe_exec(linked, [{"type": "linkedList", "value": [1, 2, 3]}], entry="total").value == 6
    assert safe_exec("def f(a, n): return a[n]", [[5, 6], 1], entry="f").value == 6
    assert safe_exec("def f(a): return a\ndef g(a): return a + 1", [1]).value == 2
    assert safe_exec(source, [tree]).value == 3
    missing = safe_exec("x = 1", entry="nothing")
    assert missing.error is not None
    assert "nothing" in missing.error.message


def test_chunks_stream_while_the_program_runs() -> None:
    chunks: list[bytes] = []
    seen: list[int] = []
    names: dict[str, Any] = {"look": lambda: seen.append(len(chunks)), "__name__": "__main__"}
    source = "for i in range(20_000):\n    x = i\nlook()\n"
    result = safe_exec(source, namespace=names, on_chunk=chunks.append)
    assert b"".join(chunks) == result.trace
    assert 1 <= seen[0] < len(chunks)


def test_a_namespace_is_used_and_kept_and_left_plain() -> None:
    names: dict[str, Any] = {"__name__": "__main__", "data": [2, 1]}
    result = safe_exec("def f(a):\n    a.append(len(a))\n    return a\nout = f(data)\n", namespace=names)
    assert names["out"] is names["data"]
    assert names["data"] == [2, 1, 2]
    assert {k for k in names if not k.startswith("__")} == {"data", "f", "out"}
    first = result.timeline().state(1)
    assert first.frames[0].variables.keys() == {"data"}
    again = names["f"]
    assert again([]) == [0]
    assert all(type(constant) is not list for constant in again.__code__.co_consts)
    assert b"append" not in again.__code__.co_code or again.__code__.co_names == ("append", "len")


def _called(result: ExecutionResult) -> set[str]:
    timeline = Timeline(result.trace)
    return {frame.name for step in range(len(timeline)) for frame in timeline.state(step).frames}


def test_library_functions_that_the_notebook_s_own_reach_are_not_stepped_into() -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    cell = dedent("""
        import contextlib, enum
        class Colour(enum.Enum):
            RED = 1
            def shout(self):
                return self.name + "!"
        @contextlib.contextmanager
        def opened(x):
            yield x
        @opened(1)
        def more(x):
            return x + 1
    """)
    safe_exec(cell, namespace=names, filename="<cell 1>")
    program = "c = Colour(1).shout()\nwith opened(3) as y:\n    z = y\n"
    result = safe_exec(program, namespace=names, filename="<cell 2>")
    assert (names["c"], names["z"]) == ("RED!", 3)
    assert _called(result) == {"<module>", "Colour.shout", "opened"}
    called = trace_call(names["more"], [1])  # a wrapper of contextlib's around a function of the notebook's
    assert called.value == 2
    assert _called(called) == {"more", "opened"}


def test_functions_that_exist_already_are_stepped_into_and_given_back() -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    safe_exec("def inner(a):\n    a[0] += 1\n    return a\n", namespace=names, filename="<cell 1>")
    before = names["inner"].__code__
    result = safe_exec("b = inner([1])\n", namespace=names, filename="<cell 2>")
    assert names["inner"].__code__ is before
    assert result.events["enter"] == 2
    called = trace_call(names["inner"], [[7]])
    assert called.value == [8]
    assert [f.name for f in called.timeline().state(1).frames] == ["inner"]
    assert names["inner"].__code__ is before
    with pytest.raises(TypeError, match="needs a Python function"):
        trace_call(len, [[]])


@pytest.mark.parametrize(
    "source",
    [
        "import threading\nt = threading.Thread(target=print)\nt.start()\n",
        "import threading\nthreading.Timer(0, print).start()\n",
        "import _thread\n_thread.start_new_thread(print, ())\n",
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor() as p: p.submit(print)\n",
        "import asyncio\nasync def main(): await asyncio.to_thread(print)\nasyncio.run(main())\n",
    ],
)
def test_threads_are_refused_with_a_clear_message(source: str) -> None:
    result = safe_exec(source)
    assert result.error is not None
    assert "threads cannot be recorded" in result.error.message


def test_large_values_are_previewed_with_their_true_length() -> None:
    result = safe_exec("a = [0] * 3_000_000\ns = 'x' * 5_000_000\na[2_000_000] = 1\na.append(2)\na[1] = 5\n")
    assert len(result.trace) < 50_000
    state = result.timeline().state(result.steps)
    [a] = state.heap.values()
    assert (a.length, len(a.items), a.items[1]) == (3_000_001, 1_000, 5)
    text = state.frames[0].variables["s"]
    assert (text.kind, text.parts[1]) == ("str", 5_000_000)  # type: ignore[union-attr]


def test_ids_are_never_reused() -> None:
    result = safe_exec("for i in range(3000):\n    a = [i]\n    a.append(i)\n")
    timeline = result.timeline()
    ids = [event.operands[0][0] for event in timeline.events() if event.kind == "call"]
    assert len(set(ids)) == 3000


@pytest.mark.parametrize(
    ("body", "shown"),
    [("while True: pass", "<A>"), ("raise SystemExit(2)", "<A>"), ("print('SIDE'); return 'A'", "<A>")],
)
def test_the_value_of_a_final_expression_is_not_asked_to_describe_itself(body: str, shown: str) -> None:
    result = safe_exec(f"class A:\n    def __repr__(self):\n        {body}\nA()\n", limits=Limits(seconds=5))
    assert (result.stop_reason, result.result, result.output) == ("ok", shown, "")
    assert safe_exec("[1, {'a': (2.5, None)}]").result == "[1, {'a': (2.5, None)}]"


def test_an_entry_is_formatted_within_the_run() -> None:
    source = "class A:\n    def __repr__(self):\n        while True: pass\ndef f(): return A()\n"
    assert safe_exec(source, entry="f", limits=Limits(seconds=0.3)).stop_reason == "timeout"
    printing = (
        "class A:\n    def __repr__(self):\n        print('SIDE')\n        return 'A'\ndef f(): return A()\n"
    )
    assert safe_exec(printing, entry="f").output == "SIDE\nA"


def test_long_expressions() -> None:
    source = "x = 1\ny = " + " + ".join(["x"] * 500) + "\n"
    result = safe_exec(source)
    assert result.error is None
    assert result.timeline().state(result.steps).frames[0].variables["y"] == 500


def test_what_led_to_a_hang_has_been_sent_before_it() -> None:
    chunks: list[bytes] = []
    seen: list[tuple[int, object]] = []

    def stuck() -> None:
        timeline = Timeline(b"".join(chunks))
        state = timeline.state(timeline.steps)
        seen.append((state.line, [o.items for o in state.heap.values()]))

    names: dict[str, Any] = {"__name__": "__main__", "stuck": stuck}
    source = "import re\nitems = [1, 2, 3]\nitems[0] = 9\nstuck()\n"
    assert safe_exec(source, namespace=names, on_chunk=chunks.append).error is None
    assert seen == [(3, [(9, 2, 3)])]


def test_a_fault_of_ours_ends_the_recording_and_not_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    from dstruct_harness.encoder import Encoder

    def broken(self: Encoder, path: list[int], end: Any = None) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(Encoder, "encode", broken)
    result = safe_exec("a = []\nfor i in range(9):\n    a.append(i)\nprint(a)\n")
    assert result.output == "[0, 1, 2, 3, 4, 5, 6, 7, 8]\n"
    assert (result.stop_reason, result.recorder_error) == ("ok", "KeyError('ours')")
    assert result.to_json()["recorderError"] == "KeyError('ours')"


def test_an_exception_about_an_object_says_of_what_kind_it_is_and_asks_it_nothing() -> None:
    source = "class P:\n    def __repr__(self): print('asked')\n    __str__ = __repr__\n{}[P()]\n"
    result = safe_exec(source)
    assert result.error is not None
    assert result.error.message == "<P>"
    [raised] = [f for f in result.iter_callstack() if f["name"] == "error"]
    assert raised["args"] == {"name": "KeyError", "message": "<P>"}

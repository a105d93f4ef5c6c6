"""The widget's Python side and the magic: what is sent, what state it ends in, what bad input says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from dstruct_lite import Visualizer, visualize, watchdog, widget
from dstruct_lite.isolation import api as isolation
from dstruct_lite.magic import DstructMagics


class Sent(list[tuple[dict[str, Any], list[bytes]]]):
    """The messages a widget sent."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    messages = Sent()

    def send(_: Visualizer, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        messages.append((content, list(buffers or [])))

    monkeypatch.setattr(Visualizer, "send", send)
    monkeypatch.setattr(Visualizer, "show", lambda self: None)
    return messages


def double(items: list[int]) -> list[int]:
    for i in range(len(items)):
        items[i] *= 2
    return items


def test_chunks_are_sent_in_order_and_the_status_is_final(sent: Sent) -> None:
    viz = visualize(double, [1, 2])
    assert viz.result is not None
    assert (viz.result.value, viz.result.stop_reason) == ([2, 4], "ok")
    assert [content["index"] for content, _ in sent] == list(range(len(sent)))
    assert b"".join(part for _, buffers in sent for part in buffers) == viz.result.trace
    status = viz._status
    assert (status["state"], status["stopReason"], status["chunks"]) == ("done", "ok", len(sent))
    assert status["steps"] == viz.result.steps


def test_a_page_that_lost_chunks_gets_them_again(sent: Sent) -> None:
    viz = visualize(double, [1, 2])
    all_chunks = [part for _, buffers in sent for part in buffers]
    for have, expected in ((0, all_chunks), (1, all_chunks[1:]), (len(all_chunks), []), (-3, all_chunks)):
        sent.clear()
        viz._handle_custom_msg({"type": "sync", "have": have}, [])
        assert [part for _, buffers in sent for part in buffers] == expected
    sent.clear()
    for rubbish in (None, 3, {"type": "sync"}, {"type": "sync", "have": "0"}, {"type": "other", "have": 0}):
        viz._handle_custom_msg(rubbish, [])
    assert sent == []


def test_no_widget_goes_on_saying_that_it_runs(sent: Sent) -> None:
    viz = Visualizer("broken", 5.0)

    def broken(_: Callable[[bytes], None]) -> Any:
        raise RuntimeError("our own fault")

    with pytest.raises(RuntimeError, match="our own fault"):
        viz.run(broken)
    assert (viz._status["state"], viz._status["stopReason"]) == ("done", "error")


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_limits_are_checked_before_anything_is_shown(sent: Sent, seconds: float) -> None:
    with pytest.raises(ValueError, match="positive number"):
        visualize(double, [1], seconds=seconds)


def test_only_python_functions_can_be_visualized(sent: Sent) -> None:
    with pytest.raises(TypeError, match="Python function or method, not builtin_function_or_method"):
        visualize(len, [1])


@pytest.fixture
def shell() -> Any:
    instance = InteractiveShell.instance()
    instance.register_magics(DstructMagics)
    yield instance
    InteractiveShell.clear_instance()


def test_the_magic_runs_in_the_notebook_s_namespace(sent: Sent, shell: Any) -> None:
    shell.user_ns["data"] = [3, 1]
    viz = shell.run_cell_magic("dstruct", "--seconds 5", "data.sort()\nbiggest = data[-1]\n")
    assert viz.result.error is None
    assert (shell.user_ns["biggest"], shell.user_ns["data"]) == (3, [1, 3])
    short = shell.run_cell_magic("dstruct", "--steps 1_0", "while True: pass")
    assert (short.result.stop_reason, short.result.steps) == ("step-limit", 10)


def test_the_magic_steps_into_included_modules(
    sent: Sent, shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "halves_to_include.py").write_text("def halve(x):\n    return x // 2\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    viz = shell.run_cell_magic(
        "dstruct", "--include halves_to_include", "import halves_to_include as h\ny = h.halve(9)"
    )
    timeline = viz.result.timeline()
    names = {frame.name for step in range(len(timeline)) for frame in timeline.state(step).frames}
    assert names == {"<module>", "halve"}
    with pytest.raises(UsageError, match="there is no module named 'no_such'"):
        shell.run_cell_magic("dstruct", "--include no_such", "x = 1")


@pytest.mark.parametrize("line", ["--seconds 0", "--seconds nan", "--steps -3", "--seconds two", "--what 3"])
def test_bad_options_say_what_is_wrong(sent: Sent, shell: Any, line: str) -> None:
    with pytest.raises((UsageError, SystemExit)) as caught:
        shell.run_cell_magic("dstruct", line, "x = 1")
    assert isinstance(caught.value, UsageError)
    assert line.split()[0] in str(caught.value)
    assert "x" not in shell.user_ns


def test_a_cell_in_a_process_of_its_own_says_so(
    sent: Sent, shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for cell in (
        "class Node:\n    def __init__(self, val):\n        self.val = val\n",
        "data = [Node(3), Node(1)]\nlines = (line for line in 'ab')\n",
        "def smallest(nodes):\n    return min(node.val for node in nodes)\n",
    ):
        assert shell.run_cell(cell, store_history=True).success
    viz = shell.run_cell_magic(
        "dstruct", "--isolation process --seconds 20", "made = smallest(data)\nprint(made, lines)"
    )
    assert viz.result.error.message == "name 'lines' is not defined"
    assert "made" not in shell.user_ns
    told = capsys.readouterr().out
    assert told.splitlines() == [
        "Running in a process of its own: data, smallest went in as copies; nothing it binds or changes comes back.",
        "Left out: lines (cannot pickle 'generator' object).",
    ]
    assert b"".join(part for _, buffers in sent for part in buffers) == viz.result.trace
    assert (viz._status["state"], viz._status["stopReason"]) == ("done", "error")


def test_a_killed_cell_keeps_its_picture_and_the_kernel_its_names(sent: Sent, shell: Any) -> None:
    shell.user_ns["data"] = [3, 1]
    viz = shell.run_cell_magic("dstruct", "--isolation process", "data.sort()\nimport os\nos._exit(1)")
    assert (viz._status["stopReason"], viz._status["error"]["name"]) == ("killed", "ProcessDied")
    assert viz._status["steps"] == viz.result.steps > 1
    assert shell.user_ns["data"] == [3, 1]


def test_a_call_in_a_process_of_its_own(sent: Sent, shell: Any) -> None:
    shell.run_cell("def double(items):\n    items += items\n    return items\n", store_history=True)
    items = [1]
    viz = visualize(shell.user_ns["double"], items, isolation="process", seconds=20)
    assert viz.result is not None
    assert (viz.result.result, viz.result.value, items) == ("[1, 1]", None, [1])


def test_the_page_leaves_a_process_the_time_it_needs(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    announced: list[float] = []

    def watch(run: str, seconds: float) -> Any:
        announced.append(seconds)
        return watchdog.Watch(run, seconds, None)

    monkeypatch.setattr(widget, "watch", watch)
    visualize(double, [1], seconds=20)
    assert announced == [20]
    with pytest.raises(TypeError, match="copied into another process"):
        visualize(double, (i for i in "ab"), seconds=20, isolation="process")
    assert announced[1] >= 20 + isolation.START_SECONDS + isolation.GRACE


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--isolation thread", "--isolation"),
        ("--isolation process --memory 0", "--memory must be a positive"),
    ],
)
def test_bad_isolation_says_what_is_wrong(sent: Sent, shell: Any, line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        shell.run_cell_magic("dstruct", line, "x = 1")


def test_where_there_is_no_process_the_cell_says_so(
    sent: Sent, shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "emscripten")
    with pytest.raises(UsageError, match="this Python runs in the browser"):
        shell.run_cell_magic("dstruct", "--isolation process", "x = 1")
    assert "x" not in shell.user_ns

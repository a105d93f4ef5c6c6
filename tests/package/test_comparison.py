"""Comparing two runs; the traits of the widgets, what bad input says, what closing frees."""

from __future__ import annotations

from typing import Any

import pytest
import traitlets

import dstruct_lite
from dstruct_lite import Comparison, Visualizer, compare, visualize


@pytest.fixture(autouse=True)
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Visualizer, "send", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(Visualizer, "show", lambda self: None)
    monkeypatch.setattr(Comparison, "show", lambda self: None)


def bubble(items: list[int]) -> list[int]:
    for end in range(len(items) - 1, 0, -1):
        for i in range(end):
            if items[i] > items[i + 1]:
                items[i], items[i + 1] = items[i + 1], items[i]
    return items


def insertion(items: list[int]) -> list[int]:
    for i in range(1, len(items)):
        while i > 0 and items[i - 1] > items[i]:
            items[i - 1], items[i] = items[i], items[i - 1]
            i -= 1
    return items


def test_both_functions_get_the_same_input_and_the_learner_keeps_theirs() -> None:
    data = [3, 1, 2]
    both = compare(bubble, insertion, data)
    assert data == [3, 1, 2]
    results = [run.result for run in (both.left, both.right)]
    assert [result.value for result in results if result] == [[1, 2, 3], [1, 2, 3]]
    assert both.left.result is not None
    assert both.right.result is not None
    assert both.steps == max(both.left.result.steps, both.right.result.steps) > 0
    assert [both.left._title, both.right._title] == ["bubble", "insertion"]
    state = both.get_state()
    assert state["left"] == f"IPY_MODEL_{both.left.model_id}"
    assert (state["step"], state["playing"], state["granularity"]) == (-1, False, "operation")
    both.close()


def test_an_error_in_one_run_leaves_the_other() -> None:
    def broken(items: list[int]) -> None:
        raise ValueError(items[0])

    both = compare(broken, bubble, [2, 1])
    assert (both.left.stop_reason, both.right.stop_reason) == ("error", "ok")
    both.close()


def test_what_cannot_be_compared_is_said_before_anything_runs() -> None:
    with pytest.raises(TypeError, match="compare needs a Python function or method, not type"):
        compare(bubble, list, [1])
    with pytest.raises(TypeError, match="its own copy of the arguments"):
        compare(bubble, insertion, (i for i in range(3)))
    with pytest.raises(ValueError, match="positive"):
        compare(bubble, insertion, [1], seconds=0)


def test_closing_a_comparison_closes_both_runs_and_what_they_hold() -> None:
    both = compare(bubble, insertion, [2, 1])
    runs = (both.left, both.right)
    both.close()
    assert [run.comm for run in runs] == [None, None]
    assert [run.chunks_from(0) for run in runs] == [[], []]
    assert all(run.result is not None for run in runs)


def test_traits_can_be_observed_and_linked() -> None:
    viz = visualize(bubble, [2, 1])
    assert viz.result is not None
    assert (viz.steps, viz.stop_reason, viz.playing) == (viz.result.steps, "ok", False)
    seen: list[Any] = []
    viz.observe(lambda change: seen.append(change["new"]), "step")
    viz.set_state({"step": 3})  # as the page says it
    viz.step = 10**6
    viz.step = -7
    assert seen == [3, viz.steps, -1]
    other = visualize(insertion, [2, 1])
    link = traitlets.link((viz, "step"), (other, "step"))
    viz.step = 2
    assert other.step == 2
    link.unlink()
    with pytest.raises(traitlets.TraitError):
        viz.granularity = "word"
    viz.granularity = "line"
    viz.playing = True
    assert {name: viz.get_state()[name] for name in ("granularity", "playing", "steps", "stop_reason")} == {
        "granularity": "line",
        "playing": True,
        "steps": viz.steps,
        "stop_reason": "ok",
    }
    viz.close()
    other.close()


def test_a_comparison_is_part_of_the_promise() -> None:
    assert {"compare", "Comparison"} <= set(dstruct_lite.__all__)
    assert dstruct_lite.compare is compare

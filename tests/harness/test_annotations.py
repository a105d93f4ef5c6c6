"""`dstruct.*`: what the calls accept, what they tell the recorder of a run, and that they do nothing outside one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from dstruct_harness.annotations import KINDS, NOTHING, annotate, memory, recording

import dstruct

Told = list[tuple[str, Any, Any, Any]]


@pytest.fixture
def told() -> Iterator[Told]:
    said: Told = []
    with recording(lambda *each: said.append(each)):
        yield said


class Node:
    """A learner's class that must not be asked anything."""

    def _asked(self, *_: Any) -> Any:
        raise AssertionError("the object was asked")

    __eq__ = __hash__ = __len__ = __iter__ = __bool__ = __getattr__ = __repr__ = __index__ = _asked  # type: ignore
    __class__ = property(_asked)  # type: ignore


def test_what_is_said_reaches_the_run(told: Told) -> None:
    numbers, node, table = [5, 2, 9], Node(), {"a": 1}
    dstruct.show(numbers, as_="heap")
    dstruct.note(node, "pivot")
    dstruct.color(numbers, "red", key=1)
    dstruct.color(node, "#ff0000")
    dstruct.color(numbers, {5: "green"})
    dstruct.note(table, "first", key="a")
    dstruct.hide(node)
    dstruct.info(node, {"height": 2})
    dstruct.blink(numbers, key=2)
    dstruct.clear(numbers)
    assert [(kind, key, data) for kind, _, key, data in told] == [
        ("show", NOTHING, "heap"),
        ("note", NOTHING, "pivot"),
        ("color", 1, "red"),
        ("color", NOTHING, "#ff0000"),
        ("color", NOTHING, {5: "green"}),
        ("note", "a", "first"),
        ("hide", NOTHING, True),
        ("info", NOTHING, {"height": 2}),
        ("blink", 2, True),
        ("clear", NOTHING, NOTHING),
    ]
    subjects = [numbers, node, numbers, node, numbers, table, node, node, numbers, numbers]
    assert all(said[1] is subject for said, subject in zip(told, subjects, strict=True))
    assert {kind for kind, *_ in told} <= set(KINDS)


def test_what_was_said_can_be_taken_back(told: Told) -> None:
    node = Node()
    dstruct.color(node, None)
    dstruct.note(node, None)
    dstruct.hide(node, False)
    dstruct.show(node, None)
    dstruct.info(node, None)
    dstruct.group([node], None)
    assert {data for *_, data in told} == {NOTHING}
    assert [kind for kind, *_ in told] == ["color", "note", "hide", "show", "info", "group"]


@pytest.mark.parametrize(
    "call",
    [
        lambda x: dstruct.color(x, "red"),
        lambda x: dstruct.note(x, "here"),
        lambda x: dstruct.hide(x),
        lambda x: dstruct.show(x, as_="tree"),
        lambda x: dstruct.info(x, {}),
        lambda x: dstruct.blink(x),
        lambda x: dstruct.clear(x),
        lambda x: dstruct.pointer(x, "left", "here"),
    ],
)
def test_each_call_returns_its_object_and_passes_none_over(call: Any, told: Told) -> None:
    node = Node()
    assert call(node) is node
    assert len(told) == 1
    assert call(None) is None
    assert len(told) == 1


def test_a_group_takes_objects_of_a_list_or_a_dict(told: Told) -> None:
    one, two = Node(), Node()
    for objects in ([one, two], (one, None, two), deque([one, two]), {"a": one, "b": two}):
        told.clear()
        assert dstruct.group(objects, "left half") is objects
        assert [(kind, key, data) for kind, _, key, data in told] == [("group", NOTHING, "left half")] * 2
        assert told[0][1] is one
        assert told[1][1] is two


def test_nothing_happens_outside_a_run() -> None:
    numbers = [1]
    assert dstruct.pointer(dstruct.color(dstruct.note(numbers, "x"), "red"), 0, "i") is numbers
    assert memory() is None
    annotate("color", numbers, NOTHING, "red")


def test_other_threads_are_not_the_run_s(told: Told) -> None:
    thread = threading.Thread(target=lambda: dstruct.note([1], "elsewhere"))
    thread.start()
    thread.join()
    assert told == []


def test_the_innermost_run_hears(told: Told) -> None:
    inner: Told = []
    with recording(lambda *each: inner.append(each)):
        dstruct.note([1], "inner")
    dstruct.note([1], "outer")
    assert ([data for *_, data in inner], [data for *_, data in told]) == (["inner"], ["outer"])


def standing(told: Told) -> dict[tuple[int, Any], str]:
    """The pointers that a state would show."""
    state: dict[tuple[int, Any], str] = {}
    for kind, subject, key, data in told:
        assert kind == "pointer"
        state[(id(subject), key)] = data
    return {place: data for place, data in state.items() if data is not NOTHING}


def test_a_pointer_moves_and_shares_its_place(told: Told) -> None:
    numbers = [1, 2, 3]
    dstruct.pointer(numbers, 0, "low")
    dstruct.pointer(numbers, 2, "high")
    assert standing(told) == {(id(numbers), 0): "low", (id(numbers), 2): "high"}
    dstruct.pointer(numbers, 0, "high")
    assert standing(told) == {(id(numbers), 0): "low, high"}
    dstruct.pointer(numbers, -1, "high")
    assert standing(told) == {(id(numbers), 0): "low", (id(numbers), -1): "high"}
    dstruct.pointer(numbers, 3, "low")
    dstruct.pointer(numbers, None, "high")
    assert standing(told) == {(id(numbers), 3): "low"}
    dstruct.clear(numbers)
    told.clear()
    dstruct.pointer(numbers, 1, "high")
    assert [(key, data) for _, _, key, data in told] == [(1, "high")]


def test_a_pointer_in_a_grid_stands_in_its_row(told: Told) -> None:
    grid = [[1, 2], [3, 4]]
    dstruct.pointer(grid, (0, 1), "me")
    assert standing(told) == {(id(grid[0]), 1): "me"}
    dstruct.pointer(grid, (1, 0), "me")
    assert standing(told) == {(id(grid[1]), 0): "me"}
    told.clear()
    dstruct.color(grid, "red", key=(1, 1))
    assert told == [("color", grid[1], 1, "red")]


def test_pointers_are_forgotten_with_the_run(told: Told) -> None:
    numbers = [1]
    dstruct.pointer(numbers, 0, "i")
    again: Told = []
    with recording(lambda *each: again.append(each)):
        dstruct.pointer(numbers, 0, "j")
    assert [data for *_, data in again] == ["j"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: dstruct.color(5, "red"), TypeError, r"5 is a number.*dstruct\.color\(numbers, \.\.\., key=2\)"),
        (lambda: dstruct.pointer(5, [1], "i"), TypeError, r"5 is a number.*dstruct\.pointer\(numbers, 2"),
        (lambda: dstruct.note(True, "x"), TypeError, "True is a number"),
        (lambda: dstruct.note(Node, "x"), TypeError, "an object of the program, not type"),
        (lambda: dstruct.color([1], 3), TypeError, r"dstruct\.color: the colour must be a string, not int"),
        (lambda: dstruct.color([1], " "), ValueError, "must not be empty"),
        (lambda: dstruct.color([1], {1: 2}), TypeError, "each colour must be a string, not int"),
        (lambda: dstruct.color([1], {1: "red"}, key=0), TypeError, "leave key out"),
        (lambda: dstruct.color([1], "red", key="a"), TypeError, "a place in a list is a position.* not str"),
        (lambda: dstruct.color([1], "red", key=True), TypeError, "a whole number, not bool"),
        (lambda: dstruct.color([1], "red", key=(0, 0)), TypeError, "row 0 is no list"),
        (lambda: dstruct.color([[1]], "red", key=(5, 0)), IndexError, "there is no row 5"),
        (lambda: dstruct.pointer("abc", 1.5, "i"), TypeError, "a place in a str is a position"),
        (lambda: dstruct.pointer([1], 0, 3), TypeError, "the name must be a string, not int"),
        (lambda: dstruct.pointer([1], 0, ""), ValueError, "must not be empty"),
        (lambda: dstruct.pointer([1], 0, None), ValueError, "must not be empty"),
        (lambda: dstruct.note([1], 3), TypeError, r"dstruct\.note: the note must be a string"),
        (lambda: dstruct.hide([1], "yes"), TypeError, "hidden must be True or False, not str"),
        (lambda: dstruct.show([1], as_="arary"), ValueError, "there is no view 'arary'; there are array, boxes"),
        (lambda: dstruct.show([1], as_=3), TypeError, "as_ must be a string"),
        (lambda: dstruct.info([1], "x"), TypeError, r"dstruct\.info needs a dict"),
        (lambda: dstruct.group(5, "x"), TypeError, "a list of objects, not int"),
        (lambda: dstruct.group([[1], 5], "x"), TypeError, "5 is a number"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("recorded", [False, True])
def test_bad_arguments_say_what_is_wrong(call: Any, error: Any, message: str, recorded: bool) -> None:
    said: Told = []
    if not recorded:
        with pytest.raises(error, match=message):
            call()
        return
    with recording(lambda *each: said.append(each)), pytest.raises(error, match=message):
        call()
    assert said == []


@pytest.mark.parametrize(
    ("word", "view"), [("grid", "matrix"), ("Linked List", "linked-list"), ("hash_table", "hash-table")]
)
def test_other_words_for_a_view(word: str, view: str, told: Told) -> None:
    dstruct.show([1], as_=word)
    assert told[0][3] == view

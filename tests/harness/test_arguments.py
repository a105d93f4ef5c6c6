"""Arguments of the JSON contract, and the node classes a run with an entry is given."""

from __future__ import annotations

from typing import Any

import pytest
from dstruct_harness import safe_exec
from dstruct_harness.annotations import NOTHING, recording
from dstruct_harness.provided import node_classes

SAME = "def f(x): return x"


def given(kind: str, value: Any, code: str = SAME) -> Any:
    result = safe_exec(code, [{"type": kind, "value": value}], entry="f")
    assert result.error is None, result.error.message
    return result.value


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("array", [1, "a", None, [2]], [1, "a", None, [2]]),
        ("array", None, []),
        ("matrix", [[1, 2], [3]], [[1, 2], [3]]),
        ("matrix", None, []),
        ("graph", [[0, 1], [1, 2]], [[0, 1], [1, 2]]),
        ("graph", {"a": ["b"], "b": []}, {"a": ["b"], "b": []}),
        ("graph", None, None),
        ("string", "ä\ud800", "ä\ud800"),
        ("string", None, ""),
        ("number", 3, 3),
        ("number", 2.5, 2.5),
        ("number", None, 0),
        ("boolean", True, True),
        ("boolean", None, False),
        ("set", [1, 1, "a", None], {1, "a", None}),
        ("set", None, set()),
        ("map", {"a": 1}, {"a": 1}),
        ("map", [[1, "a"], [2, "b"]], {1: "a", 2: "b"}),
        ("map", None, {}),
        ("object", {"a": {"b": 1}}, {"a": {"b": 1}}),
        ("object", None, {}),
    ],
)
def test_each_type_gives_its_python_value(kind: str, value: Any, expected: Any) -> None:
    found = given(kind, value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([4, 2, 7, None, 3], "[4, 2, 7, None, 3]"),
        ({"levelOrder": [4, 2, 7, None, 3]}, "[4, 2, 7, None, 3]"),
        ({"levelOrder": [1, 2], "nodeIds": ["x", "y"], "treeName": "root"}, "[1, 2]"),
        ({"levelOrder": ["a", None, "b"], "nodeIds": ["x", None, "y"], "treeName": "t"}, "['a', None, 'b']"),
        ([1, None, None, None], "[1]"),
        ([1, None, 2, 3, None, None, 4], "[1, None, 2, 3, None, None, 4]"),
        ([], "None"),
        ([None], "None"),
        (None, "None"),
        ({"levelOrder": None}, "None"),
    ],
)
def test_binary_trees_from_their_level_order(value: Any, expected: str) -> None:
    assert given("binaryTree", value, "def f(root): return str(root)") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, 2, 3], "1 -> 2 -> 3"),
        ({"values": ["a", None], "nodeIds": ["x", "y"], "treeName": "head"}, "'a' -> None"),
        ({"values": []}, "None"),
        (None, "None"),
    ],
)
def test_linked_lists_from_their_values(value: Any, expected: str) -> None:
    assert given("linkedList", value, "def f(head): return str(head)") == expected


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("array", {"a": 1}, "expected an array, not an object"),
        ("array", "[1]", "expected an array, not a string"),
        ("matrix", [[1], 2], "expected an array of rows, but row 1 is a number"),
        ("graph", 3, "expected an array or an object, not a number"),
        ("string", 3, "expected a string, not a number"),
        ("number", "3", "expected a number, not a string"),
        ("number", True, "expected a number, not a boolean"),
        ("boolean", 1, "expected true or false, not a number"),
        ("set", [1, [2]], "element 1 is an array, which cannot be in a set"),
        ("set", {"a": 1}, "expected an array, not an object"),
        ("map", [[1, 2], [3]], "expected [key, value], but entry 1 is an array"),
        ("map", [[[1], 2]], "the key of entry 0 is an array"),
        ("map", 3, "expected an object or an array of [key, value], not a number"),
        ("object", [1], "expected an object, not an array"),
        ("binaryTree", 3, 'expected an array or an object with "levelOrder", not a number'),
        ("binaryTree", {"values": [1]}, "expected the key \"levelOrder\", and there are only 'values'"),
        ("binaryTree", {"levelOrder": 3}, '"levelOrder" must be an array, not a number'),
        ("binaryTree", [None, 1], "the root is null, but there are nodes after it"),
        ("binaryTree", [1, None, None, 5], "the value at position 3 has no parent"),
        ("binaryTree", [1, [2]], "the value at position 1 is an array: a node holds a single value"),
        ("binaryTree", {"levelOrder": [1, 2], "nodeIds": ["x"]}, '"nodeIds" has 1 entries, "levelOrder" has 2'),
        ("binaryTree", {"levelOrder": [1], "nodeIds": [3]}, '"nodeIds" must be an array of strings'),
        ("linkedList", {"values": [1], "treeName": 3}, '"treeName" must be a string, not a number'),
        ("linkedList", {}, 'expected the key "values", and there are only none'),
        ("list", [1], "unknown type 'list'; there are binaryTree, linkedList, graph, array"),
        (3, [1], "unknown type 3"),
    ],
)  # fmt: skip
def test_a_bad_argument_is_told_with_its_number(kind: Any, value: Any, message: str) -> None:
    args = [{"type": "number", "value": 1}, {"type": kind, "value": value}]
    result = safe_exec("print('ran')\ndef f(a, b): return b", args, entry="f")
    assert (result.stop_reason, result.output) == ("error", "ran\n")
    assert result.error is not None
    assert result.error.name in ("TypeError", "ValueError")
    assert result.error.message.startswith(f"argument 2 ({kind}): ")
    assert message in result.error.message


def test_plain_values_and_named_forms_are_taken_too() -> None:
    assert safe_exec(SAME, [{"type": "dog"}], entry="f").value == {"type": "dog"}
    assert safe_exec(SAME, [{"type": "set", "value": [1], "name": "seen"}], entry="f").value == {1}


def test_a_program_s_own_nodes_are_built() -> None:
    code = (
        "class TreeNode:\n    def __init__(self, x):\n"
        "        self.val, self.left, self.right, self.mine = x, None, None, 1\n"
        "def f(root): return root.mine, root.left.val, type(root) is TreeNode, hasattr(root, 'setColor')\n"
    )
    assert given("binaryTree", [1, 2], code) == (1, 2, True, False)


def test_nodes_are_provided_to_runs_with_an_entry_only() -> None:
    assert safe_exec("TreeNode(1)").error is not None
    assert safe_exec("def f(): return str(TreeNode(1, TreeNode(2))), repr(ListNode(1))", entry="f").value == (
        "[1, 2]",
        "ListNode(1)",
    )


def test_nodes_take_dstruct_s_calls() -> None:
    classes = node_classes()
    told: list[Any] = []
    with recording(lambda *said: told.append(said)):
        for kind in classes.values():
            node = kind(1)
            colors = {1: "red"}
            assert node.setColor("green") is None
            node.setColor(None)
            node.setColor("red", "blink")
            node.setColorMap(colors)
            colors[1] = "blue"
            node.setInfo({"height": 2})
            node.setInfo(None)
            node.blink()
            node.showPointer("slow")
            node.showIndexes(True)
            assert [(kind, key, data) for kind, subject, key, data in told if subject is node] == [
                ("color", NOTHING, "green"),
                ("color", NOTHING, NOTHING),
                ("color", NOTHING, "red"),
                ("blink", NOTHING, True),
                ("color", NOTHING, {1: "red"}),
                ("info", NOTHING, {"height": 2}),
                ("info", NOTHING, NOTHING),
                ("blink", NOTHING, True),
                ("pointer", NOTHING, "slow"),
            ]
            assert vars(node).keys() <= {"val", "left", "right", "next"}
    node = classes["TreeNode"](1)
    node.setColor("green")
    for wrong in (
        lambda: node.setColor(3),
        lambda: node.setInfo("x"),
        lambda: node.setColorMap(["red"]),
        lambda: node.showPointer(1),
    ):
        with pytest.raises(TypeError, match="needs a"):
            wrong()


def test_the_text_of_a_node_always_ends() -> None:
    code = (
        "def f(root, head):\n"
        "    root.left.left = root\n"
        "    head.next.next = head\n"
        "    many = ListNode(0)\n"
        "    for i in range(5000): many = ListNode(i, many)\n"
        "    return str(root), str(head), len(str(many)) < 10_000\n"
    )
    args = [{"type": "binaryTree", "value": [1, 2]}, {"type": "linkedList", "value": [1, 2]}]
    assert safe_exec(code, args, entry="f").value == ("[1, 2, None, …]", "1 -> 2 -> …", True)

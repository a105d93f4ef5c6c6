"""Each operation frame can be undone: from what is there at the end, backwards, to what each object began with."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest
from dstruct_harness import ExecutionResult, Ref, safe_exec
from dstruct_harness.timeline import HeapObject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

READS = {"readArrayItem", "blink", "consoleLog", "error"}
Held = list[Any] | dict[str, Any]


def key(value: Any) -> str:
    return json.dumps(value)


def json_value(value: Any) -> Any:
    return {"ref": int(value.id)} if isinstance(value, Ref) else value


def at_the_end(one: HeapObject) -> Held:
    """An object as frames speak of it: a list, or what is under each key (an absent attribute is None)."""
    if one.shape in ("list", "tuple", "deque", "array"):
        return [json_value(item) for item in one.items]
    if one.shape in ("set", "frozenset"):
        return {key(json_value(item)): True for item in one.items}
    rows = [(k if one.shape == "object" else json_value(k), json_value(v)) for k, v in one.items]
    return {key(k): v for k, v in rows if v is not None}


def told(frame: dict[str, Any], value: list[Any]) -> Held:
    """The contents that an `addArray` frame tells."""
    kind = frame["structureType"]
    if kind == "array":
        return list(value)
    if kind == "set":
        return {key(member): True for member in value}
    return {key(k): v for k, v in value if v is not None}


def undo(held: Held, frame: dict[str, Any]) -> Held:
    args, before = frame["args"], frame.get("prevArgs")
    if frame["name"] == "addArray":
        assert before is not None
        return told(frame, before["value"])
    if isinstance(held, list):
        if frame["name"] == "deleteNode":
            assert before is not None
            held.insert(before["index"], before["value"])
        elif before is None:
            assert held.pop(args["index"]) == args["value"]
        else:
            assert held[args["index"]] == args["value"]
            held[args["index"]] = before["value"]
    elif frame["structureType"] == "set":
        if frame["name"] == "deleteNode":
            held[key(args["index"])] = True
        else:
            del held[key(args["value"])]
    else:
        name = key(args["name"] if frame["structureType"] == "object" else args["index"])
        if "value" in args:
            assert held.pop(name, None) == args["value"]
        if before is not None and before["value"] is not None:
            held[name] = before["value"]
    return held


def check(source: str) -> ExecutionResult:
    result = safe_exec(source)
    assert (result.error, result.recorder_error) == (None, None)
    heap = {
        str(number): at_the_end(one) for number, one in result.timeline().state(result.steps).heap.items()
    }
    begun = set()
    for frame in reversed(result.callstack):
        node = frame["nodeId"]
        if node is None or frame["name"] in READS or node not in heap:
            continue
        assert node not in begun, frame
        if frame["name"] == "addArray" and "prevArgs" not in frame:
            assert heap[node] == told(frame, frame["args"]["value"]), frame
            begun.add(node)
        else:
            heap[node] = undo(heap[node], frame)
    return result


small = st.integers(-4, 9)
LISTS = st.one_of(
    st.builds("a.append({})".format, small),
    st.builds("a.insert({}, {})".format, small, small),
    st.builds("if a: a.pop({} % len(a))".format, small),
    st.builds("if a: a[{} % len(a)] = {}".format, small, small),
    st.builds("if a: a[-1] += {}".format, small),
    st.builds("if a: del a[{} % len(a)]".format, small),
    st.builds("a[{}:{}] = [{}, {}]".format, small, small, small, small),
    st.builds("del a[{}:{}]".format, small, small),
    st.builds("a += [{}, {}]".format, small, small),
    st.builds("a.extend([{}] * {})".format, small, small),
    st.builds("a *= {}".format, st.integers(0, 2)),
    st.sampled_from(["a.sort()", "a.reverse()", "a.sort(key=lambda x: -x)", "a.clear()"]),
    st.builds("if {0} in a: a.remove({0})".format, small),
    st.builds("if len(a) > 1: a[0], a[-1] = a[-1], a[0]".format),
    st.builds("heapq.heapify(a); heapq.heappush(a, {})".format, small),
    st.builds("a.sort(); bisect.insort(a, {})".format, small),
    st.builds("random.shuffle(a)".format),
    st.builds("for f in (a.append, a.append): f({})".format, small),
    st.builds("list(map(a.append, [{}, {}]))".format, small, small),
)
DICTS = st.one_of(
    st.builds("d[{}] = {}".format, small, small),
    st.builds("d.pop({}, None)".format, small),
    st.builds("d.setdefault({}, {})".format, small, small),
    st.builds("d.update({{{}: {}, {}: 1}})".format, small, small, small),
    st.builds("d |= {{{}: {}}}".format, small, small),
    st.builds("if d: d.popitem()".format),
    st.builds("if {0} in d: del d[{0}]".format, small),
    st.builds("d[{0}] = d.get({0}, 0) + 1".format, small),
    st.sampled_from(["d.clear()"]),
    st.builds("g[{}].append({})".format, small, small),
    st.builds("c[{}] += 1".format, small),
    st.builds("c.update([{}, {}])".format, small, small),
    st.builds("if {0} in o: o.move_to_end({0})".format, small),
    st.builds("o[{}] = {}".format, small, small),
)
SETS = st.one_of(
    st.builds("s.add({})".format, small),
    st.builds("s.discard({})".format, small),
    st.builds("s |= {{{}, {}}}".format, small, small),
    st.builds("s ^= {{{}, {}}}".format, small, small),
    st.builds("s -= {{{}}}".format, small),
    st.builds("s.update([{}, {}])".format, small, small),
    st.builds("if {0} in s: s.remove({0})".format, small),
    st.sampled_from(["if s: s.pop()", "s.clear()"]),
)
DEQUES = st.one_of(
    st.builds("q.append({})".format, small),
    st.builds("q.appendleft({})".format, small),
    st.builds("b.append({})".format, small),
    st.builds("b.appendleft({})".format, small),
    st.builds("b.extend([{}, {}])".format, small, small),
    st.builds("q.rotate({})".format, small),
    st.builds("q.extendleft([{}, {}])".format, small, small),
    st.builds("if q: q[{} % len(q)] = {}".format, small, small),
    st.sampled_from(["if q: q.pop()", "if q: q.popleft()", "q.reverse()", "q.clear()", "if b: b.popleft()"]),
)
LINKED = st.one_of(
    st.builds("head = Node({}, head)".format, small),
    st.builds("if head: head.val = {}".format, small),
    st.builds("if head: head.next = Node({}, head.next)".format, small),
    st.builds("head = reverse(head)".format),
    st.builds("if head and head.next: head.next = head.next.next".format),
    st.builds("root = insert(root, {})".format, small),
    st.builds("if root: root.left, root.right = root.right, root.left".format),
    st.builds("if root: root.mark = {}".format, small),
    st.builds("if hasattr(root, 'mark'): del root.mark".format),
    st.builds("if root: setattr(root, 'mark', {})".format, small),
    st.builds("grid[{} % 3][{} % 3] = {}".format, small, small, small),
    st.builds("grid[0], grid[2] = grid[2], grid[0]".format),
)
BEGIN = dedent("""
    import bisect, heapq, random
    from collections import Counter, OrderedDict, defaultdict, deque
    class Node:
        def __init__(self, val, next=None):
            self.val = val
            self.next = next
    class Tree:
        def __init__(self, val):
            self.val = val
            self.left = self.right = None
    def reverse(node):
        before = None
        while node:
            node.next, before, node = before, node, node.next
        return before
    def insert(node, val):
        if node is None:
            return Tree(val)
        if val < node.val:
            node.left = insert(node.left, val)
        else:
            node.right = insert(node.right, val)
        return node
    head = root = None
    a, d, s, q = [3, 1, 2], {1: 2}, {1, 2}, deque([1, 2, 3])
    g, c, o, b = defaultdict(list), Counter("aab"), OrderedDict(), deque([1, 2], maxlen=3)
    grid = [[0] * 3 for _ in range(3)]
    """)
OPERATIONS = {"list": LISTS, "dict": DICTS, "set": SETS, "deque": DEQUES, "linked": LINKED}


def program(operations: list[str]) -> str:
    return BEGIN + "\n".join(operations) + "\n"


@pytest.mark.parametrize("kind", OPERATIONS)
def test_operations_can_be_undone(kind: str) -> None:
    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(OPERATIONS[kind], max_size=12))
    def run(operations: list[str]) -> None:
        check(program(operations))

    run()


@pytest.mark.slow
@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(*OPERATIONS.values()), max_size=30))
def test_many_operations_can_be_undone(operations: list[str]) -> None:
    check(program(operations))

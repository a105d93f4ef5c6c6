"""Hypothesis strategies for small Python programs that always end: assignments, loops, calls, containers, exceptions.

Programs may fail at run time (a missing key, an index out of range): that is part of what is compared.
"""

from __future__ import annotations

from textwrap import indent

from hypothesis import strategies as st

PRELUDE = """
import random, heapq, bisect
from collections import deque, defaultdict, Counter
class Node:
    def __init__(self, val, next=None):
        self.val = val
        self.next = next
    def __repr__(self):
        return "Node"
    def bump(self, by=1):
        self.val += by
        return self
class Stack(list):
    def push(self, x):
        self.append(x)
a = [3, 1, 2]
b = [[0, 1], [2, 3]]
d = {"x": 1, 2: [5]}
s = {1, 2}
q = deque([1, 2, 3], maxlen=5)
c = Counter("aab")
m = defaultdict(list)
n = Node(1, Node(2))
k = Stack()
t = (1, [2], "z")
i = j = 0
"""

names = st.sampled_from(["a", "b", "d", "s", "q", "n", "k", "t", "i", "j", "m", "c"])
lists = st.sampled_from(["a", "b", "k", "b[0]", "d[2]", "m['u']"])
indices = st.sampled_from(["0", "1", "-1", "i", "j", "i - 1", "5", "j % 3"])
small = st.sampled_from(
    ["0", "1", "2", "i", "j + 1", "len(a)", "'s'", "None", "a", "[i, j]", "n", "t", "Node(i)"]
)
keys = st.sampled_from(["'x'", "2", "i", "('p', j)", "'new'"])


FORMS = [
    "{v}",
    "{l}[{i}]",
    "d[{k}]",
    "d.get({k})",
    "{l}[{i}:{j}]",
    "n.val",
    "n.next",
    "n.next.val",
    "len({l})",
    "sorted(range(i))",
    "{v} == 1",
    "[*a]",
    "c['a']",
    "m[{k}]",
    "{l}.copy()",
    "f(i)",
    "list(g({l}))",
    "n.bump().val",
    "{v} if i < j else {v}",
    "sum(x for x in a if x in s)",
    "{k} in d",
    "{v} not in {l}",
    "[e for e in {l}]",
    "{{e: 1 for e in a}}",
    "(lambda p: a[p])({i})",
    "max(a)",
    "a.index(1)",
    "q[0]",
    "t[1]",
    "{l}.pop()",
    "q.popleft()",
    "d.setdefault({k}, {v})",
    "d.pop({k}, None)",
    "heapq.heappop(a)",
]


@st.composite
def expressions(draw: st.DrawFn) -> str:
    form = draw(st.sampled_from(FORMS))
    return form.format(v=draw(small), l=draw(lists), i=draw(indices), j=draw(indices), k=draw(keys))


@st.composite
def simple(draw: st.DrawFn) -> str:
    form = draw(
        st.sampled_from(
            [
                "{n} = {e}",
                "i, j = j, i",
                "i += 1",
                "j -= 1",
                "{l}[{i}] = {e}",
                "{l}[{i}], {l}[{j}] = {l}[{j}], {l}[{i}]",
                "{l}[{i}] += {v}",
                "{l}[{i}:{j}] = {e}",
                "del {l}[{i}]",
                "del {l}[{i}:{j}]",
                "d[{k}] = {e}",
                "d[{k}] += 1",
                "del d[{k}]",
                "n.val = {e}",
                "n.next = n",
                "n.next.val, i = {v}, {v}",
                "n.extra = {e}",
                "n.val += 1",
                "{l}.append({e})",
                "{l}.insert({i}, {v})",
                "{l}.sort(key=str)",
                "{l}.reverse()",
                "{l}.extend([{v}, {v}])",
                "{l} += [{v}]",
                "k.push({v})",
                "s.add({i})",
                "s |= {{7}}",
                "s.discard({i})",
                "q.append({v})",
                "q.appendleft({v})",
                "q.rotate(1)",
                "c.update('ab')",
                "c['a'] += 1",
                "m[{k}].append({v})",
                "m[{i}] += [1]",
                "heapq.heapify(a)",
                "heapq.heappush(a, {i})",
                "random.Random(1).shuffle(a)",
                "bisect.insort(a, {i})",
                "print({e})",
                "f({e})",
                "n.bump({i})",
                "(x, *y), z = {e}, {e}",
                "x = {n}[0] = {e}",
                "del {n}",
                "d.update(x={v})",
                "d.clear()",
                "assert {e}",
                "pass",
            ]
        )
    )
    return form.format(
        n=draw(names),
        e=draw(expressions()),
        l=draw(lists),
        i=draw(indices),
        j=draw(indices),
        k=draw(keys),
        v=draw(small),
    )


def block(inner: list[str]) -> str:
    return indent("\n".join(inner), "    ")


# An exception raised inside `finally` makes CPython visit a line that it does not run: not ours to imitate.
calm = st.lists(
    st.sampled_from(["a = [1, 2, 3]", "print('f')", "i = 1", "n = Node(3, n)"]), min_size=1, max_size=2
)


def compound(children: st.SearchStrategy[list[str]]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(
            lambda e, b, o: f"if {e}:\n{block(b)}\nelse:\n{block(o)}", expressions(), children, children
        ),
        st.builds(lambda lst, b: f"for i in list({lst})[:4]:\n{block(b)}", lists, children),
        st.builds(
            lambda b: f"for i, j in enumerate(a[:3]):\n{block(b)}\n    if i == 1:\n        continue", children
        ),
        st.builds(lambda b, h: f"try:\n{block(b)}\nexcept Exception as e:\n{block(h)}", children, children),
        st.builds(lambda b, h: f"try:\n{block(b)}\nfinally:\n{block(h)}", children, calm),
        st.builds(lambda b: f"for _ in range(3):\n{block(b)}\n    break\nelse:\n    i = 9", children),
        st.builds(lambda b: f"w = 3\nwhile w:\n    w -= 1\n{block(b)}", children),
    )


statements = st.recursive(
    simple(), lambda inner: compound(st.lists(inner, min_size=1, max_size=3)), max_leaves=6
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    body = draw(st.lists(statements, min_size=1, max_size=7))
    function = draw(st.lists(simple(), min_size=0, max_size=2))
    returned = draw(st.sampled_from(["p", "a", "p and [p]", "locals().keys()"]))
    declared = "    global a, b, d, s, q, n, k, t, i, j, m, c\n"
    f = f"def f(p, r=2):\n{declared}{block([*function, f'return {returned}'])}"
    g = "def g(xs):\n    total = 0\n    for x in xs:\n        total += 1\n        yield x\n    return total"
    return PRELUDE + "\n".join([f, g, *body]) + "\nprint(a, b, i, j)\n"

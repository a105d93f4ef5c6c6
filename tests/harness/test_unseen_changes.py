"""What changes where we see nothing is found: methods handed around, functions that change what they are given, callbacks.

Every line's state is compared with a live snapshot, as in `test_reference.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from dstruct_harness import safe_exec
from reference import line_snapshots, reference

PROGRAMS = {
    "operator's functions": (
        "import operator\na = [1, 2]\nb = a[0]\noperator.setitem(a, 0, 5)\noperator.iadd(a, [7])\n"
        "operator.call(a.append, 3)\noperator.__delitem__(a, 1)\nx = a[0]\n"
    ),
    "operator's functions by name": (
        "from operator import setitem, delitem\na = {1: 2}\nb = a[1]\nsetitem(a, 0, 5)\ndelitem(a, 1)\nx = a[0]\n"
    ),
    "a callback that changes, called by code that is not traced": (
        "import functools\na = [3, 1]\nb = a[0]\nfunctools.reduce(lambda s, x: s.append(x) or s, [4, 5], a)\nx = a[0]\n"
    ),
    "a method given to map": "a = [1]\nb = a[0]\nx = any(map(a.append, [2, 3]))\ny = a[0]\n",
    "a method given to iter": "a = [3, 1]\nb = a[0]\nfor i in iter(a.pop, 3):\n    c = i\nx = len(a)\n",
    "a method given to itertools": (
        "import itertools\na = [3]\nb = a[0]\nlist(itertools.starmap(a.insert, [(0, 1)]))\nx = a[0]\n"
    ),
    "a partial method": (
        "import functools\na = [1]\nb = a[0]\np = functools.partial(a.append, 3)\np()\np()\nx = a[0]\n"
    ),
    "a method called when a with ends": (
        "import contextlib\na = [1]\nb = a[0]\nwith contextlib.ExitStack() as s:\n    s.callback(a.append, 3)\n"
        "    c = a[0]\nx = a[0]\n"
    ),
    "a method that a scheduler calls": (
        "import sched, time\na = [1]\nb = a[0]\ns = sched.scheduler(time.time, time.sleep)\n"
        "s.enter(0, 1, a.append, (5,))\ns.run()\nx = a[0]\n"
    ),
    "methods of sets, dicts and deques": (
        "from collections import deque\ns = {1}\nd = {1: 2}\nq = deque([1])\nb = (len(s), d[1], q[0])\n"
        "list(map(s.add, [2, 3]))\nlist(map(d.pop, [1]))\nlist(map(q.appendleft, [7]))\nx = len(q)\n"
    ),
    "a method handed around, and plain changes beside it": (
        "a = [1]\nf = a.append\nf(2)\na.append(3)\na[0] = 9\na += [4]\ndel a[1]\ndef g(h):\n    h(5)\n    a.append(6)\n"
        "g(f)\nfor i in range(2):\n    a.append(i)\n    f(i)\nx = a[0]\n"
    ),
    "a list repeated in place": (
        "a = [1, 2]\nb = a[0]\na *= 2\nx = 2\nx *= 3\nd = {'k': [1]}\nd['k'] *= 2\nclass C:\n    pass\n"
        "c = C()\nc.v = [3]\nc.v *= 2\ny = a[0]\n"
    ),
    "bisect and heapq": (
        "import bisect, heapq\na = [1, 3]\nb = a[0]\ni = bisect.bisect_left(a, 2)\nbisect.insort(a, 2)\n"
        "x = heapq.nsmallest(1, a)\nheapq.heapify(a)\nheapq.heappushpop(a, 0)\ny = a[0]\n"
    ),
}


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
def test_every_line_is_as_it_was(source: str) -> None:
    result = safe_exec(source)
    expected, output, error = reference(source)
    assert result.recorder_error is None
    assert (result.output, result.error) == (output, error) == ("", None)
    told = line_snapshots(result.timeline())
    assert len(told) == len(expected)
    for number, (ours, live) in enumerate(zip(told, expected, strict=True)):
        assert ours == live, f"line event {number}"


def test_plain_changes_are_not_told_twice() -> None:
    """A container that is looked at, changed by a statement whose effect the log has already."""
    result = safe_exec("a = [1]\nf = a.append\na.append(2)\na[0] = 3\nf(4)\nx = a[0]\n")
    assert result.events["insert"] == 2
    assert result.events.keys().isdisjoint(("fill", "late"))

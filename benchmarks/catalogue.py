"""Owns which programs are measured, at which size, and the generated ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROGRAMS: Final = Path(__file__).parent / "programs"


@dataclass(frozen=True, slots=True)
class Program:
    """A program to measure.

    Attributes:
        name: its file's stem.
        small: the SIZE at which tracers that copy the heap at each line are compared; plain well below 1 ms.
        regular: nothing but regular loops, for which the log is held to a stricter budget.
    """

    name: str
    small: int
    regular: bool = False

    def source(self, size: int | None = None) -> str:
        """The program's text; at `size` instead of its own, where given."""
        text = (PROGRAMS / f"{self.name}.py").read_text(encoding="utf-8")
        if size is None:
            return text
        changed, count = re.subn(r"(?m)^SIZE = \d+$", f"SIZE = {size}", text)
        if count != 1:
            raise ValueError(f"{self.name}.py must have one line `SIZE = number`")
        return changed


CATALOGUE: Final = (
    Program("bubble_sort", 30),
    Program("bst_insert", 40),
    Program("fib", 12),
    Program("sieve", 500, regular=True),
    Program("grid_bfs", 6),
    Program("edit_distance", 12),
    Program("n_queens", 5),
    Program("big_list", 300),
    Program("dijkstra", 30),
    Program("word_count", 200),
    Program("matmul", 8, regular=True),
    Program("knapsack", 30),
    Program("merge_sort", 60),
    Program("linked_list", 40, regular=True),
    Program("bank", 300),
)

HEAPS: Final = (10, 100, 1_000, 10_000, 100_000)

_ELEMENTS: Final = {
    "small ints": "[i % 100 for i in range({n})]",
    "ints": "[i * 7919 % 1000003 for i in range({n})]",
    "floats": "[i * 0.37 for i in range({n})]",
    "strings": "['w' + str(i % 997) for i in range({n})]",
    "sorted ints": "list(range({n}))",
}
SIGHTS: Final = tuple(_ELEMENTS)


def first_sight(kind: str, size: int) -> str:
    """A program that meets one list of `size` elements and reads two of them."""
    return f"def main():\n    a = {_ELEMENTS[kind].format(n=size)}\n    return a[0] == a[-1]\nprint(main())\n"


_LIST_HEAP = """\
def touch(a, rounds):
    total = 0
    at = 0
    for k in range(rounds):
        at = (at * 75 + 74) % 65537
        a[at % 10 * STRIDE] = k
        total += a[(at + k) % 10 * STRIDE]
    return total


def main():
    a = [i % 100 for i in range(SIZE)]
    return touch(a, ROUNDS)


print(main())
"""

_NODE_HEAP = """\
class Node:
    def __init__(self, value, next):
        self.value = value
        self.next = next


def touch(head, rounds):
    node = head
    total = 0
    for k in range(rounds):
        node.value = k
        total += node.value
        node = node.next or head
    return total


def main():
    head = None
    for i in range(SIZE):
        head = Node(i, head)
    return touch(head, ROUNDS)


print(main())
"""

_DICT_HEAP = """\
def touch(d, rounds):
    total = 0
    at = 0
    for k in range(rounds):
        at = (at * 75 + 74) % 65537
        d[at % 10 * STRIDE] = k
        total += d[(at + k) % 10 * STRIDE]
    return total


def main():
    d = {i: i % 100 for i in range(SIZE)}
    return touch(d, ROUNDS)


print(main())
"""

_CALLED_HEAP = """\
import bisect


def touch(a, rounds):
    total = 0
    for k in range(rounds):
        a.append(k)
        total += a.pop()
        total += bisect.bisect_left(a, k)
    return total


def main():
    a = [i % 100 for i in range(SIZE)]
    return touch(a, ROUNDS)


print(main())
"""

GROWING: Final = {
    "list": _LIST_HEAP,
    "objects": _NODE_HEAP,
    "dict": _DICT_HEAP,
    "list, called": _CALLED_HEAP,
}


def growing_heap(kind: str, size: int, rounds: int) -> str:
    """A program with `size` elements alive that touches a few of them `rounds` times: ten of a list or a dict, spread
    over it, so that what is read and written is the same at every size and only the heap is larger.
    """
    return f"SIZE = {size}\nSTRIDE = {size // 10}\nROUNDS = {rounds}\n\n\n{GROWING[kind]}"


def idle_source() -> tuple[str, int]:
    """Source of ordinary shape of which only definitions run: its text and its number of lines."""
    parts = []
    for program in CATALOGUE:
        body = program.source().replace("print(main())\n", "")
        parts.append(re.sub(r"\bmain\b", f"main_{program.name}", body))
    text = "\n".join(parts)
    return text, text.count("\n") + 1


def long_run(lines: int) -> str:
    """A program of about `lines` executed lines, with reads, writes and calls."""
    return f"""\
def step(a, i, j):
    if a[i] > a[j]:
        a[i], a[j] = a[j], a[i]
    return i


def main():
    a = [(i * 7919) % 1009 for i in range(1000)]
    k = 0
    while k < {lines * 2 // 11}:
        step(a, k % 1000, (k * 31) % 1000)
        k += 1
    return a[:3]


print(main())
"""

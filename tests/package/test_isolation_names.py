"""What goes into a process of its own: values, functions and classes of a notebook, and what is left out and why."""

from __future__ import annotations

import linecache
from typing import Any

import pytest
from dstruct_harness import ExecutionResult, Limits

from dstruct_lite.isolation import Passed, isolated_call, isolated_exec


class Notebook:
    """Cells that ran one after the other in one `__main__`, their sources known as IPython makes them known."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.passed: Passed | None = None
        self._files: list[str] = []

    def cell(self, source: str) -> None:
        name = f"<test-cell-{id(self)}-{len(self._files)}>"
        self._files.append(name)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        exec(compile(source, name, "exec", dont_inherit=True), self.names)

    def isolated(self, source: str, **keys: Any) -> ExecutionResult:
        def start(passed: Passed) -> None:
            self.passed = passed

        keys.setdefault("limits", Limits(seconds=20))
        return isolated_exec(source, namespace=self.names, on_start=start, **keys)

    def close(self) -> None:
        for name in self._files:
            del linecache.cache[name]


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Any:
    made = Notebook()
    yield made
    made.close()


def printed(notebook: Notebook, source: str) -> str:
    result = notebook.isolated(source)
    assert result.error is None, (result.error.stack, notebook.passed)
    return result.output


def test_values_go_in_and_nothing_comes_back(notebook: Notebook) -> None:
    notebook.cell("numbers = [3, 1, 2]\nunused = [1]\n")
    assert printed(notebook, "numbers.sort()\nmade = 5\nprint(numbers)") == "[1, 2, 3]\n"
    assert notebook.names["numbers"] == [3, 1, 2]
    assert "made" not in notebook.names
    assert notebook.passed is not None
    assert notebook.passed.names == ("numbers",)


def test_one_object_with_two_names_stays_one(notebook: Notebook) -> None:
    notebook.cell("a = [1]\nb = a\nc = {'a': a}\n")
    assert printed(notebook, "print(a is b, c['a'] is b)") == "True True\n"


def test_modules_go_in_by_name(notebook: Notebook) -> None:
    notebook.cell("import math as m\nfrom collections import Counter\n")
    assert printed(notebook, "print(m.floor(2.5), Counter('aa')['a'])") == "2 2\n"


def test_functions_go_in_by_their_code_with_all_they_ask_for(notebook: Notebook) -> None:
    notebook.cell(
        "import functools\n"
        "SCALE = 10\n"
        "def helper(x, times=SCALE, *, more=[1]):\n"
        "    'says so'\n"
        "    more.append(x)\n"
        "    return x * times + SCALE\n"
        "def outer(x: int) -> int:\n"
        "    return helper(x)\n"
        "def counter():\n"
        "    count = 0\n"
        "    def up():\n"
        "        nonlocal count\n"
        "        count += 1\n"
        "        return count\n"
        "    def now():\n"
        "        return count\n"
        "    return up, now\n"
        "up, now = counter()\n"
        "up()\n"
        "double = lambda x: 2 * x\n"
        "@functools.lru_cache(maxsize=None)\n"
        "def fib(n):\n"
        "    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"
        "def loud(function):\n"
        "    @functools.wraps(function)\n"
        "    def wrapped(*args):\n"
        "        print('calling', function.__name__)\n"
        "        return function(*args)\n"
        "    return wrapped\n"
        "@loud\n"
        "def quiet():\n"
        "    return 'quiet'\n"
    )
    assert printed(notebook, "print(outer(1), helper.__doc__, outer.__annotations__)") == (
        "20 says so {'x': <class 'int'>, 'return': <class 'int'>}\n"
    )
    assert printed(notebook, "up()\nprint(up(), now(), double(4), fib(30))") == "3 3 8 832040\n"
    assert printed(notebook, "print(quiet())") == "calling quiet\nquiet\n"
    assert notebook.names["now"]() == 1, "the notebook's own closure is untouched"


def test_functions_see_the_names_the_cell_binds(notebook: Notebook) -> None:
    notebook.cell("limit = 3\ndef reached(x):\n    return x >= limit\n")
    assert printed(notebook, "limit = 10\nprint(reached(5))") == "False\n"


def test_functions_of_earlier_cells_are_stepped_into(notebook: Notebook) -> None:
    notebook.cell(
        "def total(items):\n    found = 0\n    for item in items:\n        found += item\n    return found\n"
    )
    result = notebook.isolated("print(total([1, 2]))")
    timeline = result.timeline()
    frames = {frame.name for step in range(len(timeline)) for frame in timeline.state(step).frames}
    assert "total" in frames


CLASSES = """
from __future__ import annotations
import abc, dataclasses, enum, collections, typing

class Base(abc.ABC):
    made = 0
    registry = {}
    def __init__(self, name):
        self.name = name
        Base.made += 1
        Base.registry[name] = self
    @abc.abstractmethod
    def area(self): ...

class Square(Base):
    class Side:
        unit = 'cm'
    def __init__(self, side):
        super().__init__('square')
        self.side = side
    def area(self):
        return square(self.side)
    @property
    def half(self):
        return self.side / 2

def square(x):
    return x * x

@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    tags: list[str] = dataclasses.field(default_factory=list)

@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    id: int

class Colour(enum.Enum):
    RED = 1
    GREEN = 2

class Failed(ValueError):
    pass

class Node:
    __slots__ = ('val', 'next')
    def __init__(self, val, next=None):
        self.val = val
        self.next = next

class Pair(typing.NamedTuple):
    left: int
    right: int = 0

Cell = collections.namedtuple('Cell', 'row col', defaults=[7])
Mode = enum.Enum('Mode', 'ON OFF')

class Stack(list):
    def push(self, item):
        self.append(item)

thing = Square(3)
point = Point(1, 2, ['a'])
colour = Colour.GREEN
keys = {Key(1): 'one'}
ring = Node(1)
ring.next = Node(2, ring)
pair, cell, mode = Pair(1), Cell(1), Mode.OFF
stack = Stack([1, 2])
stack.label = 'mine'
"""


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (
            "print(thing.area(), thing.half, Square.Side.unit, Base.made, Base.registry['square'] is thing)",
            "9 1.5 cm 1 True",
        ),
        (
            "print(isinstance(thing, Base), type(thing) is Square, Square(5).area(), Base.made)",
            "True True 25 2",
        ),
        (
            "print(point, Point(5), point == Point(1, 2, ['a']))",
            "Point(x=1, y=2, tags=['a']) Point(x=5, y=0, tags=[]) True",
        ),
        (
            "print(colour is Colour.GREEN, list(Colour))",
            "True [<Colour.RED: 1>, <Colour.GREEN: 2>]",
        ),
        (
            "print(keys[Key(1)])",
            "one",
        ),
        (
            "try:\n    raise Failed('no')\nexcept ValueError as e:\n    print(type(e).__name__)",
            "Failed",
        ),
        (
            "print(ring.next.next is ring, ring.next.val)",
            "True 2",
        ),
        (
            "print(pair, cell, mode is Mode.OFF, Cell(3))",
            "Pair(left=1, right=0) Cell(row=1, col=7) True Cell(row=3, col=7)",
        ),
        (
            "stack.push(3)\nprint(stack, stack.label)",
            "[1, 2, 3] mine",
        ),
    ],
)
def test_classes_go_in_by_source(notebook: Notebook, program: str, expected: str) -> None:
    notebook.cell(CLASSES)
    assert printed(notebook, program) == expected + "\n"


def test_the_latest_definition_counts(notebook: Notebook) -> None:
    notebook.cell("class Thing:\n    kind = 'old'\n")
    notebook.cell("class Thing:\n    kind = 'new'\n    size = 2\n")
    assert printed(notebook, "print(Thing.kind, Thing.size)") == "new 2\n"


def test_a_long_chain_goes_in(notebook: Notebook) -> None:
    notebook.cell(
        "class Node:\n    def __init__(self, val, next):\n        self.val, self.next = val, next\n"
        "head = None\nfor i in range(20_000):\n    head = Node(i, head)\n"
    )
    source = "count = 0\nwhile head:\n    count += 1\n    head = head.next\nprint(count)"
    assert printed(notebook, source) == "20000\n"


def test_what_cannot_go_in_is_left_out_with_its_reason(notebook: Notebook) -> None:
    notebook.cell(
        "import sys\n"
        "shared = [1]\n"
        "both = [shared, (i for i in 'ab')]\n"
        "class Locked:\n    def __setstate__(self, state):\n        raise RuntimeError('not again')\n"
        "locked = Locked()\n"
        "locked.x = 1\n"
        "def maker():\n    class Inner: pass\n    return Inner()\n"
        "inner = maker()\n"
        "deep = []\nfor i in range(100_000):\n    deep = [deep]\n"
    )
    result = notebook.isolated(
        "print(shared)\nfor name in ('both', 'locked', 'inner', 'deep'):\n    print(name in globals())"
    )
    assert result.output == "[1]\n" + 4 * "False\n"
    assert notebook.passed is not None
    left_out = notebook.passed.left_out
    assert left_out.keys() == {"both", "locked", "inner", "deep"}
    assert "generator" in left_out["both"]
    assert "RuntimeError: not again" in left_out["locked"]
    assert left_out["inner"] == "class Inner was defined inside a function"
    assert left_out["deep"] == "nested too deeply to be copied"
    notebook.cell("while deep:\n    deep = deep[0]")  # freed piece by piece


def test_a_program_that_may_ask_for_any_name_gets_all(notebook: Notebook) -> None:
    notebook.cell("hidden = 41\n")
    assert printed(notebook, "print(eval('hid' + 'den') + 1)") == "42\n"


def test_a_call_goes_in_with_copies_of_its_arguments(notebook: Notebook) -> None:
    notebook.cell("step = 2\ndef grow(items, by=1):\n    items.append(by * step)\n    return items\n")
    items = [1]
    result = isolated_call(notebook.names["grow"], (items,), {"by": 4}, limits=Limits(seconds=20))
    assert (result.error, result.result, result.value, items) == (None, "[1, 8]", None, [1])


def test_a_method_of_a_notebook_class_can_be_called(notebook: Notebook) -> None:
    notebook.cell(
        "class Sum:\n"
        "    def __init__(self):\n        self.total = 1\n"
        "    def add(self, n):\n        self.total += n\n        return self.total\n"
        "sum_ = Sum()\n"
    )
    result = isolated_call(notebook.names["sum_"].add, (4,), limits=Limits(seconds=20))
    assert (result.error, result.result) == (None, "5")


def test_a_call_that_cannot_be_copied_says_so(notebook: Notebook) -> None:
    notebook.cell("def first(items):\n    return next(items)\n")
    with pytest.raises(TypeError, match=r"cannot be copied into another process: .*generator"):
        isolated_call(notebook.names["first"], ((i for i in "ab"),))
    with pytest.raises(TypeError, match=r"Python function"):
        isolated_call(len, ([],))

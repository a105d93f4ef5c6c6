"""Hypothesis strategies for programs in which it shows when objects die: `__del__`, weak references, generators that
clean up, cycles and `gc`, context managers left open, exceptions that hold frames.
"""

from __future__ import annotations

import re
from textwrap import indent

from hypothesis import strategies as st

PRELUDE = """
import gc, sys, weakref
gc.collect()
gc.disable()

class Thing:
    def __init__(self, name, *held):
        self.name = name
        self.held = list(held)
    def __del__(self):
        print("del", self.name)
    def give(self):
        return self
    def make(self, name):
        return Thing(name, self)

class Plain:
    def __init__(self, name):
        self.name = name
    def me(self):
        return self

class Box(list):
    pass

class Token:
    __slots__ = ("name", "__weakref__")
    def __init__(self, name):
        self.name = name

def gone(name):
    return lambda ref: print("gone", name)

def watch(x, name):
    try:
        refs.append(weakref.ref(x, gone(name)))
    except TypeError:
        print("no weakref", type(x).__name__)
    return name

def alive():
    return [type(r()).__name__ for r in refs if r() is not None]

def numbers(*held):
    try:
        for i in range(3):
            yield i
    finally:
        print("clean", len(held))

def passing(x):
    y = x
    return y

def last_of(xs):
    return xs[-1]

def failing(x):
    local = Thing("local")
    raise ValueError(len(local.held))

def closure(x):
    def inner():
        return x
    return inner

refs = []
a = [Thing("a0"), Plain("a1")]
d = {"k": Thing("dk")}
b = Box()
x = y = z = None
watch(a[1], "first")
"""

HOLE = re.compile(r"<([nkoec])>")

HOLES = {
    "n": st.sampled_from(["x", "y", "z"]),
    "k": st.sampled_from(
        ["a[0]", "a[-1]", "d['k']", "d['m']", "b[0]", "x.held[0]", "a[0].held[0]", "y.other", "x"]
    ),
    "o": st.sampled_from(
        [
            "Thing('t')",
            "Plain('p')",
            "Token('s')",
            "Box()",
            "Thing('u', Plain('h'))",
            "[Thing('v')]",
            "x",
            "y",
            "{'k': Thing('w')}",
        ]
    ),
}

EXPRESSIONS = (
    *(
        "<o>",
        "<o>",
        "<k>",
        "passing(<o>)",
        "Thing('g').give()",
        "Thing('m').make('n')",
        "Plain('q').me().name",
    ),
    *(
        "last_of([<o>, <o>])",
        "[<o>, <o>][0]",
        "[<o> for _ in range(2)]",
        "(<o>, <o>)[1]",
        "{0: <o>}[0]",
        "len([<o>])",
    ),
    *(
        "numbers(<o>)",
        "next(numbers(<o>))",
        "list(numbers(<o>))",
        "closure(<o>)",
        "closure(<o>)()",
        "(lambda p: p)(<o>)",
    ),
    *(
        "a.pop()",
        "d.pop('k', None)",
        "alive()",
        "type(<o>).__name__",
        "<o> is <o>",
        "<o> in a",
        "(<o>).__class__",
    ),
    *("gc.collect() and None", "sys.getrefcount(<k>)", "sorted([2, 1])", "[t for t in a if t is not None]"),
)

SIMPLE = (
    *(
        "<n> = <e>",
        "<n> = <e>",
        "<n> = None",
        "del <n>",
        "a.append(<e>)",
        "a[0] = <e>",
        "del a[0]",
        "a[:] = [<e>]",
        "a.clear()",
    ),
    *(
        "d['k'] = <e>",
        "d['m'] = <e>",
        "d.clear()",
        "del d['k']",
        "b.append(<e>)",
        "b.clear()",
        "a, b = b, a",
        "a.insert(0, <e>)",
    ),
    *(
        "x.other = <e>",
        "y.other = <e>",
        "x.held.append(<e>)",
        "x.held.append(x)",
        "y.other = y",
        "del x.held",
        "<n>, <n> = <e>, <e>",
    ),
    *(
        "watch(<k>, 'w')",
        "watch(<e>, 'e')",
        "print(alive())",
        "print(gc.collect() >= 0)",
        "<e>",
        "<n> = <n> = <e>",
    ),
    *(
        "for <n> in numbers(<o>): break",
        "for <n> in [<o>, <o>]: pass",
        "it = numbers(<o>); next(it)",
        "it = None",
        "it.close()",
    ),
    *(
        "print(sys.getrefcount(<k>))",
        "a += [<e>]",
        "a *= 2",
        "a.sort(key=id)",
        "a.reverse()",
        "<n> = [*a, <e>]",
        "[<n>, *<n>] = [<e>, <e>]",
    ),
)

COMPOUND = (
    "try:\n    failing(<o>)\nexcept ValueError as error:\n<b>",
    "try:\n<b>\nexcept Exception as error:\n    print(type(error).__name__)",
    "for <n> in list(a)[:2]:\n<b>",
    "if <e>:\n<b>",
    "def f(p):\n    own = <e>\n    q = [own, p]\n    return q[<i>]\nx = f(<o>)",
    "def f(p):\n    x = p\n<b>\nf(<o>)",
    "def g(p):\n    held = <e>\n    yield held\n    print('more')\nfor <n> in g(<o>):\n<b>",
    "class Local:\n    item = <e>\nLocal = None",
    "with_things = [<e> for _ in range(2)]\nwith_things = None",
)


def filled(draw: st.DrawFn, form: str) -> str:
    form = form.replace("<i>", draw(st.sampled_from(["0", "1"])))
    return HOLE.sub(lambda hole: draw(HOLES[hole[1]] if hole[1] in HOLES else expressions()), form)


@st.composite
def expressions(draw: st.DrawFn) -> str:
    return filled(draw, draw(st.sampled_from(EXPRESSIONS)))


@st.composite
def simple(draw: st.DrawFn) -> str:
    return filled(draw, draw(st.sampled_from(SIMPLE)))


@st.composite
def compound(draw: st.DrawFn, children: st.SearchStrategy[list[str]]) -> str:
    lines = draw(st.sampled_from(COMPOUND)).split("\n")
    return "\n".join(
        indent("\n".join(draw(children)), "    ") if line == "<b>" else filled(draw, line) for line in lines
    )


statements = st.recursive(
    simple(), lambda inner: compound(st.lists(inner, min_size=1, max_size=3)), max_leaves=5
)


@st.composite
def mortal_programs(draw: st.DrawFn) -> str:
    """A program that prints, statement by statement, what has died so far. It ends with everything dropped."""
    parts = [PRELUDE]
    for number, body in enumerate(draw(st.lists(statements, min_size=1, max_size=8))):
        parts.append(
            f"try:\n{indent(body, '    ')}\nexcept Exception as error:\n    print(type(error).__name__)"
        )
        parts.append(f"print('-', {number})")
    return (
        "\n".join(parts)
        + "\ngc.enable()\na = d = b = x = y = z = it = None\nprint('end')\ngc.collect()\nprint(alive())\n"
    )

"""Hypothesis strategies for programs that use more of the language than `programs`: classes of all kinds, closures,
generators with clean-up, context managers, `match`, star-unpacking, nested data, exceptions with causes.

Each statement is legal anywhere in a function or module body, may fail at run time, and always ends: loops that
would not are given fuel.
"""

from __future__ import annotations

import re
from textwrap import indent

from hypothesis import strategies as st

PRELUDE = """
from __future__ import annotations
import dataclasses, enum, functools, itertools
from collections import deque, defaultdict, Counter, OrderedDict, namedtuple
from contextlib import contextmanager

log = []
left = 60

def fuel():
    global left
    left -= 1
    return left > 0

class Base:
    count = 0
    def __init__(self, v=0):
        self.v = v
        Base.count += 1
    def step(self, by=1):
        self.v = self.v + by
        return self
    @property
    def twice(self):
        log.append("get")
        return [self.v, self.v]
    @twice.setter
    def twice(self, value):
        log.append("set")
        self.v = value
    @classmethod
    def make(cls, *args, **kwargs):
        return cls(*args, **kwargs)
    @staticmethod
    def pair(a, b=None):
        return (a, b)
    def __repr__(self):
        return f"{type(self).__name__}({self.v!r})"[:200]

class Child(Base):
    def __init__(self, v=0, *rest):
        super().__init__(v)
        self.rest = rest
    def step(self, by=1):
        super().step(by)
        self.last = by
        return self
    def __len__(self):
        log.append("len")
        return 2
    def __bool__(self):
        log.append("bool")
        return True

class Slotted:
    __slots__ = ("x", "__hidden")
    def __init__(self, x):
        self.x = x
        self.__hidden = [x]
    def __getitem__(self, k):
        log.append(("getitem", repr(k)[:30]))
        return self.__hidden[k]
    def __setitem__(self, k, v):
        log.append("setitem")
        self.__hidden[k] = v
    def __delitem__(self, k):
        del self.__hidden[k]
    def __contains__(self, k):
        log.append("contains")
        return k in self.__hidden
    def __iter__(self):
        yield from self.__hidden
    def __iadd__(self, other):
        self.__hidden += [other]
        return self
    def __eq__(self, other):
        log.append("eq")
        return isinstance(other, Slotted) and self.x == other.x
    def __hash__(self):
        log.append("hash")
        return 7
    def __lt__(self, other):
        return repr(self.x) < repr(getattr(other, "x", 0))
    def __repr__(self):
        return "S"

@dataclasses.dataclass
class Point:
    x: int = 0
    y: list = dataclasses.field(default_factory=list)

@dataclasses.dataclass(frozen=True, order=True)
class Key:
    a: int
    b: str = "b"

class Color(enum.Enum):
    RED = 1
    BLUE = 2

class Matrix(list):
    def __getitem__(self, k):
        if isinstance(k, tuple):
            return super().__getitem__(k[0])[k[1]]
        return super().__getitem__(k)
    def cell(self, r, c):
        return self[r][c]

class Default(dict):
    def __missing__(self, k):
        log.append("missing")
        self[k] = [k]
        return self[k]

Pair = namedtuple("Pair", "left right")

class Guard:
    def __init__(self, name, swallow=False):
        self.name = name
        self.swallow = swallow
    def __enter__(self):
        log.append(("enter", self.name))
        return [self.name]
    def __exit__(self, kind, error, tb):
        log.append(("exit", self.name, kind and kind.__name__))
        return self.swallow

@contextmanager
def opened(thing):
    log.append("open")
    try:
        yield thing
    finally:
        log.append("closed")

def counter(start=0):
    total = start
    history = []
    def bump(by=1):
        nonlocal total
        total += by
        history.append(total)
        return total
    def read():
        return total, history
    return bump, read

def walk(tree):
    if isinstance(tree, (list, tuple)):
        for item in tree:
            yield from walk(item)
    else:
        got = yield tree
        if got:
            log.append(("got", got))

def careful(xs):
    try:
        for x in xs:
            try:
                sent = yield x
                if sent is not None:
                    log.append(("sent", sent))
            except ValueError as e:
                log.append(("caught", str(e)))
                yield "after"
    finally:
        log.append("cleaned")

def twice(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        function(*args, **kwargs)
        return function(*args, **kwargs)
    return inner

@twice
def note(*args, flag=False, **more):
    log.append((len(args), flag, sorted(more)))
    return args[0] if args else None

def kind(x):
    match x:
        case None:
            return "none"
        case bool() | int() as n if n in (1, 2):
            return ("small", n)
        case int(n):
            return ("int", n)
        case str() as s:
            return ("str", s)
        case []:
            return "empty"
        case [a, *rest] if rest:
            return ("list", kind(a), len(rest))
        case {"k": v, **others}:
            return ("dict", kind(v), len(others))
        case Point(x=px, y=[first, *_]):
            return ("point", px, kind(first))
        case Base(v=v):
            return ("base", kind(v))
        case Pair(left, right):
            return ("pair", kind(left), kind(right))
        case _:
            return "other"

def deep(n, acc=()):
    if n <= 0:
        return [acc]
    return [*deep(n - 1, (*acc, n)), n]

grid = [[r * 3 + c for c in range(3)] for r in range(3)]
tree = [1, [2, [3, (4, 5)]], [], [6]]
a = [5, 3, 8, 1]
d = {"k": [1], "m": {"n": {"p": 0}}, 3: (1, 2)}
e = Default()
dd = defaultdict(lambda: defaultdict(list))
od = OrderedDict(x=1, y=2)
cn = Counter("hello")
q = deque(range(4))
st = {1, 2, 3}
ba = bytearray(b"abc")
o = Base(1)
c = Child(2, 3, 4)
s = Slotted(1)
p = Point(1, [2])
k = Key(1)
m = Matrix([[1, 2], [3, 4]])
pr = Pair(1, [2])
bump, read = counter(3)
gen = careful([1, 2, 3])
i = j = 1
x = y = z = None
"""

lists = st.sampled_from(["a", "grid[0]", "grid[i]", "d['k']", "p.y", "m[0]", "dd['a']['b']", "q", "tree"])
values = st.sampled_from(
    [
        *[
            "0",
            "1",
            "i",
            "j",
            "-1",
            "'s'",
            "None",
            "[]",
            "[i, [j]]",
            "(i, j)",
            "{'k': i, 'z': 1}",
            "Point(i, [j])",
        ],
        *[
            "o",
            "c",
            "s",
            "p",
            "k",
            "pr",
            "Color.RED",
            "Base(i)",
            "Child(j)",
            "1.5",
            "a",
            "grid",
            "Slotted(i)",
        ],
    ]
)
names = st.sampled_from(["i", "j", "x", "y", "z"])
indices = st.sampled_from(["0", "1", "-1", "i", "j", "i - 1", "i + 1", "(i + j) % 3", "5"])
objects = st.sampled_from(["o", "c", "p", "Base(i)", "Child(i, j).step()", "s"])

EXPRESSIONS = (
    "<v>",
    "<l>[<i>]",
    "<l>[<i>:<j>]",
    "<l>[::-1]",
    "<l>[<i>:<j>:2]",
    "grid[<i>][<j>]",
    "m[<i>, <j>]",
    "m.cell(<i>, <j>)",
    "d['m']['n']['p']",
    "d[<v>]",
    "e[<i>]",
    "dd[<i>][<j>]",
    "<o>.v",
    "<o>.twice",
    "<o>.step(<i>).v",
    "getattr(<o>, 'v', None)",
    "s[<i>]",
    "<v> in s",
    "<v> in a",
    "<v> not in d",
    "<v> == <v>",
    "0 <= <i> < <j> < 9",
    "<v> if <v> else <v>",
    "<v> and <v> or <v>",
    "not <v>",
    "[*a, *q, <v>]",
    "{**od, 'w': <v>}",
    "{<i>, *st}",
    "(*a, <v>)[<i>]",
    "[u * 2 for u in a if u != <i>]",
    "[(u, w) for u in range(3) for w in range(u) if w in st]",
    "{u: w for u, w in od.items()}",
    "{u % 2 for u in a}",
    "list(u + 1 for u in a)",
    "[[w for w in row if w] for row in grid]",
    "sum(w for row in grid for w in row)",
    "sorted(a, key=lambda u: (u % 3, -u))",
    "max(a, default=0)",
    "list(zip(a, grid))",
    "list(enumerate(a))[<i>]",
    "dict(zip('abc', a))",
    "list(map(str, a))",
    "any(u == <i> for u in a)",
    "list(walk(tree))",
    "list(itertools.islice(careful(a), <i>))",
    "bump(<i>)",
    "read()[1][<i>]",
    "note(<v>, flag=<i>)",
    "note(*a[:2], **od)",
    "kind(<v>)",
    "kind(<l>)",
    "deep(<i> % 4)",
    "Base.make(<v>).v",
    "Base.pair(b=<v>, a=<i>)",
    "p.x",
    "dataclasses.replace(p, x=<i>).x",
    "k < Key(<i>)",
    "pr._replace(left=<v>).left",
    "f'{ <i> } {<v>!r:.20}'",
    "(lambda u, w=<i>: [u, w][<i>])(<v>)",
    "(x := <v>)",
    "next(gen)",
    "gen.send(<i>)",
    "cn.most_common(1)",
    "od.popitem()",
    "q.popleft()",
    "a.pop(<i>)",
    "d.setdefault(<i>, [])",
    "d.get('m', {}).get('n')",
    "ba[<i>]",
    "'hello'[<i>]",
    "'a,b'.split(',')",
    "st & {<i>}",
    "st.pop()",
    "Color(<i>)",
    "len(c)",
    "type(<o>).__name__",
    "isinstance(<o>, Base)",
    "abs(<i>) ** 2 // 3",
    "a is d",
    "[*map(bump, range(2))]",
    "functools.reduce(lambda u, w: u + w, a, 0)",
)

SIMPLE = (
    "<n> = <e>",
    "<n> = <n> = <e>",
    "<l>[<i>] = <e>",
    "<l>[<i>], <n> = <e>, <e>",
    "<l>[<i>], <l>[<j>] = <l>[<j>], <l>[<i>]",
    "<n>, *<n> = <e>",
    "[<n>, (<n>, *<n>)] = <e>",
    "*<n>, <n> = <l>",
    "<n> = <l>[<i>] = <e>",
    "(<n>, <n>), <n> = (<e>, <e>), <e>",
    "<l>[<i>:<j>] = [<e>, <e>]",
    "<l>[<i>:<j>] = <l>",
    "<l>[<i>] += <v>",
    "<l>[<i>] *= 2",
    "<l> += [<v>]",
    "grid[<i>][<j>] = <v>",
    "grid[<i>][<j>] += <i>",
    "d['m']['n']['p'] += 1",
    "d['m']['n'][<i>] = <e>",
    "dd[<i>][<j>].append(<v>)",
    "e[<i>].append(<v>)",
    "cn['l'] -= 1",
    "od.move_to_end('x')",
    "d[<i>] = <e>",
    "d[<v>] = <v>",
    "d |= {<i>: <v>}",
    "st |= {<i>}",
    "st ^= {1, <i>}",
    "ba[<i>] = 65",
    "ba += b'z'",
    "<o>.v = <e>",
    "<o>.v += <i>",
    "<o>.twice = <e>",
    "<o>.extra = <v>",
    "<o>.v, <n> = <e>, <e>",
    "p.y[<i>] = <e>",
    "p.x += <i>",
    "s[<i>] = <e>",
    "s[<i>] += <i>",
    "s += <v>",
    "k.a = <v>",
    "m[<i>][<j>] = <v>",
    "i, j = j, i",
    "i = (i + <i>) % 4 if isinstance(i, int) else 1",
    "del <l>[<i>]",
    "del <l>[<i>:<j>]",
    "del <o>.v",
    "del d[<v>]",
    "del <n>",
    "<l>.append(<e>)",
    "<l>.insert(<i>, <v>)",
    "<l>.extend(<l>)",
    "<l>.remove(<v>)",
    "<l>.sort()",
    "<l>.sort(key=repr, reverse=<i>)",
    "<l>.reverse()",
    "<l>.clear()",
    "q.rotate(<i>)",
    "q.extendleft([<v>])",
    "st.add(<v>)",
    "st.discard(<v>)",
    "d.update(k=<v>)",
    "d.pop(<v>, None)",
    "log.append(<e>)",
    "print(<e>)",
    "print(<e>, end='')",
    "assert <e>, <v>",
    "gen.close()",
    "gen = careful(<l>)",
    "gen.throw(ValueError(<i>))",
    "bump, read = counter(<i>)",
    "raise ValueError(<e>)",
    "raise KeyError(<v>) from ValueError(<i>)",
    "global_name = <e>",
    "import math; <n> = math.floor(<i>)",
    "<e>",
)


HOLE = re.compile(r"<(bb|[vlijnoeb])>")
HOLES = {"v": values, "l": lists, "i": indices, "j": indices, "n": names, "o": objects}


def rare(draw: st.DrawFn, form: str, fallback: str) -> str:
    """Forms that mostly end the program stay rare, so that what follows is seen, too."""
    ends = form.startswith(("raise", "del <n>", "assert", "k.a"))
    return fallback if ends and draw(st.integers(0, 3)) else form


@st.composite
def expressions(draw: st.DrawFn) -> str:
    return filled(draw, draw(st.sampled_from(EXPRESSIONS)))


def filled(draw: st.DrawFn, form: str) -> str:
    """The form with a fresh draw for each of its holes."""
    return HOLE.sub(lambda hole: draw(HOLES[hole[1]] if hole[1] in HOLES else expressions()), form)


@st.composite
def simple(draw: st.DrawFn) -> str:
    return filled(draw, rare(draw, draw(st.sampled_from(SIMPLE)), "<n> = <e>"))


COMPOUND = (
    "if <e>:\n<b>\nelif <e>:\n<b>\nelse:\n<b>",
    "for <n> in list(<l>)[:4]:\n<b>",
    "for <n>, *<n> in [(1, 2, 3), (4,)]:\n<b>",
    "for row in grid:\n    for <n> in row:\n        if <e>:\n            break\n        continue\n    else:\n<bb>",
    "for <l>[<i>] in range(2):\n<b>",
    "for <o>.v in range(2):\n<b>",
    "w = 3\nwhile fuel() and (w := w - 1) > 0:\n<b>",
    "w = 2\nwhile fuel() and w:\n    w -= 1\n    if <e>:\n        continue\n<b>\nelse:\n<b>",
    "try:\n<b>\nexcept (ValueError, TypeError) as error:\n    log.append(type(error).__name__)\n<b>",
    "try:\n<b>\nexcept Exception as error:\n    print(type(error).__name__, error)\nelse:\n<b>",
    "try:\n<b>\nexcept Exception:\n<b>\nfinally:\n    log.append('f')",
    "try:\n    try:\n<bb>\n    finally:\n        log.append('inner')\nexcept Exception as error:\n    print(repr(error)[:80])",
    "try:\n    try:\n<bb>\n    except Exception as error:\n        raise RuntimeError(<i>) from error\n"
    "except RuntimeError as error:\n    print(repr(error.__cause__)[:80])",
    "try:\n    raise ExceptionGroup('g', [ValueError(<i>), KeyError(<i>)])\nexcept* ValueError as group:\n<b>\n"
    "except* KeyError as group:\n    print(len(group.exceptions))",
    "with Guard(<i>) as g:\n<b>",
    "with Guard('a', True) as g, opened(<l>) as <n>:\n<b>",
    "with (opened(<v>), Guard(<i>, <v>)):\n<b>",
    "match <e>:\n    case [x, *_] | (x, _):\n<bb>\n    case {'k': <n>}:\n<bb>\n    case int() | None:\n<bb>\n    case _:\n        pass",
    "match <v>:\n    case Point(x=0) | Base():\n<bb>\n    case str(x) if x:\n<bb>",
    "def local(u, *rest, w=<v>, **more):\n    if u in rest:\n        return u\n    return [u, w, <v>]\nx = local(<v>, <v>, w=<i>)",
    "def closure():\n    own = [<v>]\n    def inner(u):\n        nonlocal own\n        own = own + [u]\n        return own[<i>]\n"
    "    return inner\ny = closure()(<v>)\nx = [closure()(u) for u in range(2)]",
    "def local_gen(n):\n    for u in range(n):\n        got = yield [u, <v>]\n        if got:\n            return got\n"
    "for <n> in local_gen(3):\n<b>",
    "class Local(Base):\n    size = <v>\n    items = [u for u in range(3)]\n    items[0] = size\n    def grow(self):\n"
    "        self.v = [self.v]\n        return self.items[<i>]\nx = Local(<i>).grow()",
    "del_target = [[1, 2], 3]\ndel del_target[0][<i>], del_target[<i>]",
    "x = [u for u in careful(<l>) if u != <v>]",
    "it = careful(<l>)\nfor <n> in it:\n    break\nit.close()",
    "it = iter(<l>)\nwhile fuel() and (item := next(it, None)) is not None:\n<b>",
)


def block(statements: list[str], depth: int = 1) -> str:
    return indent("\n".join(statements), "    " * depth)


@st.composite
def compound(draw: st.DrawFn, children: st.SearchStrategy[list[str]]) -> str:
    form = draw(st.sampled_from(COMPOUND))
    lines = []
    for line in form.split("\n"):
        if line in ("<b>", "<bb>"):
            lines.append(block(draw(children), len(line) - 2))
        else:
            lines.append(filled(draw, line))
    return "\n".join(lines)


statements = st.recursive(
    simple(), lambda inner: compound(st.lists(inner, min_size=1, max_size=3)), max_leaves=7
)

DECLARED = "    global a, d, e, dd, od, cn, q, st, ba, o, c, s, p, k, m, pr, bump, read, gen, i, j, x, y, z, grid, tree\n"
END = """
for name in "a d e dd od cn q st ba o c s p k m pr i j x y z grid tree log".split():
    if name in globals():
        print(name, repr(globals()[name])[:400])
print(sorted(n for n in globals() if not n.startswith("__")))
"""


@st.composite
def rich_programs(draw: st.DrawFn) -> str:
    """A program: what it defines, its statements (some within functions), and all it left behind printed."""
    parts = [PRELUDE]
    for number, body in enumerate(
        draw(st.lists(st.lists(statements, min_size=1, max_size=5), min_size=1, max_size=4))
    ):
        way = draw(st.sampled_from(["module", "function", "generator", "guarded"]))
        if way == "module":
            parts.append("\n".join(body))
        elif way == "guarded":
            parts.append(
                f"try:\n{block(body)}\nexcept Exception as error:\n    print(type(error).__name__, str(error)[:200])"
            )
        else:
            last = "    yield i" if way == "generator" else "    return i"
            call = f"list(f{number}({number}))" if way == "generator" else f"f{number}({number})"
            parts.append(f"def f{number}(arg):\n{DECLARED}{block(body)}\n{last}\nprint({call})")
    return "\n".join(parts) + END

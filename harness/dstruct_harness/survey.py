"""Owns what can be known of a program without running it: who is only ever defined, imported, a method, an integer.

The recorder's cost depends on it, its correctness does not: whatever is not surely harmless takes the careful path.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .trees import by_kind, walk

LEAF_BUILTINS: Final = frozenset(
    """abs all any ascii bin bool bytes callable chr complex dict divmod enumerate filter float
    format frozenset getattr hasattr hash hex id int isinstance issubclass iter len list map max
    memoryview min next object oct ord pow range repr reversed round set slice sorted str sum
    super tuple type zip""".split()
) | {name for name in dir(builtins) if name.endswith(("Error", "Exception", "Warning", "Iteration"))}
"""Builtins that change no container they are given, and of the program's own code call only what they are given."""

HARMLESS_BUILTINS: Final = LEAF_BUILTINS | {"print", "input", "dir"}
"""They change no container either, but they print, wait or take long."""

INTEGER_BUILTINS: Final = frozenset("len ord abs int".split())

HARMLESS_METHODS: Final = frozenset(
    """join split rsplit splitlines format lower upper strip lstrip rstrip title capitalize startswith
    endswith isdigit isalpha isalnum isspace islower isupper zfill center ljust rjust find rfind
    encode decode replace items keys values copy partition is_integer bit_length most_common elements
    total""".split()
)

FAST_METHODS: Final = {
    ("append", 1): ("list", "deque"),
    ("pop", 0): ("list", "deque"),
    ("pop", 1): ("list",),
    ("insert", 2): ("list",),
    ("popleft", 0): ("deque",),
    ("appendleft", 1): ("deque",),
    ("add", 1): ("set",),
    ("discard", 1): ("set",),
    ("remove", 1): ("set",),
    ("get", 1): ("dict",),
    ("get", 2): ("dict",),
}
"""Method and number of arguments -> the types whose method is recorded without a call of ours."""

MUTATING_METHODS: Final = frozenset(
    """append clear extend insert pop remove reverse sort byteswap frombytes fromlist appendleft extendleft
    popleft rotate popitem setdefault update move_to_end add difference_update discard intersection_update
    symmetric_difference_update subtract fill put""".split()
)

ESCAPING_METHODS: Final = MUTATING_METHODS | {"__setitem__", "__delitem__"}
"""Methods that, handed around, may change their container where we see nothing."""

HARMLESS_MODULES: Final = frozenset(
    "math cmath string statistics itertools operator fractions decimal datetime typing abc enum "
    "dataclasses textwrap re collections dstruct".split()
)
"""Modules whose functions change no container they are given."""


def consumes(node: ast.Call) -> bool:
    """Whether a call runs a generator expression that it is given to its end, before it returns."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr == "join"
    return isinstance(function, ast.Name) and function.id in _CONSUMERS


_READERS: Final = frozenset(
    "bisect.bisect bisect.bisect_left bisect.bisect_right heapq.nlargest heapq.nsmallest".split()
)
"""Functions that change nothing, in modules that have others."""

_CHANGERS: Final = frozenset(
    f"operator.{form}"
    for name in """setitem delitem call iadd iand iconcat ifloordiv ilshift imatmul imod imul ior ipow irshift
    isub itruediv ixor""".split()
    for form in (name, f"__{name}__")
)
"""Functions that change what they are given, in modules of which the others change nothing."""


def is_harmless(function: str) -> bool:
    """Whether a function of the standard library, by its full name, changes nothing that it is given or that
    matters later.

    What makes a `defaultdict` is watched: later on mere reading changes it.
    """
    if function in _READERS:
        return True
    module = function.partition(".")[0]
    return module in HARMLESS_MODULES and function not in _CHANGERS and not function.endswith(".defaultdict")


def changes_by_itself(node: ast.stmt) -> bool:
    """Whether a statement changes containers only where the log says so: it calls nothing but their own methods."""
    if not isinstance(node, (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete)):
        return False
    calls = [part for part in walk(node) if isinstance(part, ast.Call)]
    return all(isinstance(c.func, ast.Attribute) and c.func.attr in ESCAPING_METHODS for c in calls)


PLAIN_MODULES: Final = HARMLESS_MODULES - {
    "fractions",
    "decimal",
    "datetime",
    "collections",
    "dataclasses",
} | frozenset("random heapq bisect sys os copy functools io json time __future__ asyncio".split())
"""Modules that bring no container types of their own and no types with an equality of their own."""

_CONSUMERS: Final = frozenset("all any bytes dict frozenset list max min set sorted sum tuple".split())
_FREE_NAMES: Final = frozenset("exec eval globals locals vars setattr delattr".split())
_READ_METHODS: Final = frozenset(
    "__getitem__ __missing__ __getattr__ __getattribute__ __class_getitem__".split()
)
_NO_OPERATORS: Final = frozenset(
    """__init__ __new__ __post_init__ __repr__ __str__ __format__ __iter__ __next__ __enter__ __exit__
    __call__ __del__""".split()
)
"""Special methods that no operator, subscript or attribute calls."""
_EQUALITY: Final = frozenset("__eq__ __hash__".split())
_LIFETIMES: Final = frozenset("weakref gc _weakref".split())


@dataclass(frozen=True, slots=True)
class Survey:
    """What a module's text says.

    Attributes:
        defined: names bound by nothing but def or class.
        bound: all names bound anywhere.
        modules: names that imports bind, with the module's name.
        harmless: names imported from harmless modules, bound by nothing else.
        methods: functions defined in class bodies.
        class_names: names bound in class bodies.
        referenced: functions and methods that are mentioned other than by being called.
        dynamic: names may be bound in ways the text does not show.
        plain_reads: an element read from a container is what the container holds.
        plain_keys: keys are equal only if the log says so.
        plain_operators: no operator, subscript or attribute runs code of the program's.
        plain_arithmetic: no operator on names and constants does.
        defaults: reading an element may make one.
        exact: object lifetimes show.
        bounded: a deque may drop elements by itself.
        escaping: methods that change a container are handed around.
        lazy: generator expressions are handed around, so that anything that iterates may run their code.
        nonlocals: names that are declared nonlocal anywhere.
        globals: names that are declared global anywhere.
        others: names that the namespace holds already, as something else than an integer.
    """

    defined: frozenset[str]
    bound: frozenset[str]
    modules: dict[str, str]
    harmless: frozenset[str]
    methods: frozenset[str]
    class_names: frozenset[str]
    referenced: frozenset[str]
    dynamic: bool
    plain_reads: bool
    plain_keys: bool
    plain_operators: bool
    plain_arithmetic: bool
    defaults: bool
    exact: bool
    bounded: bool
    escaping: bool
    lazy: bool
    nonlocals: frozenset[str]
    globals: frozenset[str]
    others: frozenset[str]


class _Seen:
    """What stands in a module's text, gathered from its nodes kind by kind."""

    def __init__(self, kinds: dict[type, list[Any]], outside: Iterable[str]) -> None:
        self.definitions: set[str] = set()
        self.others: set[str] = set(outside)
        self.modules: dict[str, str] = {}
        self.imported: dict[str, str] = {}
        self.methods: set[str] = set()
        self.class_names: set[str] = set()
        self.referenced: set[str] = set()
        self.cleans_up = self.decorated_method = False
        self.bounded = any(node.arg == "maxlen" for node in kinds[ast.keyword])
        self.decorated_class = any(node.decorator_list for node in kinds[ast.ClassDef])
        self.star = any(alias.name == "*" for node in kinds[ast.ImportFrom] for alias in node.names)
        self._names(kinds)
        self._imports(kinds)
        self._functions(kinds)
        for node in kinds[ast.ClassDef]:
            self._class(node)
        consumed = self._calls(kinds)
        self.lazy = any(id(node) not in consumed for node in kinds[ast.GeneratorExp])

    @property
    def special(self) -> set[str]:
        """Special names that are defined or bound anywhere, attributes set from outside a class included."""
        names = self.definitions | self.others | self.class_names | self.stored_attributes
        return {name for name in names if name.startswith("__") and name.endswith("__")}

    def _names(self, kinds: dict[type, list[Any]]) -> None:
        called = {id(node.func) for node in kinds[ast.Call]}  # being called is no mention
        loaded = [node for node in kinds[ast.Name] if node.ctx.__class__ is ast.Load]
        attributes = kinds[ast.Attribute]
        self.mentioned = {node.id for node in kinds[ast.Name]}
        self.referenced |= {node.id for node in loaded if id(node) not in called}
        self.referenced |= {node.attr for node in attributes if id(node) not in called}
        self.escaping = any(
            node.attr in ESCAPING_METHODS and node.ctx.__class__ is ast.Load and id(node) not in called
            for node in attributes
        )
        self.stored_attributes = {node.attr for node in attributes if node.ctx.__class__ is not ast.Load}
        self.others |= {node.id for node in kinds[ast.Name] if node.ctx.__class__ is not ast.Load}
        self.others |= {node.arg for node in kinds[ast.arg]}
        for kind in (ast.ExceptHandler, ast.MatchAs, ast.MatchStar):
            self.others |= {node.name for node in kinds[kind] if node.name}
        self.others |= {node.rest for node in kinds[ast.MatchMapping] if node.rest}

    def _imports(self, kinds: dict[type, list[Any]]) -> None:
        for node in kinds[ast.Import]:
            for alias in node.names:
                name = (alias.asname or alias.name).split(".")[0]
                self.modules[name] = alias.name if alias.asname else alias.name.split(".")[0]
        for node in kinds[ast.ImportFrom]:
            for alias in node.names:
                self.imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def _functions(self, kinds: dict[type, list[Any]]) -> None:
        blocks = walk(*kinds[ast.Try], *kinds[ast.With])
        yields = any(isinstance(x, (ast.Yield, ast.YieldFrom)) for x in blocks)
        for node in [*kinds[ast.FunctionDef], *kinds[ast.AsyncFunctionDef]]:
            self.definitions.add(node.name)
            if node.decorator_list:
                self.referenced.add(node.name)
            if yields and not any("contextmanager" in ast.dump(one) for one in node.decorator_list):
                self.cleans_up |= _cleans_up(node)

    def _class(self, node: ast.ClassDef) -> None:
        self.definitions.add(node.name)
        functions = [x for x in node.body if isinstance(x, (ast.FunctionDef, ast.AsyncFunctionDef))]
        self.methods |= {function.name for function in functions}
        self.class_names |= {function.name for function in functions}
        self.decorated_method |= any(function.decorator_list for function in functions)
        for inner in walk(*(x for x in node.body if x not in functions)):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                self.class_names.add(inner.id)
            elif isinstance(inner, (ast.ClassDef, ast.FunctionDef)):
                self.class_names.add(inner.name)

    def _calls(self, kinds: dict[type, list[Any]]) -> set[int]:
        """Looks at the calls; the arguments, by `id()`, that a call uses up before it returns."""
        consumed: set[int] = set()
        for node in kinds[ast.Call]:
            if consumes(node):
                consumed.update(map(id, node.args))
            if isinstance(node.func, ast.Name) and node.func.id == "deque":
                self.bounded |= len(node.args) > 1
        return consumed


def _cleans_up(function: ast.AST) -> bool:
    """Whether a generator runs code of its own when it is dropped: a `yield` inside `try` or `with`."""
    blocks = [node for node in walk(function) if isinstance(node, (ast.Try, ast.With))]
    return any(isinstance(x, (ast.Yield, ast.YieldFrom)) for x in walk(*blocks))


def _no_integers(outside: Collection[str]) -> frozenset[str]:
    """Names of a namespace that may hold something else than an integer now."""
    if not isinstance(outside, Mapping):
        return frozenset(outside)
    return frozenset(name for name, value in outside.items() if type(value) is not int)


def survey(tree: ast.Module, outside: Collection[str] = ()) -> Survey:
    """Survey a module; `outside` are names that the namespace it runs in already holds."""
    kinds = by_kind(walk(tree))
    seen = _Seen(kinds, outside)
    modules = {
        n: m
        for n, m in seen.modules.items()
        if n not in seen.others | seen.definitions | seen.imported.keys()
    }
    imported = {n: s for n, s in seen.imported.items() if n not in seen.others | seen.definitions}
    sources = {m.partition(".")[0] for m in seen.modules.values()} | {
        s.partition(".")[0] for s in seen.imported.values()
    }
    from_collections = {s for s in seen.imported.values() if s.startswith("collections.")}
    only_deque = from_collections <= {"collections.deque"} and "collections" not in seen.modules.values()
    plain = sources - {"collections"} <= PLAIN_MODULES and only_deque and not outside
    bound = seen.definitions | seen.others | seen.modules.keys() | seen.imported.keys()
    dynamic = seen.star or bool(_FREE_NAMES & seen.mentioned)
    return Survey(
        frozenset(seen.definitions - seen.others - seen.modules.keys() - seen.imported.keys()),
        frozenset(bound),
        modules,
        frozenset(n for n, s in imported.items() if is_harmless(s)),
        frozenset(seen.methods),
        frozenset(seen.class_names),
        frozenset(seen.referenced),
        dynamic,
        plain and not seen.star and not _READ_METHODS & seen.definitions,
        plain and not seen.star and not _EQUALITY & seen.definitions and not seen.decorated_class,
        plain and not seen.star and not seen.decorated_method and seen.special <= _NO_OPERATORS,
        plain and not seen.star and seen.special <= _NO_OPERATORS,
        not sources <= PLAIN_MODULES or "__missing__" in seen.definitions or bool(outside),
        bool(_LIFETIMES & sources)
        or "__del__" in seen.definitions
        or "getrefcount" in seen.referenced
        or seen.cleans_up,
        seen.bounded,
        seen.escaping,
        seen.lazy,
        frozenset(name for node in kinds[ast.Nonlocal] for name in node.names),
        frozenset(name for node in kinds[ast.Global] for name in node.names),
        _no_integers(outside),
    )

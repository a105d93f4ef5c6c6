"""Owns what can be known of a program without running it: who is only ever defined, imported, a method, an integer.

The recorder's cost depends on it, its correctness does not: whatever is not surely harmless takes the careful path.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

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
    ("append", 1): "list",
    ("pop", 0): "list",
    ("pop", 1): "list",
    ("insert", 2): "list",
    ("popleft", 0): "deque",
    ("appendleft", 1): "deque",
    ("add", 1): "set",
    ("discard", 1): "set",
    ("get", 1): "dict",
    ("get", 2): "dict",
}
"""Method and number of arguments -> the type whose method is recorded without a call of ours."""

MUTATING_METHODS: Final = frozenset(
    """append clear extend insert pop remove reverse sort byteswap frombytes fromlist appendleft extendleft
    popleft rotate popitem setdefault update move_to_end add difference_update discard intersection_update
    symmetric_difference_update subtract fill put""".split()
)

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


def is_harmless(function: str) -> bool:
    """Whether a function of the standard library, by its full name, changes nothing that it is given or that
    matters later.

    What makes a `defaultdict` is watched: later on mere reading changes it.
    """
    return function.partition(".")[0] in HARMLESS_MODULES and not function.endswith(".defaultdict")


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
        defaults: reading an element may make one.
        exact: object lifetimes show.
        bounded: a deque may drop elements by itself.
        lazy: generator expressions are handed around, so that anything that iterates may run their code.
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
    defaults: bool
    exact: bool
    bounded: bool
    lazy: bool


def _cleans_up(function: ast.AST) -> bool:
    """Whether a generator runs code of its own when it is dropped: a `yield` inside `try` or `with`."""
    for block in ast.walk(function):
        if isinstance(block, (ast.Try, ast.With)) and any(
            isinstance(x, (ast.Yield, ast.YieldFrom)) for x in ast.walk(block)
        ):
            return True
    return False


class _Surveyor(ast.NodeVisitor):
    def __init__(self, outside: Iterable[str]) -> None:
        self.definitions: set[str] = set()
        self.others: set[str] = set(outside)
        self.modules: dict[str, str] = {}
        self.imported: dict[str, str] = {}
        self.methods: set[str] = set()
        self.class_names: set[str] = set()
        self.referenced: set[str] = set()
        self.mentioned: set[str] = set()
        self.star = self.decorated_class = self.bounded = False
        self.cleans_up = self.decorated_method = False
        self.stored_attributes: set[str] = set()
        self.generators: set[int] = set()
        self.consumed: set[int] = set()

    def visit(self, node: ast.AST) -> None:
        """Iterative: long expressions nest more deeply than Python's own stack allows."""
        pending = [node]
        while pending:
            one = pending.pop()
            getattr(self, f"see_{type(one).__name__}", self.see_nothing)(one)
            if isinstance(one, ast.Call):
                if isinstance(one.func, ast.Attribute):  # being called is no mention
                    pending.append(one.func.value)
                elif isinstance(one.func, ast.Name):
                    self.mentioned.add(one.func.id)
                else:
                    pending.append(one.func)
                pending += [*one.args, *one.keywords]
            else:
                pending.extend(ast.iter_child_nodes(one))

    @property
    def special(self) -> set[str]:
        """Special names that are defined or bound anywhere, attributes set from outside a class included."""
        names = self.definitions | self.others | self.class_names | self.stored_attributes
        return {name for name in names if name.startswith("__") and name.endswith("__")}

    def see_nothing(self, node: ast.AST) -> None:
        pass

    def see_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.definitions.add(node.name)
        managed = any("contextmanager" in ast.dump(one) for one in node.decorator_list)
        self.cleans_up |= not managed and _cleans_up(node)
        if node.decorator_list:
            self.referenced.add(node.name)

    see_AsyncFunctionDef = see_FunctionDef

    def see_ClassDef(self, node: ast.ClassDef) -> None:
        self.definitions.add(node.name)
        self.decorated_class |= bool(node.decorator_list)
        for item in node.body:
            if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.methods.add(item.name)
                self.class_names.add(item.name)
                self.decorated_method |= bool(item.decorator_list)
            for inner in (
                ast.walk(item) if not isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) else ()
            ):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                    self.class_names.add(inner.id)
                elif isinstance(inner, (ast.ClassDef, ast.FunctionDef)):
                    self.class_names.add(inner.name)

    def see_Name(self, node: ast.Name) -> None:
        self.mentioned.add(node.id)
        if isinstance(node.ctx, ast.Load):
            self.referenced.add(node.id)
        else:
            self.others.add(node.id)

    def see_Attribute(self, node: ast.Attribute) -> None:
        self.referenced.add(node.attr)
        if not isinstance(node.ctx, ast.Load):
            self.stored_attributes.add(node.attr)

    def see_arg(self, node: ast.arg) -> None:
        self.others.add(node.arg)

    def see_keyword(self, node: ast.keyword) -> None:
        self.bounded |= node.arg == "maxlen"

    def see_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self.generators.add(id(node))

    def see_Call(self, node: ast.Call) -> None:
        if consumes(node):
            self.consumed.update(map(id, node.args))
        if isinstance(node.func, ast.Name) and node.func.id == "deque":
            self.bounded |= len(node.args) > 1

    def see_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = (alias.asname or alias.name).split(".")[0]
            self.modules[name] = alias.name if alias.asname else alias.name.split(".")[0]

    def see_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.star |= alias.name == "*"
            self.imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def see_handler(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self.others.add(node.name)

    see_ExceptHandler = see_MatchAs = see_MatchStar = see_handler

    def see_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.others.add(node.rest)

    def see_TypeAlias(self, node: ast.AST) -> None:
        name = getattr(node, "name", None)
        if isinstance(name, ast.Name):
            self.others.add(name.id)


def survey(tree: ast.Module, outside: Collection[str] = ()) -> Survey:
    """Survey a module; `outside` are names that the namespace it runs in already holds."""
    seen = _Surveyor(outside)
    seen.visit(tree)
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
        not sources <= PLAIN_MODULES or "__missing__" in seen.definitions or bool(outside),
        bool(_LIFETIMES & sources)
        or "__del__" in seen.definitions
        or "getrefcount" in seen.referenced
        or seen.cleans_up,
        seen.bounded,
        bool(seen.generators - seen.consumed),
    )

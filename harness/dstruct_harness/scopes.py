"""Owns what the transform knows about the place it is in: unit, declared names, generator or not, private names.

Also which names need no logging: those whose every binding the log holds, so that a decoder knows what they are.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from .program import Tables, Unit
from .survey import INTEGER_BUILTINS, Survey
from .trees import LOAD, by_kind, own_nodes, walk

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Kinds = dict[type, list[Any]]

_TRIES: Final = (ast.Try, ast.TryStar)
_NAMED: Final = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
)
"""Nodes that bind the name they have."""

_INTEGER_OPERATORS: Final = (
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.FloorDiv,
    ast.Mod,
    ast.BitAnd,
    ast.BitOr,
    ast.BitXor,
    ast.LShift,
    ast.RShift,
)


@dataclass(slots=True)
class Scope:
    """One code object while it is transformed."""

    unit: Unit
    kind: str
    class_name: str = ""
    """The innermost class, for private name mangling (Python reference, 6.2.1)."""
    global_names: frozenset[str] = frozenset()
    nonlocal_names: frozenset[str] = frozenset()
    local_names: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    """Local names whose every binding is in the log, in this frame."""
    integers: frozenset[str] = frozenset()
    """Those of them that are only ever bound to integers; in functions, such names of the module, too."""
    resumable: bool = False
    """A generator or coroutine: its frame leaves the stack and comes back."""
    deferred_leave: bool = False
    """Code may still run after `return`: its frame is left by a hook of its own."""
    careful: bool = False
    """Python itself may call it, in the middle of a block."""
    generator_expression: int = 0
    loops: int = 0
    """How many loops of this scope the statement is in."""
    hidden: list[str] = field(default_factory=list)
    """Names of comprehensions around this place: they hide the scope's own."""

    def mangled(self, attribute: str) -> str:
        stripped = self.class_name.lstrip("_")
        if stripped and attribute.startswith("__") and not attribute.endswith("__"):
            return f"_{stripped}{attribute}"
        return attribute

    def scope_of(self, name: str) -> str:
        if name in self.global_names:
            return "global"
        return "nonlocal" if name in self.nonlocal_names else "local"


def _runs_on(kinds: Kinds) -> list[ast.AST]:
    """The blocks inside which code may still run after a `return`."""
    handlers = [node for node in kinds[ast.ExceptHandler] if node.name is not None]
    finals = [node for kind in _TRIES for node in kinds[kind] if node.finalbody]
    return [*handlers, *finals, *kinds[ast.With], *kinds[ast.AsyncWith]]


@dataclass(frozen=True, slots=True)
class _Bindings:
    """What the nodes of one scope bind: names that are stored into, and names bound in other ways."""

    stored: list[ast.Name]
    others: frozenset[str]

    def names(self) -> frozenset[str]:
        return self.others.union(node.id for node in self.stored)


def _bindings(kinds: Kinds) -> _Bindings:
    hidden = {id(x) for one in kinds[ast.comprehension] for x in walk(one.target)}
    stored = [x for x in kinds[ast.Name] if x.ctx.__class__ is ast.Store and id(x) not in hidden]
    others = {x.name for kind in _NAMED for x in kinds[kind] if x.name}
    others |= {x.rest for x in kinds[ast.MatchMapping] if x.rest}
    for kind in (ast.Import, ast.ImportFrom):
        others |= {(a.asname or a.name).split(".")[0] for x in kinds[kind] for a in x.names}
    return _Bindings(stored, frozenset(others))


def function_scope(
    node: FunctionNode, unit: Unit, class_name: str, found: Survey, around: frozenset[str]
) -> Scope:
    """The scope of a function; `around` are names of the module that are only ever bound to integers, and that no
    function around this one hides.
    """
    kinds = by_kind(own_nodes(node.body))
    declared = {
        kind: frozenset(n for x in kinds[kind] for n in x.names) for kind in (ast.Global, ast.Nonlocal)
    }
    late = bool(kinds[ast.Return]) and any(
        isinstance(x, ast.Return) for block in _runs_on(kinds) for x in own_nodes([block])
    )
    given = parameters(node.args)
    bindings = _bindings(kinds)
    local = bindings.names().union(given) - declared[ast.Global] - declared[ast.Nonlocal]
    special = node.name.startswith("__") and node.name.endswith("__") and node.name != "__init__"
    told = local
    if local & found.nonlocals:
        told -= {n for x in walk(node) if isinstance(x, ast.Nonlocal) for n in x.names}
    scope = Scope(
        unit,
        "function",
        class_name,
        declared[ast.Global],
        declared[ast.Nonlocal],
        local,
        told,
        resumable=bool(kinds[ast.Yield] or kinds[ast.YieldFrom]) or isinstance(node, ast.AsyncFunctionDef),
        deferred_leave=late,
        careful=special or bool(node.decorator_list) or node.name in found.referenced,
    )
    around -= local | declared[ast.Nonlocal]
    scope.integers = around | _integer_names(kinds, bindings, told - set(given), found, around)
    return scope


def module_scope(tree: ast.Module, unit: Unit, found: Survey) -> Scope:
    kinds = by_kind(own_nodes(tree.body))
    bindings = _bindings(kinds)
    local = bindings.names()
    told = frozenset() if found.dynamic else local | found.globals
    scope = Scope(unit, "module", local_names=local, told=told)
    scope.integers = _integer_names(kinds, bindings, told - found.globals - found.others, found)
    return scope


def _bind(
    bindings: list[tuple[str, ast.expr | None]], plain: set[int], target: ast.expr, value: ast.expr | None
) -> None:
    """Note what a target's names are bound to, and the names that are bound like this, by `id()`."""
    if isinstance(target, ast.Name):
        bindings.append((target.id, value))
        plain.add(id(target))
    elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        starred = any(isinstance(x, ast.Starred) for x in [*target.elts, *value.elts])
        if len(target.elts) == len(value.elts) and not starred:
            for one, item in zip(target.elts, value.elts, strict=True):
                _bind(bindings, plain, one, item)


def _integer_names(
    kinds: Kinds,
    bound: _Bindings,
    candidates: frozenset[str],
    found: Survey,
    around: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """The candidates that nothing but integers is ever bound to, as far as the text alone tells. `around` are integers,
    too.

    A greatest fixed point: all are taken for integers until one binding of theirs is not surely one.
    """
    bindings: list[tuple[str, ast.expr | None]] = []
    plain: set[int] = set()
    bind = partial(_bind, bindings, plain)

    for node in kinds[ast.Assign]:
        for target in node.targets:
            bind(target, node.value)
    for node in kinds[ast.AugAssign]:
        if isinstance(node.target, ast.Name):
            left = ast.Name(node.target.id, LOAD)
            bind(node.target, ast.BinOp(left, node.op, node.value))
    for node in kinds[ast.AnnAssign]:
        if isinstance(node.target, ast.Name):
            if node.value is not None:
                bind(node.target, node.value)
            plain.add(id(node.target))
    for node in kinds[ast.NamedExpr]:
        bind(node.target, node.value)
    for node in kinds[ast.For]:
        counter = _counter(node, found)
        if counter is not None:
            bind(counter, ast.Constant(0))
    names = candidates - bound.others - {node.id for node in bound.stored if id(node) not in plain}
    names &= {name for name, _ in bindings}
    while True:
        known = names | around
        lost = {name for name, value in bindings if name in names and not is_integer(value, known, found)}
        if not lost:
            return names
        names -= lost


def _counter(node: ast.For, found: Survey) -> ast.expr | None:
    """The target of a loop that counts: over a `range`, or the first one over an `enumerate` from 0."""
    if is_builtin_call(node.iter, "range", found):
        return node.target
    if is_builtin_call(node.iter, "enumerate", found) and isinstance(node.target, ast.Tuple):
        assert isinstance(node.iter, ast.Call)
        if len(node.iter.args) == 1 and not node.iter.keywords and len(node.target.elts) == 2:
            return node.target.elts[0]
    return None


def is_builtin_call(node: ast.expr, name: str, found: Survey) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == name
        and name not in found.bound
        and not found.dynamic
    )


def is_integer(node: ast.expr | None, names: frozenset[str], found: Survey) -> bool:
    """Whether an expression gives an int (and no bool) or raises, given that `names` are integers."""
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.BinOp):
        return (
            isinstance(node.op, _INTEGER_OPERATORS)
            and is_integer(node.left, names, found)
            and is_integer(node.right, names, found)
        )
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, (ast.USub, ast.UAdd, ast.Invert)) and is_integer(
            node.operand, names, found
        )
    if isinstance(node, ast.IfExp):
        return is_integer(node.body, names, found) and is_integer(node.orelse, names, found)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        if not is_builtin_call(node, name, found):
            return False
        if name in ("len", "ord", "int"):
            return name in INTEGER_BUILTINS
        if (name in ("min", "max") and len(node.args) > 1 and not node.keywords) or name == "abs":
            return bool(node.args) and all(is_integer(a, names, found) for a in node.args)
    return False


def parameters(arguments: ast.arguments) -> list[str]:
    """Every parameter's name, in the order of the signature."""
    named = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg:
        named.append(arguments.vararg)
    named += arguments.kwonlyargs
    if arguments.kwarg:
        named.append(arguments.kwarg)
    return [argument.arg for argument in named]


def dotted(node: ast.expr) -> str | None:
    """`a` or `self.items` as text; None for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := dotted(node.value)):
        return f"{base}.{node.attr}"
    return None


def index_variable(node: ast.expr | None) -> list[Any] | None:
    """`[name, offset]` for `i`, `i + 1`, `i - 1`; None for anything else."""
    if isinstance(node, ast.Name):
        return [node.id, 0]
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.left, ast.Name)
        and isinstance(node.op, (ast.Add, ast.Sub))
        and isinstance(node.right, ast.Constant)
        and type(node.right.value) is int
    ):
        return [node.left.id, node.right.value if isinstance(node.op, ast.Add) else -node.right.value]
    return None


def access_detail(container: ast.expr, key: ast.expr) -> dict[str, Any]:
    """What an access site tells a viewer: the container's expression and the variables that index it."""
    detail: dict[str, Any] = {}
    if base := dotted(container):
        detail["base"] = base
    elif isinstance(container, ast.Subscript) and (base := dotted(container.value)):
        detail["base"] = f"{base}[]"
        if outer := index_variable(container.slice):
            detail["outer"] = [outer]
    if isinstance(key, ast.Slice):
        detail["slice"] = [index_variable(key.lower), index_variable(key.upper)]
    else:
        keys = key.elts if isinstance(key, ast.Tuple) else [key]
        if variables := [v for k in keys if (v := index_variable(k))]:
            detail["index"] = variables
    return detail


class Context:
    """The transform's shared state: the tables it fills and the stack of scopes it is in."""

    def __init__(
        self, tables: Tables, source: int, found: Survey, *, module_frame: bool, foreign: bool = False
    ) -> None:
        self.tables = tables
        self.source = source
        self.survey = found
        self.module_frame = module_frame
        """The module's own frame is at the bottom of the stack while its functions run."""
        self.foreign = foreign
        """No frame of the log has this module's globals."""
        self.scopes: list[Scope] = []

    @property
    def scope(self) -> Scope:
        return self.scopes[-1]

    def site(self, event: str, node: ast.AST | None, detail: dict[str, Any] | None = None) -> int:
        return self.tables.site(event, self.scope.unit.id, node, detail)

    def name_ids(self, names: Sequence[str]) -> list[int]:
        return [self.tables.name(name) for name in names]

    def variable(self, name: str) -> list[Any] | None:
        """The source of a name whose value a decoder knows; None where it can't be sure to."""
        scope = self.scope
        if scope.generator_expression or name in scope.hidden:
            return None
        if scope.kind in ("function", "module") and name in scope.local_names:
            return ["n", self.tables.name(name)] if name in scope.told else None
        if scope.kind != "function" or name in scope.nonlocal_names:
            return None
        inner = (
            self.scopes[1:]
            if name in scope.global_names
            else [s for s in self.scopes[1:] if s.kind != "class"]
        )
        if name not in scope.global_names and any(name in s.local_names for s in inner):
            return None  # a closure's variable: which frame's it is, only the closure knows
        module = self.scopes[0]
        known = self.module_frame and module.kind == "module" and name in module.told
        return ["g", self.tables.name(name)] if known else None

    def integers_around(self) -> frozenset[str]:
        """Names of the module that are only ever bound to integers, where no function around this place hides them."""
        module = self.scopes[0]
        if not self.module_frame or module.kind != "module":
            return frozenset()
        return module.integers.difference(*(s.local_names for s in self.scopes[1:] if s.kind != "class"))

    def is_integer(self, node: ast.expr) -> bool:
        """Whether an expression gives an integer, here."""
        scope = self.scope
        if scope.generator_expression:
            return False
        return is_integer(node, scope.integers - set(scope.hidden), self.survey)

    def bind_detail(self, names: Sequence[str]) -> dict[str, Any]:
        """Details of a `bind`. Names of one statement that live in different scopes are bound by different sites."""
        where = self.scope.scope_of(names[0])
        if where == "global" and self.foreign:
            return {"names": self.name_ids(names), "scope": "nonlocal", "unit": -1}
        detail: dict[str, Any] = {"names": self.name_ids(names), "scope": where}
        if where == "nonlocal":
            owners = [outer.unit.id for outer in self.scopes[:-1] if names[0] in outer.local_names]
            detail["unit"] = owners[-1] if owners else -1
        return detail

"""Owns what the transform knows about the place it is in: unit, declared names, generator or not, private names.

Also which names need no logging: those whose every binding the log holds, so that a decoder knows what they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from .program import Tables, Unit
from .survey import INTEGER_BUILTINS, Survey

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
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


def own_nodes(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a body that belong to its own scope: nested functions and classes are passed over."""
    pending = list(body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _NESTED):
            pending.extend(ast.iter_child_nodes(node))


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
    """Those of them that are only ever bound to integers."""
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


def _runs_on(node: ast.AST) -> bool:
    """Whether code may still run in a block after a `return` inside it."""
    if isinstance(node, ast.ExceptHandler):
        return node.name is not None
    return isinstance(node, (ast.With, ast.AsyncWith)) or bool(getattr(node, "finalbody", None))


def stored_names(nodes: Sequence[ast.AST]) -> set[str]:
    """Names that the nodes of one scope bind, however they do it."""
    names: set[str] = set()
    hidden: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.comprehension):
            hidden |= {id(x) for x in ast.walk(node.target)}
    for x in nodes:
        if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store) and id(x) not in hidden:
            names.add(x.id)
        elif isinstance(x, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or (
            isinstance(x, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and x.name
        ):
            names.add(str(x.name))
        elif isinstance(x, ast.MatchMapping) and x.rest:
            names.add(x.rest)
        elif isinstance(x, (ast.Import, ast.ImportFrom)):
            names |= {(a.asname or a.name).split(".")[0] for a in x.names}
    return names


def function_scope(
    node: FunctionNode, unit: Unit, class_name: str, found: Survey, *, method: bool = False
) -> Scope:
    nodes = list(own_nodes(node.body))
    declared = {
        kind: frozenset(n for x in nodes if isinstance(x, kind) for n in x.names)
        for kind in (ast.Global, ast.Nonlocal)
    }
    yields = any(isinstance(x, (ast.Yield, ast.YieldFrom)) for x in nodes)
    late = any(isinstance(x, ast.Return) for block in nodes if _runs_on(block) for x in own_nodes([block]))
    stored = stored_names(nodes) | set(parameters(node.args))
    local = frozenset(stored) - declared[ast.Global] - declared[ast.Nonlocal]
    shared = {n for x in ast.walk(node) if isinstance(x, ast.Nonlocal) for n in x.names}
    special = node.name.startswith("__") and node.name.endswith("__") and node.name != "__init__"
    told = local - shared
    scope = Scope(
        unit,
        "function",
        class_name,
        declared[ast.Global],
        declared[ast.Nonlocal],
        local,
        told,
        resumable=yields or isinstance(node, ast.AsyncFunctionDef),
        deferred_leave=late,
        careful=special or bool(node.decorator_list) or node.name in found.referenced,
    )
    scope.integers = integer_names(nodes, told - set(parameters(node.args)), found)
    return scope


def module_scope(tree: ast.Module, unit: Unit, found: Survey) -> Scope:
    nodes = list(own_nodes(tree.body))
    local = frozenset(stored_names(nodes))
    borrowed = {n for x in ast.walk(tree) if isinstance(x, ast.Global) for n in x.names}
    told = frozenset() if found.dynamic else local | borrowed
    scope = Scope(unit, "module", local_names=local, told=told)
    scope.integers = integer_names(nodes, told - borrowed, found)
    return scope


def integer_names(nodes: Sequence[ast.AST], candidates: frozenset[str], found: Survey) -> frozenset[str]:
    """The candidates that nothing but integers is ever bound to, as far as the text alone tells.

    A greatest fixed point: all are taken for integers until one binding of theirs is not surely one.
    """
    bindings: list[tuple[str, ast.expr | None]] = []
    plain: set[int] = set()

    def bind(target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            bindings.append((target.id, value))
            plain.add(id(target))
        elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
            starred = any(isinstance(x, ast.Starred) for x in [*target.elts, *value.elts])
            if len(target.elts) == len(value.elts) and not starred:
                for one, item in zip(target.elts, value.elts, strict=True):
                    bind(one, item)

    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                bind(target, node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            left = ast.Name(node.target.id, ast.Load())
            bind(node.target, ast.BinOp(left, node.op, node.value))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if node.value is not None:
                bind(node.target, node.value)
            plain.add(id(node.target))
        elif isinstance(node, ast.NamedExpr):
            bind(node.target, node.value)
        elif isinstance(node, ast.For):
            if is_builtin_call(node.iter, "range", found):
                bind(node.target, ast.Constant(0))
            elif (
                is_builtin_call(node.iter, "enumerate", found)
                and isinstance(node.iter, ast.Call)
                and len(node.iter.args) == 1
                and not node.iter.keywords
                and isinstance(node.target, ast.Tuple)
                and len(node.target.elts) == 2
            ):
                bind(node.target.elts[0], ast.Constant(0))
    other = stored_names(
        [
            x
            for x in nodes
            if id(x) not in plain and not (isinstance(x, ast.Name) and not isinstance(x.ctx, ast.Store))
        ]
    )
    names = candidates - other
    while True:
        lost = {name for name, value in bindings if name in names and not is_integer(value, names, found)}
        if not lost:
            return frozenset(n for n in names if any(n == b for b, _ in bindings))
        names -= lost


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

    def __init__(self, tables: Tables, source: int, found: Survey, *, module_frame: bool) -> None:
        self.tables = tables
        self.source = source
        self.survey = found
        self.module_frame = module_frame
        """The module's own frame is at the bottom of the stack while its functions run."""
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

    def is_integer(self, node: ast.expr) -> bool:
        """Whether an expression gives an integer, here."""
        scope = self.scope
        if scope.generator_expression:
            return False
        return is_integer(node, scope.integers - set(scope.hidden), self.survey)

    def bind_detail(self, names: Sequence[str]) -> dict[str, Any]:
        """Details of a `bind`. Names of one statement that live in different scopes are bound by different sites."""
        where = self.scope.scope_of(names[0])
        detail: dict[str, Any] = {"names": self.name_ids(names), "scope": where}
        if where == "nonlocal":
            owners = [outer.unit.id for outer in self.scopes[:-1] if names[0] in outer.local_names]
            detail["unit"] = owners[-1] if owners else -1
        return detail

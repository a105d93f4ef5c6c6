"""Owns what the transform knows about the place it is in: unit, declared names, generator or not, private names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .program import Op, Tables, Unit

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


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
    class_name: str = ""
    """The innermost class, for private name mangling (Python reference, 6.2.1)."""
    global_names: frozenset[str] = frozenset()
    nonlocal_names: frozenset[str] = frozenset()
    local_names: frozenset[str] = frozenset()
    resumable: bool = False
    """A generator or coroutine: its frame leaves the stack and comes back."""
    deferred_leave: bool = False
    """Code may still run after `return`: its frame is left by a hook of its own."""
    generator_expression: int = 0
    loops: int = 0
    """How many loops of this scope the statement is in."""

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


def function_scope(node: FunctionNode, unit: Unit, class_name: str) -> Scope:
    nodes = list(own_nodes(node.body))
    declared = {
        kind: frozenset(n for x in nodes if isinstance(x, kind) for n in x.names)
        for kind in (ast.Global, ast.Nonlocal)
    }
    yields = any(isinstance(x, (ast.Yield, ast.YieldFrom)) for x in nodes)
    late = any(isinstance(x, ast.Return) for block in nodes if _runs_on(block) for x in own_nodes([block]))
    stored = {x.id for x in nodes if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store)}
    stored |= {x.name for x in nodes if isinstance(x, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    return Scope(
        unit,
        class_name,
        declared[ast.Global],
        declared[ast.Nonlocal],
        frozenset(stored.union(parameters(node.args))) - declared[ast.Global] - declared[ast.Nonlocal],
        resumable=yields or isinstance(node, ast.AsyncFunctionDef),
        deferred_leave=late,
    )


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

    def __init__(self, tables: Tables, source: int) -> None:
        self.tables = tables
        self.source = source
        self.scopes: list[Scope] = []

    @property
    def scope(self) -> Scope:
        return self.scopes[-1]

    def op(self, kind: str, width: int, node: ast.AST | None = None, *, event: str = "", **more: Any) -> Op:
        """A new op in the current unit, with a site of its own when `event` is given."""
        unit = self.scope.unit.id
        if event:
            more["site"] = self.tables.site(event, unit, node, more.pop("detail", None))
        return self.tables.op(kind, width, unit, floating=self.scope.generator_expression > 0, **more)

    def name_ids(self, names: Sequence[str]) -> list[int]:
        return [self.tables.name(name) for name in names]

    def bind_detail(self, names: Sequence[str]) -> dict[str, Any]:
        """Details of a `bind`. Names of one statement that live in different scopes are bound by different sites."""
        where = self.scope.scope_of(names[0])
        detail: dict[str, Any] = {"names": self.name_ids(names), "scope": where}
        if where == "nonlocal":
            owners = [outer.unit.id for outer in self.scopes[:-1] if names[0] in outer.local_names]
            detail["unit"] = owners[-1] if owners else -1
        return detail

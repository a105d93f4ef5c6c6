"""Owns loops over a `range` whose variable need not be recorded: its values follow from the first one."""

from __future__ import annotations

import ast

from .definitions import Definitions
from .emit import Source, at, either, statement
from .events import LOOP_COUNT, LOOP_START
from .program import Counting
from .scopes import Scope, is_builtin_call
from .survey import Survey
from .trees import own_nodes, walk


def counts(node: ast.For, scope: Scope, found: Survey) -> int:
    """The step of a loop over a `range` whose variable follows from the first number; 0 where it does not.

    The variable is an integer wherever it is bound, and nothing in the loop binds it.
    """
    target, iterable = node.target, node.iter
    if not isinstance(target, ast.Name) or target.id not in scope.integers or target.id in scope.hidden:
        return 0
    if (
        not isinstance(iterable, ast.Call)
        or not is_builtin_call(iterable, "range", found)
        or iterable.keywords
    ):
        return 0
    args = iterable.args
    if not 1 <= len(args) <= 3 or any(isinstance(x, (ast.Starred, ast.NamedExpr)) for x in walk(*args)):
        return 0
    for inner in own_nodes(node.body):
        if isinstance(inner, ast.Name) and inner.id == target.id and not isinstance(inner.ctx, ast.Load):
            return 0
    if len(args) < 3:
        return 1
    step, sign = args[2], 1
    if isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub):
        step, sign = step.operand, -1
    small = isinstance(step, ast.Constant) and type(step.value) is int and step.value < 1 << 29
    return sign * step.value if small else 0  # type: ignore[attr-defined]


class Loops(Definitions):
    """Rewrites the heads of counting loops."""

    def counting(self, node: ast.For | ast.AsyncFor) -> Counting | None:
        """The counting loop that a `for` is; None where its variable's values do not follow from the first."""
        scope, tables = self.context.scope, self.context.tables
        if isinstance(node, ast.AsyncFor) or scope.kind not in ("function", "module"):
            return None
        step = counts(node, scope, self.survey)
        if not step:
            return None
        assert isinstance(node.iter, ast.Call)
        assert isinstance(node.target, ast.Name)
        first, *rest = node.iter.args
        if rest and not self.context.is_integer(first):
            return None
        if rest and self.source(first) is None and any(map(self.comes_back, rest)):
            return None
        found = Counting(tables.loop(), node.target.id, step)
        tables.counting.setdefault(scope.unit.id, []).append(found)
        return found

    def counting_start(self, iterable: ast.expr, loop: Counting) -> ast.expr:
        """The iterable of a counting loop, whose first number is said."""
        assert isinstance(iterable, ast.Call)
        first: Source = ["k", 0]
        new = iterable.args[0]
        if len(iterable.args) > 1:
            new, first = self.operand(new)
        else:
            new = self.expression(new)
        args = [new, *map(self.expression, iterable.args[1:])]
        marks = self.ensure(iterable)
        self.step([LOOP_START, loop.id, first])
        return at(either(*marks, at(ast.Call(iterable.func, args, []), iterable)), iterable)

    def counted(self, loop: Counting, node: ast.stmt) -> list[ast.stmt]:
        """The loop moves on to its next number."""
        marks = self.ensure(node)
        self.step([LOOP_COUNT, loop.id])
        site = self.context.site("bind", node.target, self.context.bind_detail([loop.name]))  # type: ignore[attr-defined]
        self.event(site, ["c", loop.id, loop.step])
        return [at(statement(mark), node) for mark in marks]

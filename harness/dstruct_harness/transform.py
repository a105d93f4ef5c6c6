"""Owns the transform of a whole program: statements, frames, line events. AST in, AST and tables out.

The learner's line and column numbers are kept. What each hook logs is described by an `Op` in the tables;
the encoder knows what to make of it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from typing import Any

from .emit import at, either, emission, hook, log, plain, reach, statement, tail, tick, token
from .link import placeholder
from .program import Op, Tables, Unit
from .scopes import Context, FunctionNode, Scope, dotted, function_scope, parameters
from .stores import Stores, bound_names
from .survey import Survey, survey

_NO_CODE = (ast.Global, ast.Nonlocal)


def transform(
    tree: ast.Module, tables: Tables, source: int, *, outside: Collection[str] = (), keep_last: bool = False
) -> tuple[ast.Module, Unit]:
    """Rewrite a parsed module in place and return it with its unit.

    Args:
        tree: the parsed program.
        tables: grows by the program's units, sites and ops.
        source: index of the program's text in the tables.
        outside: names that the namespace holds already.
        keep_last: give the value of a final expression to the hook `keep` (a notebook cell's result).
    """
    transformer = _Transformer(Context(tables, source), survey(tree, outside), tree)
    unit = tables.unit("module", "<module>", source, 1)
    transformer.context.scopes.append(Scope(unit))
    if keep_last and tree.body and isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1]
        last.value = at(ast.Call(placeholder("keep"), [last.value], []), last.value)
        transformer.kept = last.value
    start = _preamble(tree.body)
    body = transformer.block(tree.body[start:])
    begin = [at(statement(tick()), body[0])] if body else []
    tree.body[start:] = [*begin, *body]
    return tree, unit


def _preamble(body: Sequence[ast.stmt]) -> int:
    """How many leading statements must stay first: the docstring and `__future__` imports."""
    count = int(bool(body) and _is_docstring(body[0]))
    while (
        count < len(body)
        and isinstance(future := body[count], ast.ImportFrom)
        and future.module == "__future__"
    ):
        count += 1
    return count


def _may_take_long(node: ast.stmt) -> bool:
    """Whether a simple statement calls something or computes what may never end: what led to it is sent before.

    Inside loops the loop's head does that.
    """
    if not isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return)):
        return False
    operators = (ast.Pow, ast.LShift, ast.Mult)
    return any(
        isinstance(part, (ast.Call, ast.Await)) or isinstance(getattr(part, "op", None), operators)
        for part in ast.walk(node)
    )


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


class _Transformer(Stores):
    def __init__(self, context: Context, found: Survey, tree: ast.Module) -> None:
        self.context = context
        self.survey = found
        self.scratches = 0
        self.kept: ast.expr | None = None

    # -- blocks and lines ----------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt], after_line: int = 0) -> list[ast.stmt]:
        """The statements of a block with their line events. A statement on `after_line` has been announced already."""
        result: list[ast.stmt] = []
        for node in body:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            announced = first != after_line and not isinstance(node, _NO_CODE)
            if announced:
                result.append(self.line(node, first))
            if not self.context.scope.loops and _may_take_long(node):
                result.append(at(statement(reach() if announced else tick()), node))
            after_line = (
                node.lineno if isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.Return)) else 0
            )
            new = self.visit(node)
            result += new if isinstance(new, list) else [new]
        return plain(result)

    def line(self, node: ast.AST, number: int) -> ast.stmt:
        return at(emission(self.line_op(node, number).id), node)

    def line_op(self, node: ast.AST, number: int) -> Op:
        where = ast.copy_location(ast.Pass(), node)
        if number != getattr(node, "lineno", number):
            where.lineno = where.end_lineno = number
        elif isinstance(
            node, (ast.If, ast.While, ast.For, ast.AsyncFor, ast.With, ast.Try, ast.FunctionDef, ast.ClassDef)
        ):
            where.end_lineno, where.end_col_offset = number, node.col_offset
        return self.context.op("line", 0, where, event="line")

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if node is self.kept:
            node.args = [self.visit(node.args[0])]
            return node
        return super().visit_Call(node)

    # -- loops and branches --------------------------------------------------------------------

    def visit_If(self, node: ast.If) -> Any:
        test = self.visit(node.test)
        body = self.block(node.body, node.lineno)
        return at(ast.If(test, body, self.block(node.orelse)), node)

    def visit_While(self, node: ast.While) -> Any:
        """The header is a line each time it is looked at: once before the loop, then where the loop goes on."""
        header = self.line_op(node, node.lineno)
        test = self.visit(node.test)
        self.context.scope.loops += 1
        body = self.block(node.body, node.lineno)
        self.context.scope.loops -= 1
        again = at(emission(header.id), node)
        looked = at(either(tick(), test), node.test)
        if isinstance(node.test, ast.Constant) and node.test.value:
            # Kept a constant for the compiler: without it, code after the loop would count as reachable.
            body = [at(statement(tick()), node), *body]
            looked_test: ast.expr = node.test
        else:
            looked_test = looked
        new = at(ast.While(looked_test, self.with_header(body, again), self.block(node.orelse)), node)
        return [new]

    def with_header(self, body: list[ast.stmt], header: ast.stmt) -> list[ast.stmt]:
        """`body` with the header event where the loop goes on: at its end and before each `continue` of its own."""
        return plain([*_before_continues(body, header), _copied(header)])

    def visit_For(self, node: ast.For | ast.AsyncFor) -> Any:
        names = bound_names(node.target)
        base = dotted(node.iter)
        start = self.context.op("iterate", 1, node.iter)
        detail = {"base": base} if base else {}
        element = self.context.op("element", 0, node.iter, event="iter", detail=detail, link=start.id)
        header = self.line_op(node, node.lineno)
        iterable = self.visit(node.iter)
        looped: ast.expr = at(either(log(start.id, iterable), tail(1)), node.iter)
        if isinstance(node, ast.AsyncFor):
            looped = iterable
        head: list[ast.stmt] = [
            at(emission(element.id), node),
            *(self.binding(names, node.target) if names else []),
        ]
        self.context.scope.loops += 1
        body = [*plain(head), at(statement(tick()), node), *self.block(node.body, node.lineno)]
        self.context.scope.loops -= 1
        again = at(emission(header.id), node)
        new = type(node)(
            self.target(node.target), looped, self.with_header(body, again), self.block(node.orelse)
        )
        return at(new, node)

    visit_AsyncFor = visit_For

    def visit_With(self, node: ast.With | ast.AsyncWith) -> Any:
        names: list[str] = []
        items = []
        for item in node.items:
            expression = self.visit(item.context_expr)
            variables = item.optional_vars
            if variables:
                names += bound_names(variables)
                variables = self.target(variables)
            items.append(ast.withitem(expression, variables))
        head = self.binding(names, node) if names else []
        leaving = self.line(node, node.lineno)  # the block's end calls `__exit__`, on this line
        body = plain([*head, *self.block(node.body, node.lineno), leaving])
        return at(type(node)(items, body), node)

    visit_AsyncWith = visit_With

    def visit_Match(self, node: ast.Match) -> Any:
        node.subject = self.visit(node.subject)
        lines: list[ast.stmt] = []
        for case in node.cases:
            lines.append(self.line(_placed(case.pattern), case.pattern.lineno))
            case.guard = case.guard and self.visit(case.guard)
            names = _captures(case.pattern)
            head = self.binding(names, case.pattern) if names else []
            tried = [_copied(line) for line in lines]  # patterns that did not match were looked at too
            case.body = plain([*tried, *head, *self.block(case.body, case.pattern.lineno)])
        return node

    # -- exceptions ----------------------------------------------------------------------------

    def visit_Try(self, node: Any) -> Any:
        node.body = self.block(node.body)
        node.handlers = [self.handler(handler) for handler in node.handlers]
        node.orelse = self.block(node.orelse)
        if node.finalbody:  # it may run because of an exception, which was raised before it
            passing = self.context.op("passing", 1, node.finalbody[0], event="raise")
            noticed: list[ast.stmt] = [statement(hook("failed")), emission(passing.id, hook("exception"))]
            located = [at(one, node.finalbody[0]) for one in noticed]
            node.finalbody = plain([*located, *self.block(node.finalbody)])
        return node

    visit_TryStar = visit_Try

    def handler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        """A handler that logs the exception it caught, and that cannot keep a stop from getting out."""
        scope = self.context.scope
        frame = [token()] if scope.resumable else []
        caught = self.context.op("handler", 1 + len(frame), node, event="raise")
        failed = at(statement(hook("failed")), node)
        head: list[ast.stmt] = [failed, at(emission(caught.id, hook("exception"), *frame), node)]
        if not _catches_ordinary_only(node.type):
            stop = ast.If(ast.Call(placeholder("len"), [placeholder("stopping")], []), [ast.Raise()], [])
            head.append(at(stop, node))
        line = self.line(node, node.lineno)
        bound = self.binding([node.name], node) if node.name else []
        kind = node.type and self.visit(node.type)
        body = self.block(node.body, node.lineno)
        if node.name:  # Python unbinds the name however the handler is left
            body = [at(ast.Try(body, [], [], plain([self.unbinding([node.name], node)])), node)]
        return at(ast.ExceptHandler(kind, node.name, plain([*head, line, *bound, *body])), node)

    # -- frames --------------------------------------------------------------------------------

    def visit_Return(self, node: ast.Return) -> Any:
        kind = "return" if self.context.scope.deferred_leave else "leave"
        op = self.context.op(kind, 1, node, event="leave")
        if node.value is None:  # kept bare: an async generator may return nothing else
            return [at(emission(op.id, ast.Constant(None)), node), node]
        value = self.visit(node.value)
        return at(ast.Return(either(log(op.id, value), tail(1))), node)

    def visit_FunctionDef(self, node: FunctionNode) -> Any:
        context = self.context
        node.decorator_list = [self.visit(decorator) for decorator in node.decorator_list]
        node.args = self.visit_defaults(node.args)
        outer = context.scope
        name = node.name if outer.unit.kind == "module" else f"{outer.unit.name}.{node.name}"
        unit = context.tables.unit("function", name, context.source, node.lineno, outer.unit.id)
        scope = function_scope(node, unit, outer.class_name)
        context.scopes.append(scope)
        names = parameters(node.args)
        detail = {"unit": unit.id, "names": context.name_ids(names)}
        frame: list[ast.expr] = [token()] if scope.resumable else []
        width = len(names) + len(frame)
        enter = context.op("enter", width, node, event="enter", detail=detail, names=tuple(names))
        loads = [ast.Name(parameter, ast.Load()) for parameter in names]
        head: list[ast.stmt] = [at(statement(tick()), node), at(emission(enter.id, *frame, *loads), node)]
        node.body = self.framed(node.body, head, frame, node)
        context.scopes.pop()
        return [node, *self.binding([node.name], node)]

    visit_AsyncFunctionDef = visit_FunctionDef

    def framed(
        self,
        body: list[ast.stmt],
        head: list[ast.stmt],
        frame: list[ast.expr],
        node: FunctionNode | ast.ClassDef,
    ) -> list[ast.stmt]:
        """A body between its entry and its exits: normal end, or the exception that leaves it."""
        docstring = int(_is_docstring(body[0]))
        scope, context = self.context.scope, self.context
        inner = self.block(body[docstring:])
        unwind = context.op(
            "unwind", 1 + len(frame), node, event="unwind", position=int(scope.deferred_leave)
        )
        handler = ast.ExceptHandler(
            None, None, [statement(log(unwind.id, hook("exception"), *frame)), ast.Raise()]
        )
        if scope.deferred_leave:
            leave = context.op("leave_deferred", 0, node, event="leave")
            guarded: ast.stmt = ast.Try(
                [ast.Try(inner, [handler], [], [])], [], [], [statement(log(leave.id))]
            )
        else:
            leave = context.op("leave_none", 0, node, event="leave")
            guarded = ast.Try([*inner, statement(log(leave.id))], [handler], [], [])
        return [*body[:docstring], *plain(head), at(guarded, node)]

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        context = self.context
        node.decorator_list = [self.visit(decorator) for decorator in node.decorator_list]
        node.bases = [self.visit(base) for base in node.bases]
        node.keywords = [at(ast.keyword(k.arg, self.visit(k.value)), k) for k in node.keywords]
        outer = context.scope
        name = node.name if outer.unit.kind == "module" else f"{outer.unit.name}.{node.name}"
        unit = context.tables.unit("class", name, context.source, node.lineno, outer.unit.id)
        context.scopes.append(Scope(unit, node.name))
        enter = context.op("enter", 0, node, event="enter", detail={"unit": unit.id, "names": []})
        node.body = self.framed(node.body, [at(emission(enter.id), node)], [], node)
        context.scopes.pop()
        return [node, *self.binding([node.name], node)]

    # -- everything else -----------------------------------------------------------------------

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> Any:
        names = [(a.asname or a.name).split(".")[0] for a in node.names if a.name != "*"]
        return [node, *(self.binding(names, node) if names else [])]

    visit_ImportFrom = visit_Import

    def visit_TypeAlias(self, node: Any) -> Any:
        return node


def _before_continues(body: list[ast.stmt], header: ast.stmt) -> list[ast.stmt]:
    """`body` with a copy of `header` before every `continue` that belongs to this loop."""
    result: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.Continue):
            result.append(_copied(header))
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for part in ("body", "orelse", "finalbody"):
                inner = getattr(node, part, None)
                if inner and not (part == "body" and isinstance(node, (ast.For, ast.AsyncFor, ast.While))):
                    setattr(node, part, plain(_before_continues(inner, header)))
            for branch in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
                branch.body = plain(_before_continues(branch.body, header))
        result.append(node)
    return result


def _copied(header: ast.stmt) -> ast.stmt:
    """A statement of its own (AST nodes must not be shared) that logs the same."""
    assert isinstance(header, ast.Expr)
    assert isinstance(header.value, ast.Call)
    number = header.value.args[0]
    assert isinstance(number, ast.Constant)
    assert isinstance(number.value, int)
    return at(emission(number.value), header)


def _placed(pattern: ast.pattern) -> ast.stmt:
    return ast.copy_location(ast.Pass(), pattern)


def _captures(pattern: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(pattern):
        if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            names.append(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.append(node.rest)
    return names


def _catches_ordinary_only(kind: ast.expr | None) -> bool:
    """Whether a handler names only exceptions that can't include ours, going by their builtin names."""
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return all(
        isinstance(k, ast.Name)
        and k.id.endswith(("Error", "Iteration", "Exception"))
        and k.id != "BaseException"
        for k in kinds
    )

"""Owns the transform of definitions: functions and classes, how their frames are entered and left."""

from __future__ import annotations

import ast
from abc import abstractmethod
from typing import Any

from .emit import Source, at, const, hook, statement, tick_statement, variable
from .exceptions import Exceptions
from .scopes import FunctionNode, Scope, function_scope, parameters


def is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def first_statement(body: list[ast.stmt]) -> ast.stmt:
    """What a body does first: its docstring does nothing."""
    return body[1] if is_docstring(body[0]) and len(body) > 1 else body[0]


def goes_on(body: list[ast.stmt]) -> bool:
    """Whether the program may come to the end of these statements, by the looks of the last one."""
    if not body:
        return True
    last = body[-1]
    if isinstance(last, ast.If):
        return goes_on(last.body) or goes_on(last.orelse)
    return not isinstance(last, (ast.Return, ast.Raise, ast.Break, ast.Continue))


class Definitions(Exceptions):
    """Rewrites what makes and leaves frames."""

    @abstractmethod
    def looks_before(self, node: ast.stmt) -> bool:
        """Whether the recorder looks at the clock before a statement outside loops."""

    def visit_Return(self, node: ast.Return) -> Any:
        scope = self.context.scope
        value = node.value
        if scope.deferred_leave or scope.careful or scope.resumable:
            if value is None:
                return self.late_return(node, const(None), bare=True)
            return self.late_return(node, self.expression(value), bare=False)
        site = self.context.site("leave", node)
        found: Source | None = ["k", None] if value is None else self.source(value)
        if value is None or found is not None:
            if value is not None:
                node.value = self.expression(value)
            assert found is not None
            result = [*self.say(site, found, node=node), node]
        else:
            new, logged = self.logged(self.expression(value), value)
            self.event(site, logged)
            result = [at(ast.Return(new), node)]
        self.close()
        return result

    def late_return(self, node: ast.Return, value: ast.expr, *, bare: bool) -> list[ast.stmt]:
        """A return from a frame that a hook takes off, when its last code has run."""
        scope = self.context.scope
        if not scope.deferred_leave:
            self.close()
            leave = self.left(self.context.site("leave", node), value)
            if bare:
                return [at(statement(leave), node), node]
            return [at(ast.Return(at(leave, node)), node)]
        self.close()
        kept = hook("returning", value)
        if bare:
            return [at(statement(kept), node), node]
        return [at(ast.Return(at(kept, node)), node)]

    def visit_FunctionDef(self, node: FunctionNode) -> Any:
        context = self.context
        node.decorator_list = [self.expression(decorator) for decorator in node.decorator_list]
        node.args = self.visit_defaults(node.args)
        outer = context.scope
        name = node.name if outer.unit.kind == "module" else f"{outer.unit.name}.{node.name}"
        unit = context.tables.unit("function", name, context.source, node.lineno, outer.unit.id)
        around = context.integers_around()
        scope = function_scope(node, unit, outer.class_name, self.survey, around)
        saved, line = self.block, self.line_now
        self.block = None
        context.scopes.append(scope)
        names = parameters(node.args)
        detail: dict[str, Any] = {"unit": unit.id, "names": context.name_ids(names)}
        if scope.resumable:
            detail["token"] = True
        enter = context.site("enter", node, detail)
        head: list[ast.stmt] = []
        if scope.careful or scope.resumable:
            head.append(at(statement(hook("careful")), node))
        if not scope.resumable and not self.looks_before(first_statement(node.body)):
            head.append(at(tick_statement(), node))
        marks = self.ensure(node)
        head += [at(statement(mark), node) for mark in marks]
        temporaries: list[Source] = []
        if scope.resumable:
            put, token = self.put(context.tables.column(), at(hook("entered"), node), node)
            head += [at(statement(one), node) for one in put]
            temporaries.append(token)
        for parameter in names:
            put, temporary = self.put(context.tables.column(), variable(parameter), node)
            head += [at(statement(one), node) for one in put]
            temporaries.append(temporary)
        self.event(enter, *temporaries)
        node.body = self.framed(node.body, head, node)
        context.scopes.pop()
        self.block, self.line_now = saved, line
        if node.decorator_list:
            self.close()
        return [node, *self.binding([node.name], node)]

    visit_AsyncFunctionDef = visit_FunctionDef

    def framed(
        self, body: list[ast.stmt], head: list[ast.stmt], node: FunctionNode | ast.ClassDef
    ) -> list[ast.stmt]:
        """A body between its entry and its exits: normal end, or the exception that leaves it."""
        docstring = int(is_docstring(body[0]))
        scope = self.context.scope
        last = body[-1]
        inner = self.suite(body[docstring:])
        unwind = self.context.site("unwind", node)
        leave = self.context.site("leave", node)
        if not scope.deferred_leave and goes_on(inner):
            if scope.careful or scope.resumable:
                self.close()
                inner.append(at(statement(self.left(leave, const(None))), node))
            else:
                inner += self.say(leave, ["k", None], node=node, past=last)
        self.close()
        handler = ast.ExceptHandler(None, None, [*self.caught(unwind, "unwind", node), ast.Raise()])
        guarded: ast.stmt = ast.Try(inner or [at(ast.Pass(), node)], [handler], [], [])
        if scope.deferred_leave:
            guarded = ast.Try([guarded], [], [], [statement(hook("finished", const(leave)))])
        return [*body[:docstring], *head, at(guarded, node)]

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        context = self.context
        node.decorator_list = [self.expression(decorator) for decorator in node.decorator_list]
        node.bases = [self.expression(base) for base in node.bases]
        node.keywords = [at(ast.keyword(k.arg, self.expression(k.value)), k) for k in node.keywords]
        outer = context.scope
        name = node.name if outer.unit.kind == "module" else f"{outer.unit.name}.{node.name}"
        unit = context.tables.unit("class", name, context.source, node.lineno, outer.unit.id)
        line = self.line_now
        self.close()
        context.scopes.append(Scope(unit, "class", node.name))
        enter = context.site("enter", node, {"unit": unit.id, "names": []})
        node.body = self.framed(node.body, self.say(enter, node=node), node)
        context.scopes.pop()
        self.close()
        self.line_now = line
        return [node, *self.binding([node.name], node)]

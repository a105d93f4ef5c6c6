"""Owns the transform of `try` and its handlers: exceptions are noted where they pass, and stops cannot be
swallowed.
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from .augmented import Augmented
from .emit import at, const, hook, statement
from .events import CAUGHT
from .link import placeholder
from .trees import LOAD, walk


class Exceptions(Augmented):
    """Rewrites what exceptions pass through. The statements in between are its subclass's business."""

    @abstractmethod
    def suite(self, body: Sequence[ast.stmt], after_line: int = 0) -> list[ast.stmt]:
        """The statements of a block with their line events."""

    @abstractmethod
    def branch(self, body: Sequence[ast.stmt], after_line: int = 0) -> list[ast.stmt]:
        """A suite that does not always run: a block of its own."""

    @abstractmethod
    def line(self, node: ast.AST, number: int, past: ast.AST | None = None) -> list[ast.stmt]:
        """The line event before a statement."""

    def visit_Try(self, node: Any) -> Any:
        node.body = self.branch(node.body)
        kinds = [handler.type for handler in node.handlers]
        if any(kind is not None and not _is_simple(kind) for kind in kinds):
            node.body = self.noticed(
                node.body, node
            )  # what the handlers' types call may have blocks of its own
        node.handlers = [self.handler(handler) for handler in node.handlers]
        node.orelse = self.branch(node.orelse)
        if node.finalbody:  # it may run because of an exception, which was raised before it
            final, node.finalbody = node.finalbody, []
            inner = [node] if node.handlers else node.body
            return at(ast.Try(self.noticed(inner, node), [], [], self.branch(final)), node)
        return node

    visit_TryStar = visit_Try

    def noticed(self, body: list[ast.stmt], node: ast.AST) -> list[ast.stmt]:
        """`body`, with a note of an exception that leaves it, made before anybody else hears of it."""
        handler = ast.ExceptHandler(None, None, [*self.caught(-1, "passing", node), ast.Raise()])
        return [at(ast.Try(body, [handler], [], []), node)]

    def caught(self, site: int, kind: str, node: ast.AST) -> list[ast.stmt]:
        """Note the exception that is here; the encoder works out what it left unfinished. Calls of C functions only:
        there may be no room for more on the stack."""
        note = ast.Tuple([const((site, kind)), hook("exception")], LOAD)
        path = ast.Call(ast.Attribute(placeholder("path"), "append", LOAD), [const(CAUGHT)], [])
        result: list[ast.stmt] = [statement(hook("woken"))] if self.context.scope.resumable else []
        open_calls = ast.If(hook("len", placeholder("open")), [statement(hook("failed"))], [])
        result += [open_calls, statement(hook("note", note)), statement(path)]
        return [at(one, node) for one in result]

    def handler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        """A handler that logs the exception it caught, and that cannot keep a stop from getting out."""
        self.close()
        kind = node.type and self.expression(node.type)
        self.close()
        head: list[ast.stmt] = []
        if not _catches_ordinary_only(node.type):
            head.append(at(ast.If(hook("len", placeholder("stopping")), [ast.Raise()], []), node))
        head += self.caught(-1, "handler", node)
        head += self.line(node, node.lineno)
        if node.name:
            head += self.binding([node.name], node)
        body = self.suite(node.body, node.lineno)
        if node.name:  # Python unbinds the name however the handler is left
            body = self.noticed(body, node)
            self.close()
            body = [at(ast.Try(body, [], [], self.unbinding([node.name], node)), node)]
        self.close()
        return at(ast.ExceptHandler(kind, node.name, [*head, *body]), node)


def _is_simple(kind: ast.expr) -> bool:
    return all(isinstance(x, (ast.Name, ast.Attribute, ast.Tuple, ast.expr_context)) for x in walk(kind))


def _catches_ordinary_only(kind: ast.expr | None) -> bool:
    """Whether a handler names only exceptions that can't include ours, going by their builtin names."""
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return all(
        isinstance(k, ast.Name)
        and k.id.endswith(("Error", "Iteration", "Exception"))
        and k.id != "BaseException"
        for k in kinds
    )

"""Owns the transform of calls: which need no care, whose effect follows from their arguments, which must be
watched.
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Final

from .emit import Emitter, Logged, Source, at, const, either, hook, last, statement
from .link import placeholder
from .program import Block
from .scopes import dotted
from .survey import (
    FAST_METHODS,
    HARMLESS_BUILTINS,
    HARMLESS_METHODS,
    LEAF_BUILTINS,
    MUTATING_METHODS,
    Survey,
    consumes,
    is_harmless,
)
from .trees import FIELDS, LOAD, walk

_GIVE_NONE: Final = frozenset("append appendleft insert add discard remove".split())

_RUNNING = (
    ast.Call,
    ast.Await,
    ast.Yield,
    ast.YieldFrom,
    ast.NamedExpr,
    ast.Lambda,
    ast.IfExp,
    ast.BoolOp,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


_AS_THEY_ARE: Final = frozenset((ast.Name, ast.Constant, ast.Pass))
_METHODS: Final[dict[tuple[type, type], Callable[..., Any]]] = {}
"""The method of a transformer's class for a kind of node, once it was looked up."""


class Calls(Emitter):
    """Rewrites calls. Subclasses provide the other expressions."""

    survey: Survey
    reads: dict[int, tuple[Block | None, Source, Source]]
    """Element reads by the node they come from: their block, container and key."""
    safe_lambdas: set[int]
    """Lambdas and generator expressions that only the call they are given to can run."""
    effect_sites: dict[str, int]

    def visit(self, node: ast.AST) -> Any:
        """What stands for a node now: by the method of the class that is named after its kind, as in
        `ast.NodeTransformer`.
        """
        kind = node.__class__
        if kind in _AS_THEY_ARE:
            return node
        method = _METHODS.get((self.__class__, kind))
        if method is None:
            found: Callable[..., Any] = getattr(
                self.__class__, f"visit_{kind.__name__}", self.__class__.generic_visit
            )
            method = _METHODS[self.__class__, kind] = found
        return method(self, node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Visit what is inside a node that itself stays."""
        for name in FIELDS[node.__class__]:
            part = getattr(node, name, None)
            if part.__class__ is list:
                part[:] = [item and self.visit(item) for item in part]
            elif part is not None:
                setattr(node, name, self.visit(part))
        return node

    def expression(self, node: ast.expr) -> ast.expr:
        """`visit` for one expression, which gives one expression back."""
        new: ast.expr = self.visit(node)
        return new

    @abstractmethod
    def operand(self, node: ast.expr, *, read: bool = False) -> tuple[ast.expr, Source]:
        """An operand's expression, and where a decoder has its value from."""

    @abstractmethod
    def source(self, node: ast.expr, depth: int = 0, *, sure: bool = True) -> Source | None:
        """Where a decoder has an expression's value from; None if it has to be logged."""

    def effect(self, event: str) -> int:
        """The site of an effect, which has no place in the source."""
        if event not in self.effect_sites:
            self.effect_sites[event] = self.context.tables.site(event, -1, None)
        return self.effect_sites[event]

    # -- which way -----------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        if isinstance(function, ast.Name):
            name = function.id
            if name in self.survey.defined:
                return self.untouched(node, boundary=True)
            if name not in self.survey.bound and name in HARMLESS_BUILTINS:
                return self.untouched(node, boundary=name not in LEAF_BUILTINS)
            if name in self.survey.harmless:
                return self.untouched(node, boundary=True)
        elif isinstance(function, ast.Attribute):
            owner = function.value
            if isinstance(owner, ast.Name) and is_harmless(
                f"{self.survey.modules.get(owner.id)}.{function.attr}"
            ):
                return self.untouched(node, boundary=True)
            plain = not node.keywords and not any(isinstance(a, ast.Starred) for a in node.args)
            if plain and (function.attr, len(node.args)) in FAST_METHODS and self.is_fast(node, function):
                return self.fast(node, function)
            own = function.attr in self.survey.methods and function.attr not in MUTATING_METHODS
            if own or function.attr in HARMLESS_METHODS:
                return self.untouched(node, boundary=own)
        return self.careful_call(node)

    def callee(self, node: ast.expr) -> ast.expr:
        """What is called. Looking a method up is no read of data, so its own attribute is not recorded."""
        if isinstance(node, ast.Attribute):
            return at(ast.Attribute(self.expression(node.value), node.attr, LOAD), node)
        return self.expression(node)

    def untouched(self, node: ast.Call, *, boundary: bool) -> ast.expr:
        lazy = (ast.Lambda, ast.GeneratorExp)
        given = [a for a in [*node.args, *(k.value for k in node.keywords)] if isinstance(a, lazy)]
        if given and consumes(node):
            self.safe_lambdas.update(map(id, given))
            boundary = True
        boundary = boundary or self.survey.lazy
        function = self.callee(node.func)
        args = [self.expression(a) for a in node.args]
        keywords = [at(ast.keyword(k.arg, self.expression(k.value)), k) for k in node.keywords]
        if boundary:
            self.close()
        return at(ast.Call(function, args, keywords), node)

    def call_site(self, node: ast.Call, name: str = "") -> int:
        function = node.func
        detail: dict[str, Any] = {}
        if isinstance(function, ast.Attribute) and (base := dotted(function.value)):
            detail["base"] = base
        if name:
            detail["name"] = self.context.tables.name(name)
        return self.context.site("call", node, detail)

    # -- methods whose effect follows from their arguments ---------------------------------------

    def is_fast(self, node: ast.Call, function: ast.Attribute) -> bool:
        """Receiver and arguments run no code that could come back here before the call is made."""
        if function.attr in ("append", "appendleft") and self.survey.bounded:
            return False
        if function.attr in ("add", "discard", "remove", "get") and not self.survey.plain_keys:
            return False
        return not self.runs(function.value) and all(map(self.is_inert, node.args))

    def runs(self, node: ast.AST) -> bool:
        """Whether an expression calls, waits, branches or binds, by its looks."""
        return any(isinstance(part, _RUNNING) for part in walk(node))

    def is_inert(self, node: ast.expr) -> bool:
        """Whether evaluating an expression can run no code of the learner's, which might come back to this place."""
        if isinstance(node, (ast.Name, ast.Constant)) or self.context.is_integer(node):
            return not self.runs(node)
        if self.runs(node):
            return False
        if any(isinstance(part, (ast.Attribute, ast.Subscript)) for part in walk(node)):
            return self.survey.plain_operators
        return self.survey.plain_arithmetic

    def once_more(self, node: ast.expr, found: Source, column: int) -> ast.expr:
        """Evaluate once more what has been evaluated: a variable, a constant, or the end of its column."""
        if column >= 0:
            return last(column)
        assert isinstance(node, (ast.Name, ast.Constant, ast.UnaryOp, ast.BinOp))
        return node

    def taken(self, node: ast.expr) -> tuple[list[ast.expr], Source, int]:
        """Evaluate an operand and keep it: what to evaluate for it now, its source for a later block, its
        column or -1.
        """
        found = self.source(node)
        if found is not None:
            return [], found, -1
        column = self.context.tables.column()
        put, _ = self.put(column, self.expression(node), node)
        return put, ["p", column], column

    def fast(self, node: ast.Call, function: ast.Attribute) -> ast.expr:
        """`a.append(x)` where a is exactly what such a method belongs to: recorded in a block of its own;
        else watched.
        """
        name = function.attr
        first, receiver, place = self.taken(function.value)
        arguments = [self.taken(a) for a in node.args]
        before = [*first, *(part for put, _, _ in arguments for part in put)]

        def subject() -> ast.expr:
            again: ast.expr = _copy(self.once_more(function.value, receiver, place))
            return at(again, function.value)

        def values() -> list[ast.expr]:
            taken = zip(node.args, arguments, strict=True)
            return [at(_copy(self.once_more(a, found, column)), a) for a, (_, found, column) in taken]

        kinds = FAST_METHODS[name, len(node.args)]
        site = self.call_site(node, name)
        self.close()
        method = at(ast.Attribute(subject(), name, LOAD), function)
        made: ast.expr = at(ast.Call(method, values(), []), node)
        marks = self.ensure(node)
        sources = [found for _, found, _ in arguments]
        if name in _GIVE_NONE:
            result: Source = ["k", None]
        else:
            made, result = self.logged(made, node)
        self.event(site, receiver, result, op="" if isinstance(result, Logged) else "call", node=node)
        self.effects(name, receiver, sources, result)
        guard: list[ast.expr] = []
        if name != "get":
            guard = [unknown_first(subject(), subject())]
        branch = either(*marks, *guard, made)
        self.close()
        watched = self.watched_call(node, method, values())
        tests = [ast.Compare(hook("type", subject()), [ast.Is()], [placeholder(kind)]) for kind in kinds]
        self.close()
        return at(either(*before, ast.IfExp(either(*tests), branch, watched)), node)

    def effects(self, name: str, receiver: Source, arguments: list[Source], result: Source) -> None:
        end: Source = ["-", ["l", receiver], ["k", 1]]
        if name == "append":
            self.event(self.effect("insert"), receiver, ["l", receiver], arguments[0])
        elif name == "appendleft":
            self.event(self.effect("insert"), receiver, ["k", 0], arguments[0])
        elif name == "insert":
            self.event(self.effect("insert"), receiver, *arguments)
        elif name == "pop":
            self.event(self.effect("remove"), receiver, arguments[0] if arguments else end)
        elif name == "popleft":
            self.event(self.effect("remove"), receiver, ["k", 0])
        elif name == "add":
            self.event(self.effect("add"), receiver, arguments[0])
        elif name in ("discard", "remove"):
            self.event(self.effect("remove"), receiver, arguments[0])

    def look(self, node: ast.AST, *, tell: bool) -> ast.stmt:
        """Look at the containers whose methods were handed around."""
        self.close()
        return at(statement(hook("look", const(tell))), node)

    # -- calls into what may be code we did not transform ----------------------------------------

    def careful_call(self, node: ast.Call) -> ast.expr:
        """Bracketed, so that what it changes is found."""
        site = self.call_site(node)
        leading = 0
        while leading < len(node.args) and not isinstance(node.args[leading], ast.Starred):
            leading += 1
        operands = [self.callee(node.func), *[self.expression(a) for a in node.args[:leading]]]
        rest = [self.expression(a) for a in node.args[leading:]]
        keywords = [at(ast.keyword(k.arg, self.expression(k.value)), k) for k in node.keywords]
        self.close()
        begin = hook("pre", const(site), *operands)
        outcome = ast.Call(hook("pop"), [*[hook("pop") for _ in range(leading)], *rest], keywords)
        return at(hook("fin", begin, at(outcome, node)), node)

    def watched_call(self, node: ast.Call, function: ast.expr, args: list[ast.expr]) -> ast.expr:
        begin = hook("pre", const(self.call_site(node)), _copy(function), *args)
        outcome = ast.Call(hook("pop"), [hook("pop") for _ in args], [])
        return at(hook("fin", begin, at(outcome, node)), node)


def unknown_first(test: ast.expr, again: ast.expr) -> ast.expr:
    """Keep an unknown container's contents before its first change; falsy."""
    unknown = ast.Compare(hook("id", test), [ast.NotIn()], [placeholder("known")])
    return ast.BoolOp(ast.And(), [unknown, ast.UnaryOp(ast.Not(), hook("first", again)), const(False)])


def _copy(node: Any) -> Any:
    """The same expression again (AST nodes must not be shared)."""
    if isinstance(node, ast.AST):
        new = type(node)(**{name: _copy(value) for name, value in ast.iter_fields(node)})
        return ast.copy_location(new, node) if hasattr(node, "lineno") else new
    return [_copy(item) for item in node] if isinstance(node, list) else node

"""Owns the transform of augmented assignment: what is read, worked out and stored again, once each."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from .emit import Logged, Source, at, both, const, either, hook, known, last, statement, variable
from .link import placeholder
from .scopes import access_detail
from .stores import Stores
from .trees import LOAD

_IN_PLACE: Final = {
    ast.Add: "iadd",
    ast.Sub: "isub",
    ast.Mult: "imul",
    ast.MatMult: "imatmul",
    ast.Div: "itruediv",
    ast.FloorDiv: "ifloordiv",
    ast.Mod: "imod",
    ast.Pow: "ipow",
    ast.LShift: "ilshift",
    ast.RShift: "irshift",
    ast.BitOr: "ior",
    ast.BitXor: "ixor",
    ast.BitAnd: "iand",
}
_MUTATING: Final = (ast.Add, ast.Sub, ast.Mult, ast.MatMult, ast.BitOr, ast.BitXor, ast.BitAnd)


def _may_mutate(node: ast.AugAssign) -> bool:
    """Whether an augmented assignment can change its target's value itself, not just replace it."""
    number = isinstance(node.value, ast.Constant) and isinstance(node.value.value, (int, float, complex))
    return isinstance(node.op, ast.Mult if number else _MUTATING)  # a list can be repeated in place


class Augmented(Stores):
    """Rewrites augmented assignments."""

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        if isinstance(node.target, ast.Name):
            return self.augmented_name(node, node.target)
        return [self.augmented(node, node.target)]

    def augmented_name(self, node: ast.AugAssign, target: ast.Name) -> list[ast.stmt]:
        whole = ast.BinOp(variable(target.id), node.op, node.value)
        found = self.source(whole, sure=False)
        if found is not None:
            self.expression(node.value)
            return [node, *self.bound_to(target.id, found, node)]
        integer = self.context.is_integer(whole)
        new: ast.stmt = at(ast.AugAssign(target, node.op, self.expression(node.value)), node)
        if integer or not _may_mutate(node):
            return [new, *self.binding([target.id], node)]
        site = self.context.site(
            "call", node, {"base": target.id, "name": self.context.tables.name("in-place")}
        )

        def guarded(action: ast.expr) -> ast.stmt:
            kind, again = (hook("type", load()) for _ in range(2))
            other = ast.Compare(kind, [ast.IsNot()], [placeholder("int")])
            test = both(other, ast.Compare(hook("id", again), [ast.NotIn()], [placeholder("immutable")]))
            return at(ast.If(test, [statement(action)], []), node)

        def load() -> ast.Name:
            return variable(target.id)

        self.close()
        before = guarded(hook("hold", load()))
        after = guarded(hook("resync", const(site), load()))
        return [before, new, after, *self.binding([target.id], node)]

    def augmented(self, node: ast.AugAssign, target: ast.expr) -> ast.stmt:
        """`c[k] += v`: container and key are evaluated once, and wait as arguments of the real `setitem` or
        `setattr`.
        """
        assert isinstance(target, (ast.Subscript, ast.Attribute))
        if isinstance(target, ast.Subscript) and not self.is_settled(target.slice):
            return self.augmented_apart(node, target)
        operator = _IN_PLACE[type(node.op)]
        held_in, container, put = self.augmented_container(node, target)
        subject = either(*put, ast.IfExp(known(held_in()), held_in(), hook("first", held_in())))
        old: ast.expr
        if isinstance(target, ast.Subscript):
            place = self.context.tables.column()
            put, key = self.put(place, self.key(target.slice), node)
            key_node: ast.expr = ast.BoolOp(ast.Or(), [*put, last(place)])
            detail = access_detail(target.value, target.slice)
            old = at(ast.Subscript(held_in(), last(place), LOAD), target)
            get = self.context.site("get", target, detail)
            self.event(get, container, key, op="get", node=target)
            if self.survey.defaults:
                old, made = self.logged(old, target)
                self.event(self.effect("missing"), container, key, made)
            final = "setitem"
        else:
            name = self.context.scope.mangled(target.attr)
            key_node = const(name)
            old = at(ast.Attribute(held_in(), target.attr, LOAD), target)
            get = self.attribute_site("getattr", target)
            self.event(get, container, op="getattr", node=target)
            final = "setattr"
        held = _may_mutate(node)
        value = hook(operator, hook("hold", old) if held else old, self.expression(node.value))
        if held:
            detail = {"name": self.context.tables.name("in-place")}
            self.close()
            value = hook("settle", const(self.context.site("call", node, detail)), value)
        if self.comes_back(node.value) or (isinstance(target, ast.Subscript) and self.is_watched(target)):
            begin = hook("pre_aug", const(self.late_block(target)), subject, key_node, value)
            outcome = hook(final, hook("pop"), hook("pop"), hook("pop"))
            return at(statement(hook("fin", begin, outcome)), node)
        result, found = self.logged(at(value, node), node)
        again: Source = ["p", container.column] if isinstance(container, Logged) else container
        site: int
        sources: list[Source]
        if isinstance(target, ast.Subscript):
            site = self.context.site("set", target, access_detail(target.value, target.slice))
            sources = [again, ["p", place], found]
        else:
            site = self.attribute_site("setattr", target)
            sources = [again, found]
        new = at(hook(final, subject, key_node, result), node)
        self.event(site, *sources, op="call", node=node)
        return at(statement(new), node)

    def augmented_container(
        self, node: ast.AugAssign, target: ast.Attribute | ast.Subscript
    ) -> tuple[Callable[[], ast.expr], Source, list[ast.expr]]:
        """What to evaluate for the container, again and again; its source; what to evaluate before."""
        owner = target.value
        found = self.source(owner)
        local = isinstance(owner, ast.Name) and found is not None and self.context.scope.kind == "function"
        if local and not self.comes_back(node.value) and not self.comes_back(target):
            assert isinstance(owner, ast.Name)
            assert found is not None
            return lambda: at(variable(owner.id), owner), found, []
        slot = self.context.tables.column()
        put, logged = self.put(slot, self.expression(owner), node)
        return lambda: last(slot), logged, put

    def is_settled(self, key: ast.expr) -> bool:
        """Whether a key is worked out without any code of the learner's, a slice's bounds included."""
        parts = [p for p in (key.lower, key.upper, key.step) if p] if isinstance(key, ast.Slice) else [key]
        return all(map(self.is_inert, parts))

    def augmented_apart(self, node: ast.AugAssign, target: ast.Subscript) -> ast.stmt:
        """`c[f()] += v`: the key's own code may come back here, so container and key wait with the recorder,
        by frame.
        """
        read = self.late_block(target, event="get")
        container, key = self.expression(target.value), self.key(target.slice)
        self.close()
        old: ast.expr = ast.Subscript(hook("lay", const(read), container, key), hook("laid"), LOAD)
        value = hook(_IN_PLACE[type(node.op)], hook("hold", at(old, target)), self.expression(node.value))
        self.close()
        site = self.context.site("call", node, {"name": self.context.tables.name("in-place")})
        begin = hook("pick", const(self.late_block(target)), hook("settle", const(site), at(value, node)))
        outcome = hook("setitem", hook("pop"), hook("pop"), hook("pop"))
        return at(statement(hook("fin", begin, outcome)), node)

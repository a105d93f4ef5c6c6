"""Owns the transform of everything that stores: assignment, augmented assignment, deletion, targets of any form.

A store evaluates its value first, then the container, then the key, as Python does; the record is logged between
the last of these and the store itself.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from .emit import at, both, const, either, emission, first_sight, hook, log, statement, tail
from .expressions import Expressions
from .link import placeholder, scratch
from .scopes import access_detail

Stored = ast.Name | ast.Subscript | ast.Attribute

_IN_PLACE = {
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
_MUTATING = (ast.Add, ast.Sub, ast.Mult, ast.BitOr, ast.BitXor, ast.BitAnd)


def bound_names(target: ast.AST) -> list[str]:
    """The names a target binds, left to right."""
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, ast.Starred):
        return bound_names(target.value)
    if isinstance(target, (ast.Tuple, ast.List)):
        return [name for item in target.elts for name in bound_names(item)]
    return []


def only_names(target: ast.AST) -> bool:
    """Whether a target stores into nothing but names."""
    if isinstance(target, ast.Starred):
        return only_names(target.value)
    if isinstance(target, (ast.Tuple, ast.List)):
        return all(map(only_names, target.elts))
    return isinstance(target, ast.Name)


def _may_mutate(node: ast.AugAssign) -> bool:
    """Whether an augmented assignment can change its target's value itself, not just replace it."""
    number = isinstance(node.value, ast.Constant) and isinstance(node.value.value, (int, float, complex))
    return isinstance(node.op, _MUTATING) and not number


class Stores(Expressions):
    """Rewrites the statements that store. Each method returns the statements that replace one."""

    scratches: int

    # -- names ---------------------------------------------------------------------------------

    def binding(self, names: Sequence[str], node: ast.AST) -> list[ast.stmt]:
        """Emissions that log what the names are bound to now, one for each scope they live in."""
        scope = self.context.scope
        result: list[ast.stmt] = []
        unique = list(dict.fromkeys(names))
        for where in dict.fromkeys(map(scope.scope_of, unique)):
            here = [name for name in unique if scope.scope_of(name) == where]
            detail = self.context.bind_detail(here)
            op = self.context.op("bind", len(here), node, event="bind", detail=detail, names=tuple(here))
            result.append(at(emission(op.id, *[ast.Name(name, ast.Load()) for name in here]), node))
        return result

    def unbinding(self, names: Sequence[str], node: ast.AST) -> ast.stmt:
        detail = self.context.bind_detail(names)
        op = self.context.op("unbind", 0, node, event="unbind", detail=detail, names=tuple(names))
        return at(emission(op.id), node)

    # -- targets of any form -------------------------------------------------------------------

    def target(self, target: ast.expr, values: int = -1, position: int = 0) -> ast.expr:
        """A target that logs container and key when its turn comes. `values` is the op that logged the new values."""
        if isinstance(target, ast.Starred):
            return at(ast.Starred(self.target(target.value, values, position), ast.Store()), target)
        if isinstance(target, (ast.Tuple, ast.List)):
            items = [self.target(item) for item in target.elts]
            return at(type(target)(items, ast.Store()), target)
        if isinstance(target, ast.Subscript):
            detail = access_detail(target.value, target.slice)
            op = self.context.op(
                "set_later", 2, target, event="set", detail=detail, link=values, position=position
            )
            parked = log(op.id, self.visit(target.value), self.key(target.slice))
            return at(
                ast.Subscript(either(parked, first_sight(tail(2), tail(2)), tail(2)), tail(1), ast.Store()),
                target,
            )
        if isinstance(target, ast.Attribute):
            number = self.attribute_op(
                "setattr_later", 1, target, event="setattr", link=values, position=position
            )
            parked = log(number, self.visit(target.value))
            seen = either(parked, first_sight(tail(1), tail(1)), tail(1))
            return at(ast.Attribute(seen, target.attr, ast.Store()), target)
        return target

    # -- assignment ----------------------------------------------------------------------------

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        names = [name for target in node.targets for name in bound_names(target)]
        after = self.binding(names, node) if names else []
        if all(map(only_names, node.targets)):
            return [at(ast.Assign(node.targets, self.visit(node.value)), node), *after]
        if len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, (ast.Subscript, ast.Attribute)):
                return self.store(target, node.value, node)
            if isinstance(target, (ast.Tuple, ast.List)):
                return [*self.unpack(target, node), *after]
        return self.chain(node)

    def chain(self, node: ast.Assign) -> list[ast.stmt]:
        """`x = a[i] = y = value`: leading names are bound one by one, each leaving the value at the log's end."""
        values = self.context.op("values", 1)
        result: list[ast.stmt] = [at(statement(log(values.id, self.visit(node.value))), node)]
        rest = list(node.targets)
        while isinstance(rest[0], ast.Name):  # at least one target is no name, or we would not be here
            name = rest.pop(0)
            result.append(at(ast.Assign([name], tail(1)), node))
            result += self.binding(bound_names(name), node)
        result.append(at(ast.Assign([self.target(target, values.id) for target in rest], tail(1)), node))
        names = [name for target in rest for name in bound_names(target)]
        return [*result, *(self.binding(names, node) if names else [])]

    def store(self, target: ast.Subscript | ast.Attribute, value: ast.expr, node: ast.stmt) -> list[ast.stmt]:
        """The common store: one value into one element or attribute."""
        new = self.visit(value)
        if isinstance(target, ast.Attribute):
            record = log(self.attribute_op("setattr", 2, target), new, self.visit(target.value))
            final: ast.Attribute | ast.Subscript = ast.Attribute(tail(1), target.attr, ast.Store())
            guard, result = first_sight(tail(1), tail(1)), tail(2)
        elif isinstance(target.slice, ast.Slice):
            return [self.slice_store(target, new, node)]
        else:
            op = self.context.op(
                "set", 3, target, event="set", detail=access_detail(target.value, target.slice)
            )
            record = log(op.id, new, self.visit(target.value), self.key(target.slice))
            final = ast.Subscript(tail(2), tail(1), ast.Store())
            guard, result = first_sight(tail(2), tail(2)), tail(3)
        storing: ast.stmt = ast.Assign([at(final, target)], result)
        if isinstance(node, ast.AnnAssign):  # the annotation is evaluated after the store, if at all
            storing = ast.AnnAssign(at(final, target), node.annotation, result, node.simple)
        return [at(statement(record), node), at(statement(guard), node), at(storing, node)]

    def slice_store(self, target: ast.Subscript, value: ast.expr, node: ast.stmt) -> ast.stmt:
        detail = access_detail(target.value, target.slice)
        op = self.context.op("opaque", 4, target, event="call", detail=detail, names=("slice",))
        begin = hook("pre_store", const(op.id), value, self.visit(target.value), self.key(target.slice))
        return at(statement(hook("fin", begin, hook("setitem", hook("pop"), hook("pop"), hook("pop")))), node)

    def unpack(self, target: ast.Tuple | ast.List, node: ast.Assign) -> list[ast.stmt]:
        """`a[i], a[j] = ...`: the values are logged first, then each target as its turn comes."""
        count = len(target.elts)
        values = self.context.op("values", count)
        display = node.value
        starred = any(isinstance(item, ast.Starred) for item in target.elts)
        direct = (
            isinstance(display, (ast.Tuple, ast.List))
            and len(display.elts) == count
            and not starred
            and not any(isinstance(item, ast.Starred) for item in display.elts)
        )
        before: list[ast.stmt] = []
        if direct and isinstance(display, (ast.Tuple, ast.List)):
            before.append(at(statement(log(values.id, *map(self.visit, display.elts))), node))
            parts: list[ast.expr] = [tail(back) for back in range(count, 0, -1)]
        else:
            slot = self.scratches
            self.scratches += 1
            places: list[ast.expr] = []
            for index, item in enumerate(target.elts):
                place: ast.expr = ast.Subscript(scratch(slot), const(index), ast.Store())
                places.append(ast.Starred(place, ast.Store()) if isinstance(item, ast.Starred) else place)
            before.append(at(ast.Assign([ast.Tuple(places, ast.Store())], self.visit(display)), node))
            loads: list[ast.expr] = [ast.Subscript(scratch(slot), const(i), ast.Load()) for i in range(count)]
            before.append(at(statement(log(values.id, *loads)), node))
            parts = [
                ast.Call(ast.Attribute(scratch(slot), "pop", ast.Load()), [const(i)], [])
                for i in range(count)
            ]
        items = [
            self.target(item.value if isinstance(item, ast.Starred) else item, values.id, position)
            for position, item in enumerate(target.elts)
        ]
        new = ast.Assign([at(ast.Tuple(items, ast.Store()), target)], ast.Tuple(parts, ast.Load()))
        return [*before, at(new, node)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if node.value is None:
            return [node]
        if isinstance(node.target, ast.Name):
            new = at(ast.AnnAssign(node.target, node.annotation, self.visit(node.value), node.simple), node)
            return [new, *self.binding([node.target.id], node)]
        return self.store(node.target, node.value, node)

    # -- augmented assignment ------------------------------------------------------------------

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        target = node.target
        if isinstance(target, ast.Name):
            return self.augmented_name(node, target)
        if isinstance(target, ast.Attribute):
            read = log(self.attribute_op("getattr", 1, target), self.visit(target.value))
            old: ast.expr = ast.Attribute(tail(1), target.attr, ast.Load())
            write = self.attribute_op("setattr_in_place", 2, target, event="setattr")
            record = log(write, tail(1), self.in_place(node, at(old, target)))
            final: ast.expr = ast.Attribute(tail(2), target.attr, ast.Store())
            guard = first_sight(tail(2), tail(2))
        else:
            detail = access_detail(target.value, target.slice)
            read_op = self.context.op("get", 2, target, event="get", detail=detail)
            read = log(read_op.id, self.visit(target.value), self.key(target.slice))
            write_op = self.context.op("set_in_place", 3, target, event="set", detail=detail)
            old = ast.Subscript(tail(2), tail(1), ast.Load())
            record = log(write_op.id, tail(2), tail(1), self.in_place(node, at(old, target)))
            final = ast.Subscript(tail(3), tail(2), ast.Store())
            guard = first_sight(tail(3), tail(3))
        return [
            at(statement(read), node),
            at(statement(record), node),
            at(statement(guard), node),
            at(ast.Assign([at(final, target)], tail(1)), node),
        ]

    def in_place(self, node: ast.AugAssign, old: ast.expr) -> ast.expr:
        """The operator's C function on the old value and the new operand; a container it changes is compared."""
        operator = _IN_PLACE[type(node.op)]
        if not _may_mutate(node):
            return hook(operator, old, self.visit(node.value))
        op = self.context.op("in_place", 2, node, event="call", names=("in-place",))
        return hook("settle", const(op.id), hook(operator, hook("hold", old), self.visit(node.value)))

    def augmented_name(self, node: ast.AugAssign, target: ast.Name) -> list[ast.stmt]:
        new: ast.stmt = at(ast.AugAssign(target, node.op, self.visit(node.value)), node)
        after = self.binding([target.id], node)
        if not _may_mutate(node):
            return [new, *after]
        op = self.context.op(
            "in_place", 2, node, event="call", detail={"base": target.id}, names=("in-place",)
        )

        def guarded(action: ast.expr) -> ast.stmt:
            kind = hook("id", hook("type", ast.Name(target.id, ast.Load())))
            return at(
                statement(both(ast.Compare(kind, [ast.NotIn()], [placeholder("immutable")]), action)), node
            )

        def load() -> ast.Name:
            return ast.Name(target.id, ast.Load())

        return [guarded(hook("first", load())), new, guarded(hook("resync", const(op.id), load())), *after]

    # -- deletion ------------------------------------------------------------------------------

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for target in node.targets:
            result += self.deletion(target, node)
        return result

    def deletion(self, target: ast.expr, node: ast.Delete) -> list[ast.stmt]:
        if isinstance(target, (ast.Tuple, ast.List)):
            return [new for item in target.elts for new in self.deletion(item, node)]
        if isinstance(target, ast.Attribute):
            record = log(self.attribute_op("delattr", 1, target), self.visit(target.value))
            final: ast.expr = ast.Attribute(tail(1), target.attr, ast.Del())
            guard = first_sight(tail(1), tail(1))
        elif isinstance(target, ast.Subscript):
            detail = access_detail(target.value, target.slice)
            if isinstance(target.slice, ast.Slice):
                op = self.context.op("opaque", 4, target, event="call", detail=detail, names=("del slice",))
                begin = hook(
                    "pre",
                    const(op.id),
                    placeholder("delitem"),
                    self.visit(target.value),
                    self.key(target.slice),
                )
                return [
                    at(
                        statement(hook("fin", begin, ast.Call(hook("pop"), [hook("pop"), hook("pop")], []))),
                        node,
                    )
                ]
            deleting = self.context.op("del", 2, target, event="del", detail=detail)
            record = log(deleting.id, self.visit(target.value), self.key(target.slice))
            final = ast.Subscript(tail(2), tail(1), ast.Del())
            guard = first_sight(tail(2), tail(2))
        else:
            new = at(ast.Delete([target]), node)
            return [new, self.unbinding(bound_names(target), node)] if bound_names(target) else [new]
        return [
            at(statement(record), node),
            at(statement(guard), node),
            at(ast.Delete([at(final, target)]), node),
        ]

"""Owns the transform of everything that stores: assignment, augmented assignment, deletion, targets of any form.

A store evaluates its value first, then the container, then the key, as Python does. What changes must be known
exactly, so a container
that is no plain variable is logged, and its contents are kept before its first change.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from .emit import Logged, Source, at, const, hook, known, last, statement, variable
from .expressions import Expressions, may_raise
from .link import placeholder, scratch
from .scopes import access_detail
from .survey import LEAF_BUILTINS
from .trees import LOAD, walk


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


def _same(one: ast.AST, other: ast.AST) -> bool:
    return ast.dump(one).replace("Store()", "Load()") == ast.dump(other).replace("Store()", "Load()")


class Stores(Expressions):
    """Rewrites the statements that store. Each method returns the statements that replace one."""

    scratches: int

    # -- names ---------------------------------------------------------------------------------

    def binding(self, names: Sequence[str], node: ast.AST) -> list[ast.stmt]:
        """Log what the names are bound to now."""
        result: list[ast.stmt] = []
        for name in dict.fromkeys(names):
            put, temporary = self.put(self.context.tables.column(), variable(name), node)
            result += [at(statement(one), node) for one in put]
            self.event(self.context.site("bind", node, self.context.bind_detail([name])), temporary)
        return result

    def bound_to(self, name: str, found: Source, node: ast.AST) -> list[ast.stmt]:
        """Say that a name is bound to what a decoder can work out."""
        site = self.context.site("bind", node, self.context.bind_detail([name]))
        return self.say(site, found, node=node, past=node if may_raise(found) else None)

    def unbinding(self, names: Sequence[str], node: ast.AST) -> list[ast.stmt]:
        return self.say(self.context.site("unbind", node, self.context.bind_detail(names)), node=node)

    # -- targets of any form -------------------------------------------------------------------

    def container(self, node: ast.expr) -> tuple[ast.expr, Source]:
        """A container that is about to change: known exactly, and its contents kept if this is their first change."""
        found = self.source(node)
        new = self.expression(node)
        if isinstance(node, ast.Name) and found is not None:
            again = [variable(node.id) for _ in range(2)]
            return at(ast.IfExp(known(again[0]), new, hook("first", again[1])), node), found
        column = self.context.tables.column()
        put, temporary = self.put(column, new, node)
        kept = ast.IfExp(known(last(column)), last(column), hook("first", last(column)))
        return at(ast.BoolOp(ast.Or(), [*put, kept]), node), temporary

    def target(self, target: ast.expr, value: Source) -> ast.expr:
        """A target, with the event of its store. `value` is where its new value is found."""
        if isinstance(target, ast.Subscript):
            site = self.context.site("set", target, access_detail(target.value, target.slice))
            subject, container = self.container(target.value)
            key, index = self.operand(target.slice)
            element = at(ast.Subscript(subject, key, ast.Store()), target)
            self.ensured(site, (container, index, value), "set", target, element)
            return element
        if isinstance(target, ast.Attribute):
            site = self.attribute_site("setattr", target)
            subject, container = self.container(target.value)
            new = at(ast.Attribute(subject, target.attr, ast.Store()), target)
            self.ensured(site, (container, value), "setattr", target, new)
            return new
        if isinstance(target, ast.Name):
            self.event(self.context.site("bind", target, self.context.bind_detail([target.id])), value)
        return target

    def ensured(
        self,
        site: int,
        sources: tuple[Source, ...],
        op: str,
        node: ast.expr,
        new: ast.Subscript | ast.Attribute,
    ) -> None:
        marks = self.ensure(node)
        if marks:
            new.value = at(ast.BoolOp(ast.Or(), [*marks, new.value]), node)
        self.event(site, *sources, op=op, node=node)

    def slices(self, target: ast.expr) -> bool:
        return any(isinstance(x, ast.Subscript) and isinstance(x.slice, ast.Slice) for x in walk(target))

    # -- assignment ----------------------------------------------------------------------------

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        if all(map(only_names, node.targets)):
            return self.assign_names(node)
        only = node.targets[0] if len(node.targets) == 1 else None
        if isinstance(only, (ast.Subscript, ast.Attribute)) and self.is_watched(only):
            return [self.watched_store(only, node.value, node)]
        if only is not None and isinstance(only, (ast.Subscript, ast.Attribute)):
            return self.store(only, node.value, node)
        if only is not None and self.is_parallel(only, node.value):
            return self.parallel(only, node.value, node)
        return self.spread(node)

    def assign_names(self, node: ast.Assign) -> list[ast.stmt]:
        names = [name for target in node.targets for name in bound_names(target)]
        plain = all(isinstance(t, ast.Name) for t in node.targets)
        found = self.source(node.value, sure=False) if plain else None
        each = self.sources_of_each(node, names)
        new = at(ast.Assign(node.targets, self.expression(node.value)), node)
        if self.survey.lazy:
            self.close()
        if each is not None:
            return [new, *self.bound_to_each(names, each, node)]
        if found is None:
            return [new, *self.binding(names, node)]
        return [new, *[stmt for name in names for stmt in self.bound_to(name, found, node)]]

    def sources_of_each(self, node: ast.Assign, names: Sequence[str]) -> list[Source | None] | None:
        """For `a, b = x, y` with names only: where a decoder finds each value, if it can work out any."""
        target, value = node.targets[0], node.value
        if not isinstance(value, ast.Tuple) or not isinstance(target, (ast.Tuple, ast.List)):
            return None
        plain = all(isinstance(item, ast.Name) for item in target.elts) and len(node.targets) == 1
        if not plain or len(names) != len(value.elts) or not all(map(self.is_inert, value.elts)):
            return None
        found: list[Source | None] = []
        for position, item in enumerate(
            value.elts
        ):  # not if bound anew by this very statement before it is asked for
            bound = {x.id for x in walk(item) if isinstance(x, ast.Name)} & set(names[:position])
            found.append(None if bound else self.source(item))
        return found if any(one is not None for one in found) else None

    def bound_to_each(
        self, names: Sequence[str], found: Sequence[Source | None], node: ast.stmt
    ) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for name, source in zip(names, found, strict=True):
            if source is None:
                result += self.binding([name], node)
            else:
                site = self.context.site("bind", node, self.context.bind_detail([name]))
                result += self.say(site, source, node=node, past=node)
        return result

    def comes_back(self, node: ast.AST) -> bool:
        """Whether evaluating this may run code of the learner's that comes to this very place again."""
        return any(
            isinstance(x, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr))
            or (isinstance(x, ast.Call) and not (isinstance(x.func, ast.Name) and x.func.id in LEAF_BUILTINS))
            for x in walk(node)
        )

    def is_unsure(self, target: ast.expr) -> bool:
        """Whether only a hook can say what storing into this target does."""
        if isinstance(target, (ast.Tuple, ast.List)):
            return any(map(self.is_unsure, target.elts))
        if isinstance(target, ast.Starred):
            return self.is_unsure(target.value)
        if not isinstance(target, ast.Subscript):
            return False
        return isinstance(target.slice, ast.Slice) or self.unsure_key(target.slice)

    def is_watched(self, target: ast.expr) -> bool:
        """Whether a hook looks after the store: it must, or what the target calls might come back here meanwhile."""
        if isinstance(target, (ast.Subscript, ast.Attribute)):
            return self.is_unsure(target) or self.comes_back(target)
        return False

    def unsure_key(self, key: ast.expr) -> bool:
        """Whether a dict might already hold a key that only the learner's `__eq__` takes for this one."""
        return not self.survey.plain_keys and self.source(key) is None and not self.context.is_integer(key)

    def store(self, target: ast.Subscript | ast.Attribute, value: ast.expr, node: ast.stmt) -> list[ast.stmt]:
        """The common store: one value into one element or attribute."""
        new, found = self.operand(value)
        place = self.target(target, found)
        if isinstance(node, ast.AnnAssign):  # the annotation is evaluated after the store, if at all
            assert isinstance(place, (ast.Name, ast.Attribute, ast.Subscript))
            return [at(ast.AnnAssign(place, node.annotation, new, node.simple), node)]
        return [at(ast.Assign([place], new), node)]

    def watched_store(
        self, target: ast.Subscript | ast.Attribute, value: ast.expr, node: ast.stmt, *, ours: bool = False
    ) -> ast.stmt:
        """A store that a hook looks after. `ours`: the value is an expression of ours, not to be visited."""
        new = value if ours else self.expression(value)
        owner = self.expression(target.value)
        if isinstance(target, ast.Subscript):
            key, final = self.key(target.slice), "setitem"
        else:
            key, final = const(self.context.scope.mangled(target.attr)), "setattr"
        begin = hook("pre_store", const(self.late_block(target)), new, owner, key)
        stored = hook(final, hook("pop"), hook("pop"), hook("pop"))
        return at(statement(hook("fin", begin, stored)), node)

    def late_block(self, target: ast.Subscript | ast.Attribute, event: str = "set") -> tuple[int, ...]:
        """For a hook that makes a store's event itself: (site of a call, code of a block, its columns:
        container, key, value).
        """
        tables = self.context.tables
        if isinstance(target, ast.Subscript):
            detail = access_detail(target.value, target.slice)
            site, operands = self.context.site(event, target, detail), 3 if event == "set" else 2
            label = "slice" if isinstance(target.slice, ast.Slice) else "set"
        else:
            detail, site, operands, label = {}, self.attribute_site("setattr", target), 2, "set"
        named = self.context.site("call", target, {**detail, "name": tables.name(label)})
        self.close()
        self.ensure(target)
        assert self.block is not None
        block, columns = self.block, [tables.column() for _ in range(operands)]
        for column in columns:
            self.step(column)
        block.temporaries = len(columns)
        self.step([site, *(Logged(block, number, column) for number, column in enumerate(columns))])
        self.close()
        return (named, block.code, *columns)

    def is_parallel(self, target: ast.expr, value: ast.expr) -> bool:
        """`a[i], b = x, y`: as many values as targets, each for one, and the values cannot come back here
        meanwhile.
        """
        if not isinstance(target, (ast.Tuple, ast.List)) or not isinstance(value, (ast.Tuple, ast.List)):
            return False
        plain = not any(isinstance(x, (ast.Starred, ast.Tuple, ast.List)) for x in target.elts)
        starred = any(isinstance(x, ast.Starred) for x in value.elts)
        fits = plain and not starred and len(target.elts) == len(value.elts) and not self.slices(target)
        return fits and not self.comes_back(value) and not any(map(self.is_watched, target.elts))

    def parallel(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> list[ast.stmt]:
        assert isinstance(target, (ast.Tuple, ast.List))
        assert isinstance(value, (ast.Tuple, ast.List))
        news: list[ast.expr] = []
        founds: list[Source] = []
        bound: set[str] = set()
        for place, item in zip(target.elts, value.elts, strict=True):
            found = self.source(item)
            if found is not None and bound & {x.id for x in walk(item) if isinstance(x, ast.Name)}:
                found = None  # bound anew by this very statement before it is asked for
            bound |= set(bound_names(place))
            if found is not None:
                news.append(self.expression(item))
                founds.append(found)
            else:
                new, temporary = self.logged(self.expression(item), item)
                news.append(new)
                founds.append(temporary)
        places = [self.target(item, found) for item, found in zip(target.elts, founds, strict=True)]
        together = at(ast.Tuple(news, LOAD), value)
        stored = at(ast.Assign([at(ast.Tuple(places, ast.Store()), target)], together), node)
        self.swap(target.elts, value.elts, node)
        return [stored]

    def swap(self, targets: Sequence[ast.expr], values: Sequence[ast.expr], node: ast.stmt) -> None:
        """Two elements of one container change places: said after the two stores."""
        if len(targets) != 2 or not all(isinstance(t, ast.Subscript) for t in targets):
            return
        first, second = targets
        assert isinstance(first, ast.Subscript)
        assert isinstance(second, ast.Subscript)
        if _same(first, values[1]) and _same(second, values[0]) and _same(first.value, second.value):
            parts = [self.source(first.value), self.source(first.slice), self.source(second.slice)]
            if None not in parts and self.block is not None:
                self.event(self.context.site("swap", node), *[p for p in parts if p is not None])

    def spread(self, node: ast.Assign) -> list[ast.stmt]:
        """Any other assignment: the value rests in a place of our own, then goes to one target after the other."""
        slot = self.slot()
        result: list[ast.stmt] = [
            at(ast.Assign([_scratch(slot, 0, ast.Store())], self.expression(node.value)), node)
        ]
        for number, target in enumerate(node.targets):
            final = number == len(node.targets) - 1
            value: ast.expr = _popped(slot, 0) if final else _scratch(slot, 0, LOAD)
            result += self.unpack(target, value, node)
        return result

    def slot(self) -> int:
        self.scratches += 1
        return self.scratches - 1

    def unpack(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> list[ast.stmt]:
        """Store `value`, an expression of ours, into `target`. What is unpacked goes to a place of our own first."""
        if isinstance(target, ast.Starred):
            return self.unpack(target.value, value, node)
        if isinstance(target, (ast.Tuple, ast.List)):
            slot = self.slot()
            places: list[ast.expr] = []
            for index, item in enumerate(target.elts):
                place: ast.expr = _scratch(slot, index, ast.Store())
                places.append(ast.Starred(place, ast.Store()) if isinstance(item, ast.Starred) else place)
            result: list[ast.stmt] = [at(ast.Assign([ast.Tuple(places, ast.Store())], value), node)]
            for index, item in enumerate(target.elts):
                result += self.unpack(item, _popped(slot, index), node)
            return result
        if isinstance(target, (ast.Subscript, ast.Attribute)) and self.is_watched(target):
            return [self.watched_store(target, value, node, ours=True)]
        self.close()
        new, found = self.logged(at(value, node), node)
        return [at(ast.Assign([self.target(target, found)], new), node)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if node.value is None:
            return [node]
        if isinstance(node.target, ast.Name):
            found = self.source(node.value, sure=False)
            new = at(
                ast.AnnAssign(node.target, node.annotation, self.expression(node.value), node.simple), node
            )
            if found is None:
                return [new, *self.binding([node.target.id], node)]
            return [new, *self.bound_to(node.target.id, found, node)]
        if self.is_watched(node.target):
            return [self.watched_store(node.target, node.value, node)]
        return self.store(node.target, node.value, node)

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
            site = self.attribute_site("delattr", target)
            subject, container = self.container(target.value)
            new: ast.expr = at(ast.Attribute(subject, target.attr, ast.Del()), target)
            self.ensured(site, (container,), "delattr", target, new)  # type: ignore[arg-type]
            return [at(ast.Delete([new]), node)]
        if isinstance(target, ast.Subscript):
            detail = access_detail(target.value, target.slice)
            if isinstance(target.slice, ast.Slice) or self.unsure_key(target.slice):
                detail["name"] = self.context.tables.name(
                    "del slice" if isinstance(target.slice, ast.Slice) else "del"
                )
                site = self.context.site("call", target, detail)
                operands = [self.expression(target.value), self.key(target.slice)]
                self.close()
                begin = hook("pre", const(site), placeholder("delitem"), *operands)
                outcome = ast.Call(hook("pop"), [hook("pop"), hook("pop")], [])
                return [at(statement(hook("fin", begin, outcome)), node)]
            site = self.context.site("del", target, detail)
            subject, container = self.container(target.value)
            key, index = self.operand(target.slice)
            element = at(ast.Subscript(subject, key, ast.Del()), target)
            self.ensured(site, (container, index), "del", target, element)
            return [at(ast.Delete([element]), node)]
        new_statement = at(ast.Delete([target]), node)
        names = bound_names(target)
        return [new_statement, *self.unbinding(names, node)] if names else [new_statement]


def _scratch(slot: int, index: int, context: ast.expr_context) -> ast.Subscript:
    return ast.Subscript(scratch(slot), const(index), context)


def _popped(slot: int, index: int) -> ast.Call:
    return ast.Call(ast.Attribute(scratch(slot), "pop", LOAD), [const(index)], [])

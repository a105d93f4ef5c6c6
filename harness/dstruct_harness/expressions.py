"""Owns the transform of expressions: loads, calls, membership, comprehensions, lambdas, yields.

Every rewritten expression evaluates the same operands, once, in the same order as the plain one
(docs/architecture.md, "Inlined emission"). Positions are kept, so that tracebacks underline the same columns.
"""

from __future__ import annotations

import ast
from typing import Any, Final

from .calls import Calls
from .emit import Source, at, const, either, hook, tick, variable
from .events import LOOP_NEXT, LOOP_START
from .link import placeholder
from .scopes import Scope, access_detail, dotted, parameters
from .survey import ESCAPING_METHODS
from .trees import LOAD, walk

TEXT_CONSTANT: Final = 200
"""The longest string constant that travels in the meta instead of a column."""

OPERATORS: Final[dict[type, str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}

DEEPEST: Final = 10
"""How deeply sources nest at most; decoders refuse more than 16."""


class Expressions(Calls):
    """Rewrites expressions in load position. Statements are its subclass's business."""

    # -- what needs no logging -----------------------------------------------------------------

    def source(self, node: ast.expr, depth: int = 0, *, sure: bool = True) -> Source | None:
        """Where a decoder finds the value of an expression that it can work out exactly; None where it must
        be logged. `sure`: only where nothing is raised instead, as a division by zero would.
        """
        if depth > DEEPEST:
            return None
        if isinstance(node, ast.Constant):
            return constant(node.value)
        if isinstance(node, ast.Name):
            return self.context.variable(node.id)
        if (
            isinstance(node, ast.UnaryOp)
            and isinstance(node.op, ast.USub)
            and isinstance(node.operand, ast.Constant)
        ):
            value = node.operand.value
            return constant(-value) if isinstance(value, (int, float)) and type(value) is not bool else None
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS and self.context.is_integer(node):
            left, right = (self.source(part, depth + 1, sure=sure) for part in (node.left, node.right))
            if left is None or right is None:
                return None
            found: Source = [OPERATORS[type(node.op)], left, right]
            return None if sure and may_raise(found) else found
        return None

    def read_source(self, node: ast.expr, depth: int = 0) -> Source | None:
        """Like `source`, also for what is read from a container, where the program's containers do as builtin
        ones do.
        """
        if isinstance(node, ast.Slice):
            return self.slice_source(node, depth)
        found = self.source(node, depth, sure=False)
        if found is not None or not self.survey.plain_reads or depth > DEEPEST:
            return found
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, (ast.Slice, ast.Tuple)):
            value, key = self.read_source(node.value, depth + 1), self.read_source(node.slice, depth + 1)
            return None if value is None or key is None else ["e", value, key]
        if isinstance(node, ast.Attribute) and node.attr not in self.survey.class_names:
            value = self.read_source(node.value, depth + 1)
            name = self.context.scope.mangled(node.attr)
            return None if value is None else ["a", value, self.context.tables.name(name)]
        return None

    def slice_source(self, node: ast.Slice, depth: int) -> Source | None:
        """A slice whose bounds a decoder can work out exactly."""
        bounds: list[Source | None] = [
            ["k", None] if part is None else self.source(part, depth + 1)
            for part in (node.lower, node.upper, node.step)
        ]
        return None if None in bounds else ["s", *bounds]

    def operand(self, node: ast.expr, *, read: bool = False) -> tuple[ast.expr, Source]:
        """An operand, visited, and where a decoder finds its value. `read`: the value only says what was read."""
        found = self.read_source(node) if read else self.source(node, sure=False)
        if found is not None and isinstance(node, ast.Slice):
            return node, found  # nothing but names and numbers
        new = self.key(node)
        if found is not None:
            return new, found
        logged, temporary = self.logged(new, node)
        return logged, temporary

    def key(self, node: ast.expr) -> ast.expr:
        """A subscript's key as an ordinary expression: slices become calls of the real `slice`."""
        if isinstance(node, ast.Slice):
            bounds = [self.expression(p) if p else const(None) for p in (node.lower, node.upper, node.step)]
            return at(hook("slice", *bounds), node)
        if isinstance(node, ast.Tuple) and any(isinstance(item, ast.Slice) for item in node.elts):
            return at(ast.Tuple([self.key(item) for item in node.elts], LOAD), node)
        return self.expression(node)

    # -- loads ---------------------------------------------------------------------------------

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            return self.generic_visit(node)  # type: ignore[return-value]
        site = self.context.site("get", node, access_detail(node.value, node.slice))
        value, container = self.operand(node.value, read=True)
        key, index = self.operand(node.slice, read=True)
        new: ast.expr = at(ast.Subscript(value, key, LOAD), node)
        marks = self.ensure(node)
        self.event(site, container, index, op="get", node=node)
        self.reads[id(node)] = (self.block, container, index)
        if self.survey.defaults:  # the element may have been made by reading it
            new, made = self.logged(new, node)
            self.event(self.effect("missing"), container, index, made)
        return at(either(*marks, new), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            return self.generic_visit(node)  # type: ignore[return-value]
        if self.is_quiet_attribute(node):
            read = at(ast.Attribute(self.expression(node.value), node.attr, LOAD), node)
            return at(hook("escaping", read), node) if node.attr in ESCAPING_METHODS else read
        site = self.attribute_site("getattr", node)
        value, subject = self.operand(node.value, read=True)
        marks = self.ensure(node)
        self.event(site, subject, op="getattr", node=node)
        new = at(either(*marks, at(ast.Attribute(value, node.attr, LOAD), node)), node)
        return at(hook("escaping", new), node) if node.attr in ESCAPING_METHODS else new

    def is_quiet_attribute(self, node: ast.Attribute) -> bool:
        """Attributes of modules and dunder attributes are no data of the learner's."""
        of_module = isinstance(node.value, ast.Name) and node.value.id in self.survey.modules
        return of_module or (node.attr.startswith("__") and node.attr.endswith("__"))

    def attribute_site(self, event: str, node: ast.Attribute) -> int:
        detail: dict[str, Any] = {"name": self.context.tables.name(self.context.scope.mangled(node.attr))}
        if base := dotted(node.value):
            detail["base"] = base
        return self.context.site(event, node, detail)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            return self.membership(node)
        sides = [node.left, node.comparators[0]]
        node.left, node.comparators[0] = self.expression(sides[0]), self.expression(sides[1])
        found = [self.reads.get(id(side)) for side in sides]
        if len(node.ops) == 1 and all(one is not None and one[0] is self.block for one in found):
            (_, left, i), (_, right, j) = found  # type: ignore[misc]
            self.event(self.context.site("compare", node), left, i, right, j)
        node.comparators[1:] = self.conditional(*node.comparators[1:])
        return node

    def membership(self, node: ast.Compare) -> ast.expr:
        base = dotted(node.comparators[0])
        site = self.context.site("contains", node, {"base": base} if base else {})
        item, key = self.operand(node.left, read=True)
        subject, container = self.operand(node.comparators[0], read=True)
        if self.survey.lazy:
            self.close()
        new, found = self.logged(at(ast.Compare(item, [ast.In()], [subject]), node), node)
        self.event(site, container, key, found)
        # `x not in s` is `not x in s` (Python reference, 6.10.2): what is recorded is whether it is there.
        return at(ast.UnaryOp(ast.Not(), new), node) if isinstance(node.ops[0], ast.NotIn) else new

    # -- where the path may part ---------------------------------------------------------------

    def conditional(self, *nodes: ast.expr) -> list[ast.expr]:
        """Expressions of which each may or may not be evaluated after the one before."""
        saved, activity = self.block, self.activity
        result = []
        for node in nodes:
            self.block = None
            result.append(self.expression(node))
        self.block = saved
        if self.activity != activity:
            self.close()
        return result

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        first = self.expression(node.values[0])
        node.values = [first, *self.conditional(*node.values[1:])]
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        node.test = self.expression(node.test)
        node.body, node.orelse = self.conditional(node.body, node.orelse)
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        """Keys and values in the order in which Python evaluates them."""
        for i, key in enumerate(node.keys):
            node.keys[i] = key and self.expression(key)
            node.values[i] = self.expression(node.values[i])
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.expr:
        node.value = self.expression(node.value)
        if self.survey.lazy:
            self.close()
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        name = node.target.id
        inner = at(ast.NamedExpr(node.target, self.expression(node.value)), node)
        new, bound = self.logged(inner, node)
        if name not in self.context.scope.hidden:
            self.event(self.context.site("bind", node, self.context.bind_detail([name])), bound)
        return new

    # -- lambdas -------------------------------------------------------------------------------

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        arguments = self.visit_defaults(node.args)
        context = self.context
        if any(isinstance(inner, (ast.Yield, ast.YieldFrom, ast.Await)) for inner in walk(node.body)):
            return at(ast.Lambda(arguments, node.body), node)  # a generator: rare enough to stay as it is
        saved = self.block
        unit = context.tables.unit("lambda", "<lambda>", context.source, node.lineno, context.scope.unit.id)
        names = parameters(node.args)
        outer = context.scope
        scope = Scope(unit, "function", outer.class_name, local_names=frozenset(names), told=frozenset(names))
        scope.careful = outer.kind == "class" or id(node) not in self.safe_lambdas
        context.scopes.append(scope)
        self.block = None
        detail = {"unit": unit.id, "names": context.name_ids(names)}
        enter = context.site("enter", node, detail)
        leave = context.site("leave", node)
        begin: list[ast.expr] = [hook("careful"), tick()] if scope.careful else [tick()]
        begin += self.ensure(node)
        temporaries: list[Source] = []
        for name in names:
            put, temporary = self.put(context.tables.column(), variable(name), node)
            begin += put
            temporaries.append(temporary)
        self.event(enter, *temporaries)
        found = self.source(node.body)
        body = self.expression(node.body)
        if scope.careful:
            new = either(*begin, self.left(leave, body))
        elif found is not None:
            marks = self.ensure(node)
            self.event(leave, found)
            new = either(*begin, *marks, body)
        else:
            value, temporary = self.logged(body, node)
            self.event(leave, temporary)
            new = either(*begin, value)
        context.scopes.pop()
        self.block = saved
        return at(ast.Lambda(arguments, at(new, node.body)), node)

    def visit_defaults(self, arguments: ast.arguments) -> ast.arguments:
        """A signature with its defaults visited; annotations stay as they are."""
        arguments.defaults = [self.expression(default) for default in arguments.defaults]
        arguments.kw_defaults = [default and self.expression(default) for default in arguments.kw_defaults]
        return arguments

    # -- comprehensions ------------------------------------------------------------------------

    def visit_comprehension_node(self, node: Any) -> ast.expr:
        """The first iterable is evaluated where the expression stands; all else is a loop of its own."""
        lazy = isinstance(node, ast.GeneratorExp)
        scope = self.context.scope
        first = node.generators[0]
        if not first.is_async:
            first.iter, start = self.loop_start(first.iter)
        else:
            first.iter, start = self.expression(first.iter), None
        saved = self.block
        self.block = None
        scope.generator_expression += lazy
        names = [x.id for g in node.generators for x in walk(g.target) if isinstance(x, ast.Name)]
        scope.hidden += names
        self.comprehension(first, start)
        for generator in node.generators[1:]:
            self.block = None
            if generator.is_async:
                generator.iter, start = self.expression(generator.iter), None
            else:
                generator.iter, start = self.loop_start(generator.iter)
            self.comprehension(generator, start)
        for part in ("elt", "key", "value"):
            if hasattr(node, part):
                setattr(node, part, self.expression(getattr(node, part)))
        del scope.hidden[len(scope.hidden) - len(names) :]
        scope.generator_expression -= lazy
        self.block = saved
        if not lazy:
            self.close()
        return node  # type: ignore[no-any-return]

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_comprehension_node

    def loop_start(self, iterable: ast.expr) -> tuple[ast.expr, tuple[int, ast.expr] | None]:
        """The iterable of a loop, and (loop, its plain expression) where elements are read from a container."""
        if self.is_counting(iterable):
            return self.expression(iterable), None
        plain = iterable
        new, subject = self.operand(iterable, read=True)
        loop = self.context.tables.loop()
        marks = self.ensure(plain)
        self.step([LOOP_START, loop, subject])
        return at(either(*marks, new), plain), (loop, plain)

    def is_counting(self, iterable: ast.expr) -> bool:
        function = iterable.func if isinstance(iterable, ast.Call) else None
        return (
            isinstance(function, ast.Name)
            and function.id in ("range", "enumerate", "zip", "reversed", "map")
            and (function.id not in self.survey.bound)
        )

    def comprehension(self, generator: ast.comprehension, start: Any) -> None:
        """What happens for each element: look at the clock, say which element it is, then the conditions."""
        node = generator.iter
        self.block = None
        look: list[ast.expr] = [] if generator.is_async else [tick()]
        if start is not None:
            loop, plain = start
            base = dotted(plain)
            site = self.context.site("iter", plain, {"base": base} if base else {})
            look += self.ensure(node)
            self.step([LOOP_NEXT, loop, site])
        else:
            look.append(ast.Call(ast.Attribute(placeholder("path"), "append", LOAD), [const(0)], []))
        conditions = []
        for number, condition in enumerate(generator.ifs):
            conditions.append(self.expression(condition) if number == 0 else self.conditional(condition)[0])
        if conditions:
            self.close()
        generator.ifs = [at(either(*look, const(True)), node), *conditions]

    # -- suspension ----------------------------------------------------------------------------

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        give = self.context.site("yield", node)
        back = self.context.site("resume", node)
        value = self.expression(node.value) if node.value else at(const(None), node)
        self.close()
        inner = at(ast.Yield(at(hook("gave", const(give), value), node)), node)
        return at(hook("resumed", const(back), inner), node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.expr:
        value = self.expression(node.value)
        return self.waiting(ast.YieldFrom, value, node)

    def visit_Await(self, node: ast.Await) -> ast.expr:
        value = self.expression(node.value)
        return self.waiting(ast.Await, value, node)

    def waiting(self, kind: Any, value: ast.expr, node: ast.expr) -> ast.expr:
        """Frames come and go in there without a word; the frame says when it goes on."""
        self.close()
        return at(hook("aligned", at(kind(at(hook("awaiting", value), node)), node)), node)


def may_raise(found: Any) -> bool:
    """Whether working out a source could have raised in the program: it divides by what may be zero."""
    if not isinstance(found, list):
        return False
    kind, *parts = found
    if kind in ("//", "%") and not (isinstance(parts[1], list) and parts[1][0] == "k" and parts[1][1]):
        return True
    return kind != "k" and any(map(may_raise, parts))


def constant(value: object) -> Source | None:
    """A constant as a source; None for kinds that are logged."""
    if value is None or value is True or value is False:
        return ["k", value]
    if type(value) is int:
        small = abs(value) < 1 << 53
        return ["k", value if small else ["int", str(value)]] if abs(value) < 1 << 4_000 else None
    if type(value) is float:
        return ["k", ["float", float.__repr__(value)]]
    if type(value) is str and len(value) <= TEXT_CONSTANT:
        return ["k", ["str", value]]
    return None

"""Owns the transform of expressions: loads, calls, membership, comprehensions, lambdas, yields.

Every rewritten expression evaluates the same operands, once, in the same order as the plain one
(docs/architecture.md, "Inlined emission"). Positions are kept, so that tracebacks underline the same columns.
"""

from __future__ import annotations

import ast
from typing import Any

from .emit import at, both, call, const, either, first_sight, hook, log, tail, tick, token
from .link import placeholder
from .scopes import Context, Scope, access_detail, dotted, parameters
from .survey import HARMLESS_BUILTINS, HARMLESS_METHODS, MODELLED_METHODS, Survey

NOP = (0, 1, 2, 3, 4, 5)
"""Op numbers that only park operands in the log; `NOP[k]` carries k of them."""


class Expressions(ast.NodeTransformer):
    """Rewrites expressions in load position. Statements are its subclass's business."""

    context: Context
    survey: Survey

    def expression(self, node: ast.expr) -> ast.expr:
        """`visit` for one expression, which gives one expression back."""
        new: ast.expr = self.visit(node)
        return new

    # -- loads ---------------------------------------------------------------------------------

    def key(self, node: ast.expr) -> ast.expr:
        """A subscript's key as an ordinary expression: slices become calls of the real `slice`."""
        if isinstance(node, ast.Slice):
            bounds = [
                self.visit(part) if part else const(None) for part in (node.lower, node.upper, node.step)
            ]
            return at(hook("slice", *bounds), node)
        if isinstance(node, ast.Tuple) and any(isinstance(item, ast.Slice) for item in node.elts):
            return at(ast.Tuple([self.key(item) for item in node.elts], ast.Load()), node)
        return self.expression(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        op = self.context.op("get", 2, node, event="get", detail=access_detail(node.value, node.slice))
        operands = self.visit(node.value), self.key(node.slice)
        return at(ast.Subscript(either(log(op.id, *operands), tail(2)), tail(1), ast.Load()), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if self.is_quiet_attribute(node):
            return at(ast.Attribute(self.visit(node.value), node.attr, ast.Load()), node)
        op = self.attribute_op("getattr", 1, node)
        return at(
            ast.Attribute(either(log(op, self.visit(node.value)), tail(1)), node.attr, ast.Load()), node
        )

    def is_quiet_attribute(self, node: ast.Attribute) -> bool:
        """Attributes of modules and dunder attributes are no data of the learner's."""
        of_module = isinstance(node.value, ast.Name) and node.value.id in self.survey.modules
        return of_module or (node.attr.startswith("__") and node.attr.endswith("__"))

    def attribute_op(
        self, kind: str, width: int, node: ast.Attribute, *, event: str = "", **more: Any
    ) -> int:
        name = self.context.scope.mangled(node.attr)
        detail: dict[str, Any] = {"name": self.context.tables.name(name)}
        if base := dotted(node.value):
            detail["base"] = base
        return self.context.op(
            kind, width, node, event=event or kind, detail=detail, names=(name,), **more
        ).id

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)):
            return self.generic_visit(node)  # type: ignore[return-value]
        base = dotted(node.comparators[0])
        names = ("not in",) if isinstance(node.ops[0], ast.NotIn) else ()
        op = self.context.op(
            "contains", 3, node, event="contains", detail={"base": base} if base else {}, names=names
        )
        park = log(NOP[2], self.visit(node.left), self.visit(node.comparators[0]))
        outcome = at(ast.Compare(tail(2), node.ops, [tail(1)]), node)
        return at(either(park, log(op.id, tail(2), tail(1), outcome), tail(1)), node)

    # -- calls ---------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        if isinstance(function, ast.Name):
            name = function.id
            unbound = name not in self.survey.bound
            if name in self.survey.defined or (unbound and name in HARMLESS_BUILTINS):
                return self.untouched_call(node)
        elif isinstance(function, ast.Attribute):
            plain = not node.keywords and not any(isinstance(a, ast.Starred) for a in node.args)
            if function.attr in MODELLED_METHODS and plain and len(node.args) <= 2:
                return self.modelled_call(node, function)
            if function.attr in self.survey.methods or function.attr in HARMLESS_METHODS:
                return self.untouched_call(node)
        return self.careful_call(node)

    def callee(self, node: ast.expr) -> ast.expr:
        """What is called. Looking a method up is no read of data, so its own attribute is not recorded."""
        if isinstance(node, ast.Attribute):
            return at(ast.Attribute(self.visit(node.value), node.attr, ast.Load()), node)
        return self.expression(node)

    def untouched_call(self, node: ast.Call) -> ast.expr:
        keywords = [at(ast.keyword(k.arg, self.visit(k.value)), k) for k in node.keywords]
        return at(ast.Call(self.callee(node.func), [self.visit(a) for a in node.args], keywords), node)

    def call_op(self, kind: str, width: int, node: ast.Call) -> int:
        function = node.func
        base = dotted(function.value) if isinstance(function, ast.Attribute) else None
        return self.context.op(kind, width, node, event="call", detail={"base": base} if base else {}).id

    def modelled_call(self, node: ast.Call, function: ast.Attribute) -> ast.expr:
        """`a.append(x)`: park the bound method and arguments, call, log them with the result."""
        count = len(node.args)
        op = self.call_op("call", count + 2, node)
        park = log(NOP[count + 1], self.callee(function), *map(self.visit, node.args))
        receiver = [ast.Attribute(tail(count + 1), "__self__", ast.Load()) for _ in range(2)]
        is_builtin = ast.Compare(hook("type", tail(count + 1)), [ast.Is()], [placeholder("builtin_method")])
        guard = both(is_builtin, first_sight(*receiver))
        parked = [tail(back) for back in range(count + 1, 0, -1)]
        outcome = at(call(tail(count + 1), *[tail(back) for back in range(count, 0, -1)]), node)
        return at(either(park, guard, log(op, *parked, outcome), tail(1)), node)

    def careful_call(self, node: ast.Call) -> ast.expr:
        """A call into what may be code we did not transform: bracketed, so that what it changes is found."""
        op = self.call_op("opaque", 4, node)
        leading = 0
        while leading < len(node.args) and not isinstance(node.args[leading], ast.Starred):
            leading += 1
        operands = [self.callee(node.func), *[self.visit(a) for a in node.args[:leading]]]
        rest = [self.visit(a) for a in node.args[leading:]]
        keywords = [at(ast.keyword(k.arg, self.visit(k.value)), k) for k in node.keywords]
        begin = hook("pre", const(op), *operands)
        outcome = ast.Call(hook("pop"), [*[hook("pop") for _ in range(leading)], *rest], keywords)
        return at(hook("fin", begin, at(outcome, node)), node)

    # -- binding expressions -------------------------------------------------------------------

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        names = (node.target.id,)
        op = self.context.op(
            "bind", 1, node, event="bind", detail=self.context.bind_detail(names), names=names
        )
        inner = at(ast.NamedExpr(node.target, self.visit(node.value)), node)
        return at(either(log(op.id, inner), tail(1)), node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        arguments = self.visit_defaults(node.args)
        context = self.context
        unit = context.tables.unit("lambda", "<lambda>", context.source, node.lineno, context.scope.unit.id)
        context.scopes.append(Scope(unit, context.scope.class_name))
        names = parameters(node.args)
        detail = {"unit": unit.id, "names": context.name_ids(names)}
        enter = context.op("enter", len(names), node, event="enter", detail=detail, names=tuple(names))
        leave = context.op("leave", 1, node, event="leave")
        body = self.visit(node.body)
        if any(isinstance(inner, (ast.Yield, ast.YieldFrom, ast.Await)) for inner in ast.walk(node.body)):
            new = body  # a lambda that is a generator: rare enough to stay opaque
        else:
            loads = [ast.Name(name, ast.Load()) for name in names]
            new = either(tick(), log(enter.id, *loads), log(leave.id, body), tail(1))
        context.scopes.pop()
        return at(ast.Lambda(arguments, at(new, node.body)), node)

    def visit_defaults(self, arguments: ast.arguments) -> ast.arguments:
        """A signature with its defaults visited; annotations stay as they are."""
        arguments.defaults = [self.visit(default) for default in arguments.defaults]
        arguments.kw_defaults = [default and self.visit(default) for default in arguments.kw_defaults]
        return arguments

    # -- comprehensions ------------------------------------------------------------------------

    def visit_comprehension_node(self, node: Any) -> ast.expr:
        lazy = isinstance(node, ast.GeneratorExp)
        self.context.scope.generator_expression += lazy
        for position, generator in enumerate(node.generators):
            self.comprehension(generator, outermost=position == 0 and lazy)
        for part in ("elt", "key", "value"):
            if hasattr(node, part):
                setattr(node, part, self.visit(getattr(node, part)))
        self.context.scope.generator_expression -= lazy
        return node  # type: ignore[no-any-return]

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_comprehension_node

    def comprehension(self, generator: ast.comprehension, *, outermost: bool) -> None:
        generator.ifs = [self.visit(condition) for condition in generator.ifs]
        if generator.is_async:
            generator.iter = self.visit(generator.iter)
            return
        scope = self.context.scope
        base = dotted(generator.iter)
        start = self.context.op("iterate", 1, generator.iter)
        step = self.context.op(
            "element", 0, generator.iter, event="iter", detail={"base": base} if base else {}, link=start.id
        )
        scope.generator_expression -= outermost  # the first iterable is evaluated where the expression stands
        iterable = self.visit(generator.iter)
        scope.generator_expression += outermost
        generator.iter = at(either(log(start.id, iterable), tail(1)), generator.iter)
        look = at(either(log(step.id), tick(), const(True)), generator.iter)
        generator.ifs.insert(0, look)

    # -- suspension ----------------------------------------------------------------------------

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        give = self.context.op("yield", 1, node, event="yield")
        value = self.visit(node.value) if node.value else at(const(None), node)
        inner = at(ast.Yield(at(either(log(give.id, value), tail(1)), node)), node)
        return self.resumed(inner, node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.expr:
        return self.resumed(at(ast.YieldFrom(self.visit(node.value)), node), node)

    def visit_Await(self, node: ast.Await) -> ast.expr:
        return self.resumed(at(ast.Await(self.visit(node.value)), node), node)

    def resumed(self, suspension: ast.expr, node: ast.expr) -> ast.expr:
        back = self.context.op("resume", 2, node, event="resume")
        return at(either(log(back.id, suspension, token()), tail(2)), node)

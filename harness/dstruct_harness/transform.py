"""Owns the transform of a whole program: statements, frames, line events. AST in, AST and tables out.

The learner's line and column numbers are kept. What the log holds of each piece of code is said by a `Block` in the
tables.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .counting import Loops
from .definitions import goes_on, is_docstring
from .emit import at, const, either, hook, statement, tick, tick_statement
from .events import LOOP_NEXT
from .link import placeholder, scratch
from .program import Tables, Unit
from .scopes import Context, dotted, module_scope
from .stores import bound_names, only_names
from .survey import FAST_METHODS, Survey, changes_by_itself, survey
from .trees import LOAD, make, walk

_NO_CODE = (ast.Global, ast.Nonlocal)
_HEADED = (ast.If, ast.While, ast.For, ast.AsyncFor, ast.With, ast.Try, ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Transformed:
    """A module's new tree, its unit, the names it binds, and whether object lifetimes show in it."""

    tree: ast.Module
    unit: Unit
    names: frozenset[str]
    exact: bool


def transform(
    tree: ast.Module,
    tables: Tables,
    source: int,
    *,
    outside: Collection[str] = (),
    keep_last: bool = False,
    module_frame: bool = True,
    foreign: bool = False,
    exact: bool = False,
) -> Transformed:
    """Rewrite a parsed module in place.

    Args:
        tree: the parsed program.
        tables: grows by the program's units, sites and blocks.
        source: index of the program's text in the tables.
        outside: names that the namespace holds already.
        keep_last: give the value of a final expression to the hook `keep` (a notebook cell's result).
        module_frame: the module itself runs, so that its frame is at the bottom of the stack.
        foreign: the module's globals are not those of the frame at the bottom.
        exact: object lifetimes show, whatever this text says.
    """
    found = survey(tree, outside)
    if exact:
        found = replace(found, exact=True)
    transformer = _Transformer(Context(tables, source, found, module_frame=module_frame, foreign=foreign))
    unit = tables.unit("module", "<module>", source, 1)
    scope = module_scope(tree, unit, found)
    transformer.context.scopes.append(scope)
    if keep_last and tree.body and isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1]
        last.value = at(ast.Call(placeholder("keep"), [last.value], []), last.value)
        transformer.kept = last.value
    start = _preamble(tree.body)
    tree.body[start:] = transformer.suite(tree.body[start:])
    return Transformed(tree, unit, scope.local_names | scope.told, found.exact)


def _preamble(body: Sequence[ast.stmt]) -> int:
    """How many leading statements must stay first: the docstring and `__future__` imports."""
    count = int(bool(body) and is_docstring(body[0]))
    while (
        count < len(body)
        and isinstance(future := body[count], ast.ImportFrom)
        and future.module == "__future__"
    ):
        count += 1
    return count


_UNTIMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_SLOW_OPERATORS = (ast.Pow, ast.LShift, ast.Mult)
_QUICK_CALLS = frozenset("chr enumerate id isinstance issubclass iter len ord range type zip".split())


def _may_take_long(node: ast.stmt, found: Survey) -> bool:
    """Whether a statement outside loops might run for long before it comes to the next statement: it calls something,
    or raises to a power.
    """
    if isinstance(node, _UNTIMED):
        return False
    roots: list[Any] = [node]
    if isinstance(node, ast.Match):
        roots = [node.subject, *(case.guard for case in node.cases)]
    elif hasattr(node, "body"):  # each statement in there is looked at by itself
        roots = [getattr(node, "test", None), getattr(node, "iter", None), *getattr(node, "items", ())]
    return any(_is_slow(part, found) for part in walk(*roots))


def _is_slow(node: ast.AST, found: Survey) -> bool:
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(
            function, ast.Name
        ):  # a function of the program's looks at the clock when it is entered
            name = function.id
            return name not in found.defined and (name not in _QUICK_CALLS or name in found.bound)
        if isinstance(function, ast.Attribute):
            quick = (function.attr, len(node.args)) in FAST_METHODS and function.attr not in found.methods
            return not quick or bool(node.keywords)
        return True
    return isinstance(node, ast.Await) or isinstance(getattr(node, "op", None), _SLOW_OPERATORS)


class _Transformer(Loops):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.survey = context.survey
        self.scratches = 0
        self.kept: ast.expr | None = None
        self.reads = {}
        self.safe_lambdas = set()
        self.effect_sites = {}

    # -- suites and lines ----------------------------------------------------------------------

    def suite(self, body: Sequence[ast.stmt], after_line: int = 0) -> list[ast.stmt]:
        """The statements of a block with their line events. A statement on `after_line` has been announced
        already.
        """
        result: list[ast.stmt] = []
        for node in body:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            if self.survey.exact:
                self.close()
                result.append(at(statement(hook("tick")), node))
            elif self.looks_before(node):
                self.close()
                result.append(at(tick_statement(), node))
            if first != after_line and not isinstance(node, _NO_CODE):
                result += self.line(node, first)
            after_line = (
                node.lineno if isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.Return)) else 0
            )
            own = self.survey.escaping and changes_by_itself(node)
            new = self.visit(node)
            result += new if isinstance(new, list) else [new]
            if isinstance(node, (ast.Break, ast.Continue, ast.Return, ast.Raise)):
                self.close()  # nothing comes after it
            elif self.survey.escaping:
                result.append(self.look(node, tell=not own))
        return result

    def looks_before(self, node: ast.stmt) -> bool:
        """Whether clock and limits are looked at before a statement: outside of loops, where it may take long."""
        return not self.context.scope.loops and _may_take_long(node, self.survey)

    def branch(self, body: Sequence[ast.stmt], after_line: int = 0) -> list[ast.stmt]:
        """A suite that is entered from elsewhere: it begins, and what follows it begins, with a block of its own."""
        self.close()
        # What leads here may have called a method that was handed around, as `iter(a.pop, 0)` does.
        start = [self.look(body[0], tell=True)] if self.survey.escaping and body else []
        result = [*start, *self.suite(body, after_line)]
        self.close()
        return result

    def line(self, node: ast.AST, number: int, past: ast.AST | None = None) -> list[ast.stmt]:
        self.line_now = number
        where = node
        if number != getattr(node, "lineno", number):
            where = spot(node, number, getattr(node, "end_col_offset", 0))
        elif isinstance(node, _HEADED):
            where = spot(node, number, node.col_offset)
        return self.say(self.context.site("line", where), node=node, past=past)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if node is self.kept:
            node.args = [self.expression(node.args[0])]
            return node
        return super().visit_Call(node)

    def visit_Raise(self, node: ast.Raise) -> Any:
        node.exc = node.exc and self.expression(node.exc)
        node.cause = node.cause and self.expression(node.cause)
        self.close()
        return node

    def visit_Assert(self, node: ast.Assert) -> Any:
        node.test = self.expression(node.test)
        if node.msg:
            node.msg = self.conditional(node.msg)[0]
        return node

    # -- loops and branches --------------------------------------------------------------------

    def visit_If(self, node: ast.If) -> Any:
        test = self.expression(node.test)
        body = self.branch(node.body, node.lineno)
        return at(ast.If(test, body, self.branch(node.orelse)), node)

    def visit_While(self, node: ast.While) -> Any:
        """The header is a line each time it is looked at: once before the loop, then where the loop goes on."""
        site = self.line_site(node)
        self.close()
        constant = isinstance(node.test, ast.Constant) and bool(node.test.value)
        test = self.expression(node.test)
        self.close()
        self.context.scope.loops += 1
        body = self.suite(node.body, node.lineno)
        again = self.say(site, node=node, past=node.body[-1]) if goes_on(body) else []
        self.close()
        self.context.scope.loops -= 1
        body = [*_before_continues(body, lambda: self.again(site, node)), *again]
        if (
            constant
        ):  # kept a constant for the compiler: without it, code after the loop would count as reachable
            body = [at(tick_statement(), node), *body]
            looked: ast.expr = node.test
        else:
            looked = at(either(tick(), test), node.test)
        return [at(ast.While(looked, body, self.branch(node.orelse)), node)]

    def line_site(self, node: ast.stmt) -> int:
        return self.context.site("line", spot(node, node.lineno, node.col_offset))

    def again(self, site: int, node: ast.AST) -> list[ast.stmt]:
        """The header's line where a `continue` goes back to it."""
        self.close()
        result = self.say(site, node=node)
        self.close()
        return result

    def visit_For(self, node: ast.For | ast.AsyncFor) -> Any:
        site = self.line_site(node)
        start = None
        counting = self.counting(node)
        if isinstance(node, ast.AsyncFor):
            iterable = self.expression(node.iter)
        elif counting is not None:
            iterable = self.counting_start(node.iter, counting)
        else:
            iterable, start = self.loop_start(node.iter)
        self.close()
        number = [] if counting is None else [const(counting.id)]
        head: list[ast.stmt] = [at(tick_statement(*number), node)]
        if isinstance(node, ast.AsyncFor):
            head.append(at(statement(hook("aligned", const(None))), node))
        if start is not None:
            loop, plain = start
            base = dotted(plain)
            element = self.context.site("iter", plain, {"base": base} if base else {})
            head += [at(statement(mark), node) for mark in self.ensure(node)]
            self.step([LOOP_NEXT, loop, element])
        elif counting is None and not bound_names(node.target):
            head += self.say(site, node=node)
        if counting is not None:
            target, bind = node.target, self.counted(counting, node)
        else:
            target, bind = self.received(node.target, node)
        self.context.scope.loops += 1
        if self.survey.escaping:
            head.insert(0, self.look(node, tell=True))
        body = [*head, *bind, *self.suite(node.body, node.lineno)]
        again = self.say(site, node=node, past=node.body[-1]) if goes_on(body) else []
        self.close()
        self.context.scope.loops -= 1
        body = [*_before_continues(body, lambda: self.again(site, node)), *again]
        return at(type(node)(target, iterable, body, self.branch(node.orelse)), node)

    visit_AsyncFor = visit_For

    def received(self, target: ast.expr, node: ast.stmt) -> tuple[ast.expr, list[ast.stmt]]:
        """A target that a statement itself fills, and what to do right after."""
        if only_names(target):
            names = bound_names(target)
            return target, self.binding(names, target) if names else []
        slot = self.scratches
        self.scratches += 1
        place = at(ast.Subscript(scratch(slot), const(0), ast.Store()), target)
        popped = at(ast.Call(ast.Attribute(scratch(slot), "pop", LOAD), [const(0)], []), node)
        return place, self.unpack(target, popped, node)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> Any:
        """Several items are one `with` inside the other, so that each binds before the next is entered."""
        item = node.items[0]
        expression = self.expression(item.context_expr)
        self.close()
        target, bind = item.optional_vars, list[ast.stmt]()
        if isinstance(node, ast.AsyncWith):
            bind.append(at(statement(hook("aligned", const(None))), node))
        if target is not None:
            target, more = self.received(target, node)
            bind += more
        if len(node.items) > 1:
            inner = type(node)(node.items[1:], node.body)
            body = [*bind, *self._listed(self.visit_With(ast.copy_location(inner, node)))]
        else:
            body = [*bind, *self.suite(node.body, node.lineno)]
            body += self.line(
                node, node.lineno, node.body[-1]
            )  # the block's end calls `__exit__`, on this line
        self.close()
        body = self.noticed(body, node)
        new = at(type(node)([ast.withitem(expression, target)], body), node)
        if isinstance(node, ast.AsyncWith):
            return [new, at(statement(hook("aligned", const(None))), node)]
        return new

    visit_AsyncWith = visit_With

    @staticmethod
    def _listed(new: Any) -> list[ast.stmt]:
        return new if isinstance(new, list) else [new]

    def visit_Match(self, node: ast.Match) -> Any:
        node.subject = self.expression(node.subject)
        self.close()
        sites: list[int] = []
        for case in node.cases:
            sites.append(self.context.site("line", case.pattern))
            names = _captures(case.pattern)
            guard = case.guard
            self.close()
            if guard is not None and not names:
                case.guard = self.expression(guard)
            elif guard is not None:
                case.guard = self.opaque_guard(guard)
            self.close()
            # Patterns that did not match were looked at too.
            lines = [stmt for site in sites for stmt in self.say(site, node=case.pattern)]
            self.line_now = case.pattern.lineno
            head = self.binding(names, case.pattern) if names else []
            case.body = [*lines, *head, *self.suite(case.body, case.pattern.lineno)]
            self.close()
        return node

    def opaque_guard(self, guard: ast.expr) -> ast.expr:
        """A guard that reads names which its own pattern has just bound: they are logged, since nothing told
        of them yet.
        """
        scope = self.context.scope
        names = [x.id for x in walk(guard) if isinstance(x, ast.Name)]
        scope.hidden += names
        new = self.expression(guard)
        del scope.hidden[len(scope.hidden) - len(names) :]
        return new

    # -- everything else -----------------------------------------------------------------------

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> Any:
        self.close()
        names = [(a.asname or a.name).split(".")[0] for a in node.names if a.name != "*"]
        return [node, *(self.binding(names, node) if names else [])]

    visit_ImportFrom = visit_Import

    def visit_TypeAlias(self, node: Any) -> Any:
        return node


def spot(node: Any, line: int, end: int) -> ast.Pass:
    """A place on one line, from the column where `node` begins to the column `end`."""
    place = {"lineno": line, "col_offset": node.col_offset, "end_lineno": line, "end_col_offset": end}
    return make(ast.Pass, place)


def _before_continues(body: list[ast.stmt], header: Callable[[], list[ast.stmt]]) -> list[ast.stmt]:
    """`body` with the header's line before every `continue` that belongs to this loop."""
    result: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.Continue):
            result += header()
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for part in ("body", "orelse", "finalbody"):
                inner = getattr(node, part, None)
                if inner and not (part == "body" and isinstance(node, (ast.For, ast.AsyncFor, ast.While))):
                    setattr(node, part, _before_continues(inner, header))
            for branch in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
                branch.body = _before_continues(branch.body, header)
        result.append(node)
    return result


def _captures(pattern: ast.AST) -> list[str]:
    names = []
    for node in walk(pattern):
        if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            names.append(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.append(node.rest)
    return names

"""Owns the transform of a whole program: statements, frames, line events. AST in, AST and tables out.

The learner's line and column numbers are kept. What the log holds of each piece of code is said by a `Block` in the tables.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from .emit import Source, at, const, either, hook, statement, tick, tick_statement
from .events import CAUGHT
from .link import placeholder, scratch
from .program import Tables, Unit
from .scopes import Context, FunctionNode, Scope, dotted, function_scope, module_scope, parameters
from .stores import Stores, bound_names, only_names
from .survey import survey

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
) -> Transformed:
    """Rewrite a parsed module in place.

    Args:
        tree: the parsed program.
        tables: grows by the program's units, sites and blocks.
        source: index of the program's text in the tables.
        outside: names that the namespace holds already.
        keep_last: give the value of a final expression to the hook `keep` (a notebook cell's result).
        module_frame: the module itself runs, so that its frame is at the bottom of the stack.
    """
    found = survey(tree, outside)
    transformer = _Transformer(Context(tables, source, found, module_frame=module_frame))
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
    count = int(bool(body) and _is_docstring(body[0]))
    while (
        count < len(body)
        and isinstance(future := body[count], ast.ImportFrom)
        and future.module == "__future__"
    ):
        count += 1
    return count


def _may_take_long(node: ast.stmt) -> bool:
    """Whether a statement outside loops might run for long: it calls something, or raises to a power."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)):
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
        """The statements of a block with their line events. A statement on `after_line` has been announced already."""
        result: list[ast.stmt] = []
        for node in body:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            if self.survey.exact:
                self.close()
                result.append(at(statement(hook("tick")), node))
            elif not self.context.scope.loops and _may_take_long(node):
                self.close()
                result.append(at(tick_statement(), node))
            if first != after_line and not isinstance(node, _NO_CODE):
                result += self.line(node, first)
            after_line = (
                node.lineno if isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.Return)) else 0
            )
            new = self.visit(node)
            result += new if isinstance(new, list) else [new]
            if isinstance(node, (ast.Break, ast.Continue, ast.Return, ast.Raise)):
                self.close()  # nothing comes after it
        return result

    def branch(self, body: Sequence[ast.stmt], after_line: int = 0) -> list[ast.stmt]:
        """A suite that is entered from elsewhere: it begins, and what follows it begins, with a block of its own."""
        self.close()
        result = self.suite(body, after_line)
        self.close()
        return result

    def line(self, node: ast.AST, number: int, past: ast.AST | None = None) -> list[ast.stmt]:
        self.line_now = number
        where = ast.copy_location(ast.Pass(), node)
        if number != getattr(node, "lineno", number):
            where.lineno = where.end_lineno = number
        elif isinstance(node, _HEADED):
            where.end_lineno, where.end_col_offset = number, node.col_offset
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
        again = self.say(site, node=node, past=node.body[-1])
        self.close()
        self.context.scope.loops -= 1
        body = [*_before_continues(body, lambda: self.again(site, node)), *again]
        if constant:  # kept a constant for the compiler: without it, code after the loop would count as reachable
            body = [at(tick_statement(), node), *body]
            looked: ast.expr = node.test
        else:
            looked = at(either(tick(), test), node.test)
        return [at(ast.While(looked, body, self.branch(node.orelse)), node)]

    def line_site(self, node: ast.stmt) -> int:
        where = ast.copy_location(ast.Pass(), node)
        where.end_lineno, where.end_col_offset = node.lineno, node.col_offset
        return self.context.site("line", where)

    def again(self, site: int, node: ast.AST) -> list[ast.stmt]:
        """The header's line where a `continue` goes back to it."""
        self.close()
        result = self.say(site, node=node)
        self.close()
        return result

    def visit_For(self, node: ast.For | ast.AsyncFor) -> Any:
        site = self.line_site(node)
        start = None
        if isinstance(node, ast.AsyncFor):
            iterable = self.expression(node.iter)
        else:
            iterable, start = self.loop_start(node.iter, declare=True)
        self.close()
        head: list[ast.stmt] = [at(tick_statement(), node)]
        if isinstance(node, ast.AsyncFor):
            head.append(at(statement(hook("aligned", const(None))), node))
        if start is not None:
            loop, plain = start
            base = dotted(plain)
            element = self.context.site("iter", plain, {"base": base} if base else {})
            head += [at(statement(mark), node) for mark in self.ensure(node)]
            self.step([-2, loop, element])
        elif not bound_names(node.target):
            head += self.say(site, node=node)
        target, bind = self.received(node.target, node)
        self.context.scope.loops += 1
        body = [*head, *bind, *self.suite(node.body, node.lineno)]
        again = self.say(site, node=node, past=node.body[-1])
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
        popped = at(ast.Call(ast.Attribute(scratch(slot), "pop", ast.Load()), [const(0)], []), node)
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
            body += self.line(node, node.lineno, node.body[-1])  # the block's end calls `__exit__`, on this line
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
            where = ast.copy_location(ast.Pass(), case.pattern)
            sites.append(self.context.site("line", where))
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
        """A guard that reads names which its own pattern has just bound: they are logged, since nothing told of them yet."""
        scope = self.context.scope
        names = [x.id for x in ast.walk(guard) if isinstance(x, ast.Name)]
        scope.hidden += names
        new = self.expression(guard)
        del scope.hidden[len(scope.hidden) - len(names) :]
        return new

    # -- exceptions ----------------------------------------------------------------------------

    def visit_Try(self, node: Any) -> Any:
        node.body = self.branch(node.body)
        kinds = [handler.type for handler in node.handlers]
        if any(kind is not None and not _is_simple(kind) for kind in kinds):
            node.body = self.noticed(node.body, node)  # what the handlers' types call may have blocks of its own
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
        trace = ast.Attribute(hook("exception"), "__traceback__", ast.Load())
        frame = hook("id", hook("getframe"))
        note = ast.Tuple([const(site), const(kind), hook("exception"), trace, frame], ast.Load())
        path = ast.Call(ast.Attribute(placeholder("path"), "append", ast.Load()), [const(CAUGHT)], [])
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

    # -- frames --------------------------------------------------------------------------------

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
            leave = hook("left", const(self.context.site("leave", node)), value)
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
        scope = function_scope(node, unit, outer.class_name, self.survey)
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
        if not scope.resumable:
            head.append(at(tick_statement(), node))
        marks = self.ensure(node)
        head += [at(statement(mark), node) for mark in marks]
        temporaries: list[Source] = []
        if scope.resumable:
            put, token = self.put(context.tables.column(), at(hook("entered"), node), node)
            head += [at(statement(one), node) for one in put]
            temporaries.append(token)
        for parameter in names:
            put, temporary = self.put(context.tables.column(), ast.Name(parameter, ast.Load()), node)
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
        docstring = int(_is_docstring(body[0]))
        scope = self.context.scope
        last = body[-1]
        inner = self.suite(body[docstring:])
        unwind = self.context.site("unwind", node)
        leave = self.context.site("leave", node)
        if not scope.deferred_leave:
            if scope.careful or scope.resumable:
                self.close()
                inner.append(at(statement(hook("left", const(leave), const(None))), node))
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

    # -- everything else -----------------------------------------------------------------------

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> Any:
        self.close()
        names = [(a.asname or a.name).split(".")[0] for a in node.names if a.name != "*"]
        return [node, *(self.binding(names, node) if names else [])]

    visit_ImportFrom = visit_Import

    def visit_TypeAlias(self, node: Any) -> Any:
        return node


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
    for node in ast.walk(pattern):
        if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            names.append(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.append(node.rest)
    return names


def _is_simple(kind: ast.expr) -> bool:
    return all(isinstance(x, (ast.Name, ast.Attribute, ast.Tuple, ast.expr_context)) for x in ast.walk(kind))


def _catches_ordinary_only(kind: ast.expr | None) -> bool:
    """Whether a handler names only exceptions that can't include ours, going by their builtin names."""
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return all(
        isinstance(k, ast.Name)
        and k.id.endswith(("Error", "Iteration", "Exception"))
        and k.id != "BaseException"
        for k in kinds
    )

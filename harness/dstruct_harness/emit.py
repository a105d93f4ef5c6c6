"""Owns the small expressions that transformed code is made of, and the block that is open while it is made.

A block's code is appended to the path where the block begins; a value is appended to its column where it is worked
out: `(column.append(E) or
column[-1])` evaluates E once, in any position where an expression may stand, with no name (docs/architecture.md,
"Inlined emission"). The append of a
list by its own name is the cheapest call there is (CPython's specialising interpreter has an instruction for it,
PEP 659).
"""

from __future__ import annotations

import ast
from typing import Any, Final, TypeVar

from .events import CONTROL
from .link import column as column_constant
from .link import placeholder
from .program import ANYWHERE, LOGGING, Block, Step
from .scopes import Context
from .trees import FIELDS, LOAD, make

TICK_CODES: Final = 16_384
"""The log is encoded, and clock and limits are looked at, when the path holds more codes than this."""

MARK_BLOCK: Final = 1_000_000
MARK_COLUMN: Final = 2_000_000
"""Columns in the source text that tell our calls from the learner's: base + code, base + column. `places.py`
reads them.
"""

LEAVING: Final = (4 * CONTROL["leave"], 4 * CONTROL["leave"] + 1)
"""The columns of the control code that takes a frame off: its site, and the value that the frame gave."""

N = TypeVar("N", bound=ast.AST)


_MORE: Final = ast.Gt()
_IN: Final = ast.In()
_OR: Final = ast.Or()
_PLACELESS: Final = (ast.arguments, ast.comprehension, ast.withitem, ast.match_case)


def at(new: N, old: ast.AST) -> N:
    """Give `new`, and what in it has no place yet, the place of `old`: tracebacks keep the learner's lines.

    What has a place is not entered: whoever gave it one has been through it.
    """
    line, column, end, end_column = _place(old)
    pending: list[Any] = [new]
    for node in pending:  # grows as we go
        if node is None:
            continue
        parts = node.__dict__
        if node.__class__ not in _PLACELESS:
            if "lineno" not in parts:
                parts["lineno"], parts["col_offset"] = line, column
                parts["end_lineno"], parts["end_col_offset"] = end, end_column
            elif node is not new:
                continue
        for name in FIELDS[node.__class__]:
            part = parts.get(name)
            if part.__class__ is list:
                pending += part
            elif part is not None:
                pending.append(part)
    return new


def _place(node: Any) -> tuple[int, int, int | None, int | None]:
    parts = node.__dict__
    line, end = parts.get("lineno", 1), parts.get("end_lineno")
    return line, parts.get("col_offset", 0), end, parts.get("end_col_offset")


def const(value: Any) -> ast.Constant:
    return make(ast.Constant, {"value": value, "kind": None})


def hook(name: str, *args: ast.expr) -> ast.Call:
    return make(ast.Call, {"func": placeholder(name), "args": list(args), "keywords": []})


def last(column: int) -> ast.Subscript:
    """The value put last into a column."""
    return make(ast.Subscript, {"value": column_constant(column), "slice": const(-1), "ctx": LOAD})


def either(*values: ast.expr) -> ast.expr:
    return make(ast.BoolOp, {"op": _OR, "values": list(values)}) if len(values) > 1 else values[0]


def both(*values: ast.expr) -> ast.BoolOp:
    return ast.BoolOp(ast.And(), list(values))


def marked(target: ast.Constant, value: ast.expr, node: ast.AST, position: int) -> ast.Call:
    """`target.append(value)`, placed on the node's line in a text column that says what it is."""
    line = getattr(node, "lineno", 1)
    target.lineno, target.col_offset = line, position
    place = {"lineno": line, "col_offset": position}
    append = make(ast.Attribute, {"value": target, "attr": "append", "ctx": LOAD, **place})
    if not hasattr(value, "lineno"):
        at(value, node)
    return make(ast.Call, {"func": append, "args": [value], "keywords": [], **place})


def full() -> ast.Compare:
    size, most = hook("len", placeholder("path")), const(TICK_CODES)
    return make(ast.Compare, {"left": size, "ops": [_MORE], "comparators": [most]})


def tick() -> ast.BoolOp:
    """Encode and look at the limits when it is time; falsy."""
    return both(full(), hook("tick"))


def tick_statement(*loop: ast.expr) -> ast.If:
    return make(ast.If, {"test": full(), "body": [statement(hook("tick", *loop))], "orelse": []})


def known(subject: ast.expr) -> ast.Compare:
    return make(
        ast.Compare, {"left": hook("id", subject), "ops": [_IN], "comparators": [placeholder("known")]}
    )


def statement(expression: ast.expr) -> ast.Expr:
    return make(ast.Expr, {"value": expression})


def variable(text: str) -> ast.Name:
    """A name that is read."""
    return make(ast.Name, {"id": text, "ctx": LOAD})


class Logged:
    """The source of a value that was put into a column: a temporary in its own block, the column's last value
    in another.
    """

    __slots__ = ("block", "column", "temporary")

    def __init__(self, block: Block, temporary: int, column: int) -> None:
        self.block = block
        self.temporary = temporary
        self.column = column

    def in_block(self, block: Block) -> Any:
        return self.temporary if block is self.block else ["p", self.column]


Source = Logged | list[Any]


def resolved(source: Any, block: Block) -> Any:
    """A source as the log's meta has it, in a step of `block`."""
    if isinstance(source, Logged):
        return source.in_block(block)
    return [resolved(part, block) if isinstance(part, (list, Logged)) else part for part in source]


class Emitter:
    """Keeps the open block. `ensure` opens one where none is; what it returns must be evaluated right there."""

    context: Context

    def __init__(self, context: Context) -> None:
        self.context = context
        self.block: Block | None = None
        self.activity = 0
        """Grows with each step and each boundary, so that one can tell whether there were any."""
        self.line_now = 1

    def ensure(self, node: ast.AST) -> list[ast.expr]:
        """The marks to evaluate here so that a block is open: one or none."""
        if self.block is not None:
            return []
        scope = self.context.scope
        unit = ANYWHERE if scope.generator_expression else scope.unit.id
        self.block = self.context.tables.block(unit, self.line_now)
        return [marked(placeholder("path"), const(self.block.code), node, MARK_BLOCK + self.block.code)]

    def close(self) -> None:
        """Something may happen here that has blocks of its own, or the path may part."""
        self.block = None
        self.activity += 1

    def step(self, form: Any, op: str = "", node: ast.AST | None = None) -> None:
        """A step that a certain instruction of `node` does, or (without `op`) that is done when the one before is."""
        end = _end(node) if op and node is not None else (0, 0)
        self._add(form, op, end)

    def _add(
        self,
        form: Any,
        op: str,
        end: tuple[int, int],
        start: tuple[int, int] = (0, 0),
        stop: tuple[int, int] = (0, 0),
    ) -> None:
        assert self.block is not None
        if isinstance(form, list):
            form = [part if isinstance(part, int) else resolved(part, self.block) for part in form]
        self.block.steps.append(Step(form, op, end, start, stop))
        self.activity += 1

    def event(self, site: int, *sources: Source, op: str = "", node: ast.AST | None = None) -> None:
        self.step([site, *sources], op, node)

    def logged(self, value: ast.expr, node: ast.AST) -> tuple[ast.expr, Logged]:
        """`value`, put into a new column on its way, and its source."""
        column = self.context.tables.column()
        put, found = self.put(column, value, node)
        return at(either(*put, last(column)), node), found

    def put(self, column: int, value: ast.expr, node: ast.AST) -> tuple[list[ast.expr], Logged]:
        """The expressions that put `value` into a column, and its source."""
        made = marked(column_constant(column), value, node, MARK_COLUMN + column)
        marks = self.ensure(node)
        assert self.block is not None
        # A mark comes after the value, whose own evaluation may have had blocks: the step is done when the
        # block begins.
        self.step(column, "" if marks else LOGGING)
        self.block.temporaries += 1
        return [made, *marks], Logged(self.block, self.block.temporaries - 1, column)

    def left(self, site: int, value: ast.expr) -> ast.expr:
        """`value`, which a frame gives that is left at once: somebody may wait for it in the middle of a block."""
        if self.context.scope.resumable:
            return hook("left", const(site), value)
        sites, values = LEAVING
        told = ((column_constant(values), value), (column_constant(sites), const(site)))
        puts = [ast.Call(ast.Attribute(target, "append", LOAD), [item], []) for target, item in told]
        code = ast.Call(ast.Attribute(placeholder("path"), "append", LOAD), [const(CONTROL["leave"])], [])
        return either(*puts, code, last(values))

    def say(self, site: int, *sources: Source, node: ast.AST, past: ast.AST | None = None) -> list[ast.stmt]:
        """An event between two statements: nothing, or the statement that opens its block.

        It happens when the program gets to `node`, or, where that lies behind it, when it is past the statement
        `past`.
        """
        marks = self.ensure(node)
        start = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        if past is None:
            self._add([site, *sources], "", (0, 0), start)
        else:
            self._add(
                [site, *sources],
                "",
                (0, 0),
                (getattr(past, "lineno", 0), getattr(past, "col_offset", 0)),
                _end(past),
            )
        return [at(statement(mark), node) for mark in marks]


def _end(node: ast.AST) -> tuple[int, int]:
    return (getattr(node, "end_lineno", 0) or 0, getattr(node, "end_col_offset", 0) or 0)

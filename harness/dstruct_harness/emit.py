"""Owns the small expressions that transformed code is made of: log a record, read it back, look at the clock.

The log's own tail is the temporary: `(ext((op, A, B)) or log[-2])[log[-1]]` evaluates A and B once, in order, in
any position an expression may stand, with no name (docs/architecture.md, "Inlined emission").
"""

from __future__ import annotations

import ast
from typing import Any, Final, TypeVar

from .link import placeholder

TICK_ENTRIES: Final = 4096
"""The log is encoded, and clock and limits are looked at, when it holds more entries than this."""

N = TypeVar("N", bound=ast.AST)


def at(new: N, old: ast.AST) -> N:
    """Give `new`, and what in it has no place yet, the place of `old`: tracebacks keep the learner's lines.

    What has a place is not entered: whoever gave it one has been through it.
    """
    pending: list[ast.AST] = [new]
    while pending:
        node = pending.pop()
        if "lineno" in node._attributes:
            if not hasattr(node, "lineno"):
                ast.copy_location(node, old)
            elif node is not new:
                continue
        pending.extend(ast.iter_child_nodes(node))
    return new


def const(value: Any) -> ast.Constant:
    return ast.Constant(value)


def call(function: ast.expr, *args: ast.expr) -> ast.Call:
    return ast.Call(function, list(args), [])


def hook(name: str, *args: ast.expr) -> ast.Call:
    return call(placeholder(name), *args)


def log(op: int, *operands: ast.expr) -> ast.Call:
    """Append one record; the value of the call is None."""
    if not operands:
        return hook("app", const(op))
    return hook("ext", ast.Tuple([const(op), *operands], ast.Load()))


def tail(back: int) -> ast.Subscript:
    """The log's entry `back` places from its end."""
    return ast.Subscript(placeholder("log"), const(-back), ast.Load())


def either(*values: ast.expr) -> ast.BoolOp:
    return ast.BoolOp(ast.Or(), list(values))


def both(*values: ast.expr) -> ast.BoolOp:
    return ast.BoolOp(ast.And(), list(values))


def full() -> ast.Compare:
    return ast.Compare(hook("len", placeholder("log")), [ast.Gt()], [const(TICK_ENTRIES)])


def tick() -> ast.BoolOp:
    """Encode and look at the limits when it is time; falsy."""
    return both(full(), hook("tick"))


def reach() -> ast.BoolOp:
    """Like `tick`, right after a line event: what came before that line is sent, since its statement may never end."""
    return both(full(), hook("reach"))


def first_sight(subject: ast.expr, again: ast.expr) -> ast.BoolOp:
    """Keep an unknown container's contents before its first change; falsy. `subject` and `again` are the same place."""
    unknown = ast.Compare(hook("id", subject), [ast.NotIn()], [placeholder("known")])
    return both(unknown, hook("first", again))


def token() -> ast.Call:
    """What tells one generator's frame from another's, while it lives."""
    return hook("id", hook("getframe"))


def statement(expression: ast.expr) -> ast.Expr:
    return ast.Expr(expression)


class Emission(ast.Expr):
    """A statement that only logs. Two in a row become one call where the second one's operands cannot log."""

    _fields = ("value",)
    pure: bool = False


def emission(op: int, *operands: ast.expr) -> Emission:
    new = Emission(log(op, *operands))
    new.pure = all(isinstance(operand, (ast.Name, ast.Constant)) for operand in operands)
    return new


def _entries(value: ast.expr) -> list[ast.expr]:
    assert isinstance(value, ast.Call)
    argument = value.args[0]
    return list(argument.elts) if isinstance(argument, ast.Tuple) else [argument]


def merged(statements: list[ast.stmt]) -> list[ast.stmt]:
    """`statements` with neighbouring emissions joined, as plain `ast.Expr` where they stay."""
    result: list[ast.stmt] = []
    for current in statements:
        last = result[-1] if result else None
        if isinstance(current, Emission) and current.pure and isinstance(last, Emission):
            entries = _entries(last.value) + _entries(current.value)
            joined = Emission(at(hook("ext", ast.Tuple(entries, ast.Load())), last.value))
            joined.pure = last.pure
            result[-1] = at(ast.copy_location(joined, last), last)
        else:
            result.append(current)
    return result


def plain(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Emissions turned into the ordinary expression statements that the compiler knows."""
    return [
        ast.copy_location(ast.Expr(one.value), one) if isinstance(one, Emission) else one
        for one in merged(statements)
    ]

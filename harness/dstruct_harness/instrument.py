"""Owns turning source into traced code, and lending traced code to functions that exist already.

Functions from earlier notebook cells are stepped into by swapping their `__code__` for a run and putting it back;
functions that a traced program defined are given their plain code when the run is over, so that nothing of ours stays
in the learner's objects.
"""

from __future__ import annotations
import __future__

import ast
import gc
import linecache
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any, Final

from .link import code_objects, compile_quietly, link
from .places import first_block
from .program import ANYWHERE, Unit
from .recorder import Recorder
from .transform import Transformed, transform

CodeKey = tuple[str, int, int]

_INLINE: Final = frozenset(("<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"))
"""Names of code objects that are expressions: nothing in them can catch an exception."""


@dataclass(frozen=True, slots=True)
class Traced:
    """One program, transformed: its traced code, the plain code of each traced code object, its module unit
    and names.
    """

    code: CodeType
    unit: Unit
    names: frozenset[str]
    plain_of: Mapping[int, CodeType]
    by_key: Mapping[CodeKey, CodeType]
    filename: str


def keyed(code: CodeType) -> dict[CodeKey, CodeType]:
    """Code objects by qualified name, line and count among their likes: the same in plain and traced code."""
    seen: Counter[tuple[str, int]] = Counter()
    result = {}
    for one in code_objects(code):
        name = (one.co_qualname, one.co_firstlineno)
        result[(*name, seen[name])] = one
        seen[name] += 1
    return result


def trace_source(
    recorder: Recorder,
    text: str,
    filename: str,
    *,
    outside: Collection[str] = (),
    keep_last: bool = False,
    module_frame: bool = True,
    foreign: bool = False,
) -> Traced:
    """Parse, transform, compile and link a program, or a module with globals of its own (`foreign`). Raises
    SyntaxError or ValueError like `compile`.
    """
    plain = compile(text, filename, "exec", dont_inherit=True)
    tables = recorder.tables

    def transformed() -> Transformed:
        return transform(
            ast.parse(text, filename),
            tables,
            tables.source(filename, text),
            outside=outside,
            keep_last=keep_last,
            module_frame=module_frame,
            foreign=foreign,
            exact=recorder.exact,
        )

    with _room_for_depth(), _no_collections():
        code, unit, names = _traced_code(recorder, transformed(), filename, plain.co_flags)
    plain_codes, traced_codes = keyed(plain), keyed(code)
    plain_of = {id(traced_codes[key]): plain_codes[key] for key in traced_codes if key in plain_codes}
    for one in code_objects(code):
        block = first_block(one)
        if block is not None:
            inline = one.co_name in _INLINE
            own = ANYWHERE if inline and one.co_name != "<lambda>" else tables.blocks[block].unit
            recorder.adopt(one, own, handlerless=inline, is_lambda=one.co_name == "<lambda>")
    return Traced(code, unit, names, plain_of, traced_codes, filename)


def _traced_code(
    recorder: Recorder, new: Transformed, filename: str, flags: int
) -> tuple[CodeType, Unit, frozenset[str]]:
    """The code of a transformed program, which nobody needs any more then, its unit and names."""
    recorder.exact = recorder.exact or new.exact
    future = flags & __future__.annotations.compiler_flag
    compiled = compile_quietly(new.tree, filename, future_flags=future)
    return link(compiled, recorder.hooks(), recorder.encoder.column), new.unit, new.names


@contextmanager
def _room_for_depth() -> Iterator[None]:
    """Long expressions nest deeply, and our trees deeper than plain ones."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 5_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@contextmanager
def _no_collections() -> Iterator[None]:
    """A tree is many objects and no garbage: the cycle collector would go through everything there is, again and again,
    for nothing. What is made in here should be gone when it ends.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def functions_in(namespace: Mapping[str, Any], module: str = "__main__") -> Iterator[FunctionType]:
    """The Python functions a namespace reaches: its own, those behind decorators, those in its module's classes."""
    seen: set[int] = set()
    pending = list(namespace.values())
    while pending:
        item = pending.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        kind = type(item)
        if kind is FunctionType:
            yield item
            pending.append(item.__dict__.get("__wrapped__"))
            pending += [cell.cell_contents for cell in item.__closure__ or () if _filled(cell)]
        elif kind in (staticmethod, classmethod):
            pending.append(item.__func__)
        elif kind is property:
            pending += (item.fget, item.fset, item.fdel)
        elif isinstance(item, type) and type.__dict__["__module__"].__get__(item) == module:
            pending += type.__dict__["__dict__"].__get__(item).values()
        elif not isinstance(item, type) and kind.__module__ == "functools":
            pending.append(getattr(item, "__wrapped__", None))


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


@dataclass(slots=True)
class Loan:
    """Traced code lent to existing functions; `give_back` undoes it."""

    lent: list[tuple[FunctionType, CodeType]] = field(default_factory=list)

    def lend(self, function: FunctionType, code: CodeType) -> None:
        self.lent.append((function, function.__code__))
        function.__code__ = code

    def give_back(self) -> None:
        for function, plain in reversed(self.lent):
            function.__code__ = plain
        self.lent.clear()


def lend(
    recorder: Recorder, functions: Iterator[FunctionType], namespace: Mapping[str, Any]
) -> tuple[Loan, set[str]]:
    """Step into functions whose source is known: swap in traced code. Returns the loan and their file names."""
    loan = Loan()
    traced: dict[str, Traced | None] = {}
    for function in functions:
        if function.__globals__ is not namespace:
            continue  # a library's: the method of a base class, the wrapper that a decorator made
        plain = function.__code__
        filename = plain.co_filename
        if filename not in traced:
            lines = linecache.getlines(filename)
            try:
                source = "".join(lines)
                traced[filename] = (
                    trace_source(recorder, source, filename, outside=namespace, module_frame=False)
                    if lines
                    else None
                )
            except (SyntaxError, ValueError, RecursionError):
                traced[filename] = None  # a cell with IPython syntax in it: its functions stay opaque
        found = traced[filename]
        code = traced_counterpart(found, plain) if found is not None else None
        if code is not None:
            loan.lend(function, code)
    return loan, {filename for filename, found in traced.items() if found is not None}


def traced_counterpart(traced: Traced, plain: CodeType) -> CodeType | None:
    """The traced code of `plain`, if there is just one candidate and their variables agree."""
    name = (plain.co_qualname, plain.co_firstlineno)
    found = [code for key, code in traced.by_key.items() if key[:2] == name]
    if (
        len(found) == 1
        and found[0].co_freevars == plain.co_freevars
        and found[0].co_varnames == plain.co_varnames
    ):
        return found[0]
    return None


def restore_plain(traced: Traced) -> None:
    """Give every function that the program left behind its plain code."""
    for item in gc.get_objects():
        if type(item) is FunctionType:
            plain = traced.plain_of.get(id(item.__code__))
            if plain is not None and plain.co_freevars == item.__code__.co_freevars:
                item.__code__ = plain

"""Owns finding what defined a class of the notebook, and which names a piece of code may ask for."""

from __future__ import annotations
import __future__

import ast
import dis
import functools
import linecache
import operator
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any, Final

from .rebuild import class_nodes

_FUTURE: Final = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)
_ASKING: Final = frozenset(
    "LOAD_NAME LOAD_GLOBAL DELETE_NAME DELETE_GLOBAL LOAD_FROM_DICT_OR_GLOBALS".split()
)
_OPTIMIZED: Final = 0x1
"""Set in the code of functions, not in that of modules and class bodies."""
_AT_ONCE: Final = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
"""Functions that run where they are written."""
_ANY_NAME: Final = frozenset(("eval", "exec", "globals", "locals", "vars", "dir"))
"""With these a program may use names that do not stand in it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A class statement: where it stands, what it needs while it runs, and what its methods may ask for later."""

    filename: str
    line: int
    name: str
    flags: int
    needs: frozenset[str]
    later: frozenset[str]


def names_of(code: CodeType) -> frozenset[str]:
    """The global names that `code`, or any code inside it, asks for."""
    names = _asked_for(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= names_of(constant)
    return frozenset(names)


def _asked_for(code: CodeType) -> set[str]:
    return {str(each.argval) for each in dis.get_instructions(code) if each.opname in _ASKING}


def may_use_any(names: frozenset[str]) -> bool:
    """Whether code that uses `names` can reach names that do not stand in it."""
    return not _ANY_NAME.isdisjoint(names)


def future_flags(code: CodeType) -> int:
    """The `from __future__` flags that `code` was compiled with."""
    return int(code.co_flags & _FUTURE)


def find_statement(kind: type) -> Statement | None:
    """The statement that defined a class of `__main__`; None if it is not known."""
    name = type.__dict__["__name__"].__get__(kind)
    methods = [value for value in vars(kind).values() if type(value) is FunctionType]
    own = [method for method in methods if _stands_in(method, kind)]
    flags = future_flags(own[0].__code__) if own else _shell_flags()
    for filename in dict.fromkeys([_file(own[0])] if own else _cells()):
        try:
            tree = ast.parse(_text(filename), filename)
        except (SyntaxError, ValueError, RecursionError):
            continue
        node = _choose(class_nodes(tree, name), kind, own)
        if node is not None:
            code = compile(
                ast.Module(body=[node], type_ignores=[]), filename, "exec", flags=flags, dont_inherit=True
            )
            needs = _needed_at_once(code) - {name}
            return Statement(filename, node.lineno, name, flags, needs, names_of(code))
    return None


def _stands_in(method: FunctionType, kind: type) -> bool:
    """Whether a function was written in the class's statement, rather than made by a decorator elsewhere."""
    return (
        method.__qualname__ == f"{kind.__qualname__}.{method.__name__}"
        and method.__globals__.get("__name__") == "__main__"
        and bool(_text(_file(method)))
    )


def _choose(nodes: list[ast.ClassDef], kind: type, methods: list[FunctionType]) -> ast.ClassDef | None:
    """Of the statements with the right name the one that fits, the last if many do."""
    line = getattr(kind, "__firstlineno__", None)  # from Python 3.13 on
    if methods:
        line = methods[0].__code__.co_firstlineno
    fitting = [node for node in nodes if _binds(node) <= vars(kind).keys()]
    if line is not None:
        fitting = [n for n in fitting if _first_line(n) <= line <= (n.end_lineno or n.lineno)]
    return fitting[-1] if fitting else None


def _first_line(node: ast.ClassDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _binds(node: ast.ClassDef) -> set[str]:
    """Names that the class's body certainly binds. (Private ones are called otherwise in the class.)"""
    names: set[str] = set()
    for item in node.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(item.name)
        elif isinstance(item, ast.Assign):
            names |= {target.id for target in item.targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def _needed_at_once(code: CodeType) -> frozenset[str]:
    names = _asked_for(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType) and (
            not constant.co_flags & _OPTIMIZED or constant.co_name in _AT_ONCE
        ):
            names |= _needed_at_once(constant)
    return frozenset(names)


def _cells() -> Iterator[str]:
    """Texts that a class of `__main__` may stand in, the latest first: cells, then the program's own file."""
    yield from reversed(
        [name for name, entry in linecache.cache.items() if len(entry) == 4 and entry[1] is None]
    )
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if file:
        yield file


def _file(function: FunctionType) -> str:
    return function.__code__.co_filename


def _text(filename: str) -> str:
    return "".join(linecache.getlines(filename))


def _shell_flags() -> int:
    """The flags that IPython keeps from cell to cell."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return int(shell.compile.flags) & _FUTURE if shell is not None else 0

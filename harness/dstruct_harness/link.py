"""Owns how our objects get into the learner's code: placeholder constants in the AST, swapped in `co_consts`.

No name is needed (nothing shows in `locals()`, `globals()` or `dir()`) and a constant is the cheapest load there
is. A placeholder must be a constant that the compiler cannot fold when it is called or subscripted: a complex
number with an improbable real part.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import CodeType
from typing import Any, Final

from .trees import make

_MARK: Final = 8.6431e-211

HOOKS: Final = (
    "path",
    "len",
    "tick",
    "id",
    "type",
    "known",
    "first",
    "list",
    "dict",
    "set",
    "deque",
    "int",
    "immutable",
    "resync",
    "hold",
    "settle",
    "pre",
    "pop",
    "fin",
    "failed",
    "open",
    "pre_store",
    "pre_aug",
    "lay",
    "laid",
    "pick",
    "escaping",
    "look",
    "setitem",
    "delitem",
    "setattr",
    "exception",
    "note",
    "stopping",
    "careful",
    "entered",
    "gave",
    "resumed",
    "woken",
    "awaiting",
    "aligned",
    "left",
    "returning",
    "finished",
    "slice",
    "keep",
    "iadd",
    "isub",
    "imul",
    "imatmul",
    "itruediv",
    "ifloordiv",
    "imod",
    "ipow",
    "ilshift",
    "irshift",
    "ior",
    "ixor",
    "iand",
)
"""Every object of ours that transformed code may use; `recorder.hooks()` provides exactly these."""

_INDEX: Final = {name: number for number, name in enumerate(HOOKS)}
_SCRATCH: Final = 100_000
"""Placeholders from here on stand for a fresh dict each: the scratch space of one unpacking assignment."""
_COLUMN: Final = 1_000_000
"""Placeholders from here on stand for the list that collects a column's values."""


def placeholder(name: str) -> ast.Constant:
    """The constant that stands for the hook `name` until `link` swaps it."""
    return _constant(complex(_MARK, _INDEX[name] + 1))


def scratch(number: int) -> ast.Constant:
    """The constant that stands for scratch dict `number` of this program."""
    return _constant(complex(_MARK, _SCRATCH + number))


def column(number: int) -> ast.Constant:
    """The constant that stands for the list of column `number`."""
    return _constant(complex(_MARK, _COLUMN + number))


def _constant(value: complex) -> ast.Constant:
    return make(ast.Constant, {"value": value, "kind": None})


def compile_quietly(tree: ast.Module, filename: str, *, future_flags: int = 0) -> CodeType:
    """Compile a transformed tree; warnings about it are ours and say nothing about the learner's program."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code: CodeType = compile(tree, filename, "exec", flags=future_flags, dont_inherit=True)
    return code


def link(code: CodeType, hooks: Mapping[str, Any], columns: Callable[[int], list[Any]]) -> CodeType:
    """`code` with every placeholder, at any depth, replaced by the object it stands for."""
    return _Linker(hooks, columns).link(code)


class _Linker:
    """Knows what placeholders stand for, in one program. (Functions that call each other by closure would keep all of
    it alive until the cycle collector comes.)
    """

    def __init__(self, hooks: Mapping[str, Any], columns: Callable[[int], list[Any]]) -> None:
        self._hooks = hooks
        self._columns = columns
        self._scratches: dict[float, dict[int, object]] = {}

    def link(self, code: CodeType) -> CodeType:
        return code.replace(co_consts=tuple(map(self._swap, code.co_consts)))

    def _swap(self, constant: Any) -> Any:
        if isinstance(constant, CodeType):
            return self.link(constant)
        if type(constant) is complex and constant.real == _MARK:
            if constant.imag >= _COLUMN:
                return self._columns(int(constant.imag) - _COLUMN)
            if constant.imag >= _SCRATCH:
                return self._scratches.setdefault(constant.imag, {})
            return self._hooks[HOOKS[int(constant.imag) - 1]]
        return constant


def code_objects(code: CodeType) -> Iterator[CodeType]:
    """`code` and every code object nested in its constants, outermost first."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from code_objects(constant)

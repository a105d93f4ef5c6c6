"""Owns making a notebook's functions, classes and objects again in the child: the functions that pickles call.

Only the child calls them. The names it builds live in its `__main__`, where the program will run.
"""

from __future__ import annotations

import ast
import functools
import importlib
import linecache
import marshal
import sys
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from types import CellType, FunctionType, ModuleType
from typing import Any, Final

_FUNCTION_STATE: Final = (
    "__defaults__",
    "__kwdefaults__",
    "__annotate__",
    "__annotations__",
    "__doc__",
    "__qualname__",
    "__module__",
    "__type_params__",
)


def main_names() -> dict[str, Any]:
    """The namespace the program will run in."""
    return sys.modules["__main__"].__dict__


def module(name: str) -> ModuleType:
    """The module, imported."""
    return importlib.import_module(name)


def cell(*_: Any) -> CellType:
    """A variable shared by closures, still empty."""
    return CellType()


def fill_cell(made: CellType, contents: tuple[Any]) -> None:
    """Give a closure's variable its value."""
    made.cell_contents = contents[0]


def function(code: bytes, name: str, cells: tuple[CellType, ...] | None) -> FunctionType:
    """A function from its code; its globals are the program's."""
    return FunctionType(marshal.loads(code), main_names(), name, None, cells)


def function_state(made: FunctionType) -> dict[str, Any]:
    """What else there is to a function: defaults, annotations, attributes."""
    names = [
        name
        for name in _FUNCTION_STATE
        if name != ("__annotations__" if sys.version_info >= (3, 14) else "__annotate__")
    ]
    return {**{name: getattr(made, name, None) for name in names}, "": dict(made.__dict__)}


def fill_function(made: FunctionType, state: dict[str, Any]) -> None:
    """Undo `function_state`."""
    made.__dict__.update(state.pop(""))
    for name, value in state.items():
        if value is not None:
            setattr(made, name, value)


def cached(plain: Callable[..., Any], parameters: Mapping[str, Any]) -> Any:
    """A function behind `functools.lru_cache`, with nothing in its cache yet."""
    return functools.lru_cache(**parameters)(plain)


def tuple_class(name: str, fields: Sequence[str], defaults: Mapping[str, Any]) -> Any:
    """A class as `collections.namedtuple` makes it."""
    make: Any = namedtuple  # a checker knows only classes whose names stand in the source
    return make(name, fields, defaults=list(defaults.values()), module="__main__")


def enum_class(base: Any, name: str, members: Mapping[str, Any]) -> Any:
    """An enumeration made by a call of `base`, like `Enum("Colour", "RED GREEN")`."""
    return base(name, dict(members), module="__main__")


def class_statement(filename: str, line: int, name: str, flags: int, names: dict[str, Any]) -> Any:
    """Run a class statement of an earlier cell again.

    Args:
        filename: the cell, whose source the child was told.
        line: the statement's line.
        name: what the statement binds.
        flags: the cell's `from __future__` flags.
        names: what the statement uses while it runs.
    """
    tree = ast.parse("".join(linecache.getlines(filename)), filename)
    statement = next(node for node in class_nodes(tree, name) if node.lineno == line)
    module_node = ast.Module(body=[statement], type_ignores=[])
    names_now = main_names()
    names_now.update(names)
    before = names_now.get(name, names_now)
    exec(compile(module_node, filename, "exec", flags=flags, dont_inherit=True), names_now)
    made = names_now.pop(name)
    if before is not names_now:
        names_now[name] = before
    return made


def class_nodes(tree: ast.Module, name: str) -> list[ast.ClassDef]:
    """The class statements called `name` at module level, also inside `if`, `try` and the like."""
    found, pending = [], list[ast.AST](tree.body)
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.ClassDef):
            found += [node] * (node.name == name)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            pending += ast.iter_child_nodes(node)
    return sorted(found, key=lambda node: node.lineno)


def fill_class(made: type, values: dict[str, Any]) -> None:
    """Give a class's own data the values they had, not those its statement begins with."""
    for name, value in values.items():
        type.__setattr__(made, name, value)


def plain_object(kind: type) -> Any:
    """An object without its attributes: they come later, so that a long chain does not nest."""
    return object.__new__(kind)


def fill_object(made: Any, state: Any) -> None:
    """Give an object its attributes, as `object`'s own pickling describes them, asking its class nothing."""
    attributes, slots = state if isinstance(state, tuple) else (state, None)
    if attributes:
        made.__dict__.update(attributes)
    for name, value in (slots or {}).items():
        object.__setattr__(made, name, value)

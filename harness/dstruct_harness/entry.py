"""Owns calling into a program: finding the entry and what it is provided with, formatting what it returns."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, Final

from .arguments import call_arguments as call_arguments
from .atoms import DIGITS_BITS
from .provided import node_classes
from .shapes import ATOMIC_TYPES

SHOWN: Final = 10_000
"""Characters of a display string, and parts of a value looked through for one."""


def provided_names(code: str) -> dict[str, Any]:
    """`TreeNode` and `ListNode`, where the program does not define them itself."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return {}
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    return {name: kind for name, kind in node_classes().items() if name not in own}


def infer_entry(code: str) -> str | None:
    """What to call when arguments are given and no entry: `Solution`'s first public method, else the last
    function.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return None
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Solution":
            methods = [item.name for item in node.body if isinstance(item, ast.FunctionDef)]
            public = [name for name in methods if not name.startswith("_")]
            return f"Solution.{public[0]}" if public else None
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return functions[-1] if functions else None


def find_entry(names: Mapping[str, Any], entry: str) -> Callable[..., Any]:
    """The function, or the method of a fresh instance for `Class.method`. Raises NameError where there is none."""
    first, _, method = entry.partition(".")
    if first not in names:
        raise NameError(f"the program defines no {first!r} to call")
    target = names[first]
    found = getattr(target(), method) if method else target
    if not callable(found):
        raise TypeError(f"{entry!r} is a {type(found).__name__}, not a function")
    return found  # type: ignore[no-any-return]


def format_result(value: Any) -> str:
    """The display string of what an entry returned: its `repr`, bounded; the type's name where `repr` fails.

    Part of the run: a `__repr__` of the learner's may print, and may be stopped.
    """
    try:
        text = repr(value)
    except Exception:
        return f"<{type(value).__name__}>"
    return _bounded(text)


def display(value: Any) -> str:
    """The display string of a value, without running any code of the learner's: `<Name>` for objects of theirs."""
    return (
        _bounded(repr(value)) if _is_plain(value) else f"<{type.__dict__['__name__'].__get__(type(value))}>"
    )


def _bounded(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _is_plain(value: Any) -> bool:
    """Whether a value consists of builtin types only; large ones are not looked through and count as not."""
    pending, seen = [value], 0
    while pending:
        item = pending.pop()
        seen += 1
        kind = type(item)
        if seen > SHOWN or (kind is int and item.bit_length() > DIGITS_BITS):
            return False
        if kind is dict:
            pending += [part for pair in item.items() for part in pair]
        elif kind in (list, tuple, set, frozenset):
            pending += item
        elif kind not in ATOMIC_TYPES:
            return False
    return True

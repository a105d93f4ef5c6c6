"""Owns what can be known of a program's names without running it: who is only ever defined, imported, a method.

The recorder's cost at a call depends on it, its correctness does not: whatever is not surely harmless takes the
careful path.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

HARMLESS_BUILTINS: Final = frozenset(
    """abs all any ascii bin bool bytes callable chr complex dict dir divmod enumerate filter float
    format frozenset getattr hasattr hash hex id input int isinstance issubclass iter len list map max
    memoryview min next object oct ord pow print range repr reversed round set slice sorted str sum
    super tuple type zip""".split()
) | {name for name in dir(builtins) if name.endswith(("Error", "Exception", "Warning", "Iteration"))}
"""Builtins that change no container they are given (what they call back is traced by itself)."""

HARMLESS_METHODS: Final = frozenset(
    """join split rsplit splitlines format lower upper strip lstrip rstrip title capitalize startswith
    endswith isdigit isalpha isalnum isspace islower isupper zfill center ljust rjust find rfind
    encode decode replace items keys values copy partition is_integer bit_length most_common elements
    total""".split()
)

MODELLED_METHODS: Final = frozenset(
    """append pop popleft appendleft add discard insert get setdefault index count popitem clear""".split()
)
"""Methods whose effect follows from receiver, arguments and result: recorded inline (see `effects.py`)."""


@dataclass(frozen=True, slots=True)
class Survey:
    """`defined`: names bound by nothing but def or class. `bound`: all names bound anywhere. `modules`: names that
    imports bind. `methods`: functions defined in class bodies."""

    defined: frozenset[str]
    bound: frozenset[str]
    modules: frozenset[str]
    methods: frozenset[str]


def survey(tree: ast.Module, outside: Collection[str] = ()) -> Survey:
    """Survey a module; `outside` are names that the namespace it runs in already holds."""
    definitions: set[str] = set()
    others: set[str] = set(outside)
    modules: set[str] = set()
    methods: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            definitions.add(node.name)
            if isinstance(node, ast.ClassDef):
                methods |= {
                    item.name
                    for item in node.body
                    if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))
                }
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            others.add(node.id)
        elif isinstance(node, ast.arg):
            others.add(node.arg)
        elif isinstance(node, ast.Import):
            modules |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            others |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            others.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            others.add(node.rest)
    return Survey(
        frozenset(definitions - others - modules),
        frozenset(definitions | others | modules),
        frozenset(modules - others - definitions),
        frozenset(methods),
    )

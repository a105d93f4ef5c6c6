"""Owns walking syntax trees. Python's own `ast.walk` asks every field of every node what it is; the transform looks at
each node many times, so here it is known which fields can hold nodes at all.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from types import NoneType
from typing import Any, Final, TypeVar

NESTED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
"""Nodes whose inside is a scope of its own."""
_NESTED: Final = frozenset(NESTED)

_LEAVES: Final = frozenset(
    """id attr ctx op ops arg name names rest kwd_attrs module level simple kind conversion is_async str
    type_comment type_ignores tag""".split()
)
"""Fields that hold text, numbers, operators and contexts (what is imported, too): nothing to walk into."""


class _Fields(dict[type, tuple[str, ...]]):
    def __missing__(self, kind: type) -> tuple[str, ...]:
        named = kind.__name__ == "TypeAlias"  # whose name is a node
        found = tuple(
            name for name in getattr(kind, "_fields", ()) if name not in _LEAVES or (named and name == "name")
        )
        self[kind] = found
        return found


_NEW: Final = ast.AST.__new__

FIELDS: Final = _Fields({NoneType: (), ast.Constant: (), ast.MatchSingleton: ()})
"""The fields of each kind of node that hold nodes, or lists of nodes."""


LOAD: Final = ast.Load()
"""The one context that all our loads share."""

N = TypeVar("N", bound=ast.AST)


def make(kind: type[N], parts: dict[str, Any]) -> N:
    """A node of these parts, and of nothing else: what it needs must be there. Twice as quick as calling its class,
    which looks at each part; the transform makes five nodes for each of the learner's.
    """
    node = _NEW(kind)
    node.__dict__ = parts
    return node


def walk(*roots: ast.AST | None) -> list[Any]:
    """The roots and all nodes below them, breadth first, without operators and contexts. Where a list has a gap (a
    missing default, `**` in a dict) there is None.
    """
    return _below(list(roots), frozenset())


def own_nodes(body: Iterable[ast.AST]) -> list[Any]:
    """As `walk`, without what is inside nested functions and classes, which themselves are there."""
    return _below(list(body), _NESTED)


def _below(nodes: list[Any], closed: frozenset[type]) -> list[Any]:
    """The nodes and all below them but those inside nodes of the kinds that are `closed`."""
    for node in nodes:  # grows as we go
        if node.__class__ in closed:
            continue
        for name in FIELDS[node.__class__]:
            part = getattr(node, name, None)
            if part.__class__ is list:
                nodes += part
            elif part is not None:
                nodes.append(part)
    return nodes


def by_kind(nodes: Iterable[Any]) -> dict[type, list[Any]]:
    """Nodes by what they are, each kind in the order of `nodes`; no kind is missing."""
    found: defaultdict[type, list[Any]] = defaultdict(list)
    for node in nodes:
        found[node.__class__].append(node)
    return found

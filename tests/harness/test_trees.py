"""Walking trees finds what Python's own walk finds, and nodes made quickly are nodes like any other."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections import Counter

import pytest
from dstruct_harness.trees import NESTED, by_kind, make, own_nodes, walk

PASSED_OVER = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.alias)

SYNTAX = """
@decorate(1)
async def f(a, /, b: int = 1, *args, c, d=2, **rest) -> None:
    async with x() as (y, z), w: pass
    async for i in g(): await h()
    return [q async for q in r if q]
class C(B, metaclass=M):
    __slots__: tuple = ()
    def m(self):
        global G
        nonlocal_free = {**a, 'k': f'{v!r:>{w}}', **b}
        try: del a[1:2, ::3], b.c
        except (A, B) as e: raise X from e
        except C: raise
        else: assert a, b
        finally: yield
match p:
    case {'k': [1, *r], **rest} if r: pass
    case Point(x=0) | None as n: pass
    case -1 | 'a': pass
lambda v=1: (yield from v)
a[0], *b = (w := not c < 2 <= d) if e else {1, *f}
print(*a, end='')
import os.path as p, sys
from . import q as r
x += ~1 @ y
"""


TYPE_PARAMETERS = """
type T[A: (int, str), *B, **C] = dict[A, B]
def f[D: int](x: D): pass
"""
NEWER = [TYPE_PARAMETERS] if sys.version_info >= (3, 12) else []


@pytest.mark.parametrize("source", [SYNTAX, *NEWER, *map(inspect.getsource, (ast, inspect, textwrap))])
def test_a_walk_finds_every_node(source: str) -> None:
    tree = ast.parse(source)
    expected = Counter(id(node) for node in ast.walk(tree) if not isinstance(node, PASSED_OVER))
    assert Counter(id(node) for node in walk(tree) if node is not None) == expected


def test_own_nodes_leave_out_what_is_inside_other_scopes() -> None:
    tree = ast.parse("def f(a=b):\n    c = lambda: d\n    return c\ne = [g for g in h]\n")
    names = {node.id for node in own_nodes(tree.body) if isinstance(node, ast.Name)}
    assert names == {"e", "g", "h"}
    assert [type(node) for node in own_nodes(tree.body) if isinstance(node, NESTED)] == [ast.FunctionDef]


def test_nodes_by_kind_miss_no_kind() -> None:
    kinds = by_kind(walk(ast.parse("a = b")))
    assert [node.id for node in kinds[ast.Name]] == ["a", "b"]
    assert kinds[ast.While] == []


def test_a_made_node_compiles_like_any_other() -> None:
    name = make(ast.Name, {"id": "given", "ctx": ast.Load()})
    call = make(ast.Call, {"func": name, "args": [make(ast.Constant, {"value": 3})], "keywords": []})
    tree = ast.fix_missing_locations(ast.Expression(call))
    assert isinstance(call, ast.Call)
    assert ast.dump(tree.body) == ast.dump(ast.parse("given(3)", mode="eval").body)
    assert eval(compile(tree, "<made>", "eval"), {"given": lambda x: x + 1}) == 4

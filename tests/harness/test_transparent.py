"""Recording changes nothing: the same output, the same exception on the same line, as plain Python."""

from __future__ import annotations

import contextlib
import io
import sys
import traceback
import types
from textwrap import dedent

import pytest
from dstruct_harness import Limits, safe_exec

PROGRAMS = {
    "evaluation order of a store": """
        def say(x): print(x); return x
        a = [0, 1, 2]
        def get(): print("a"); return a
        get()[say(0)] = say(5)
        get()[say(1)] += say(7)
        get()[say(0)], get()[say(2)] = say(8), say(9)
        (x, get()[say(0)]), *rest = [(1, 2), 3]
        del get()[say(0)]
        y = get()[say(0)] = say(4)
        get()[say(0):say(1)] = [say(6)]
        print(a, x, y, rest)
    """,
    "what a call or a store is given runs code, for long": """
        class Rows:
            def __init__(self): self.rows = [[1, 2]]
            def __getitem__(self, k):
                for _ in range(20_000): pass
                return self.rows[k]
            def __add__(self, other):
                grid[0].append(self[0] if other else rows + 1)
                return 0
        rows, grid, count = Rows(), [[0]], {0: 5, 1: 6}
        grid[0].append(rows[0])
        grid[0].insert(rows[0][0], rows[0][1])
        count[rows[0][0] - 1] += 1
        count[rows + 0] += rows[0][1]
        grid[rows + 0].append(rows + 1)
        print(grid, count)
    """,
    "method looked up before its arguments": """
        def f(): print("never"); return 1
        x = None
        x.append(f())
    """,
    "attribute errors keep their line": """
        class A: pass
        a = A()

        a.b.c = 1
    """,
    "unpack errors": """
        a = [0, 0]
        a[0], a[1] = [1, 2, 3]
    """,
    "super, private names, slots": """
        class A:
            __slots__ = ("__x",)
            def __init__(self, x): self.__x = x
            def get(self): return self.__x
        class B(A):
            def __init__(self, x):
                super().__init__(x)
                self.__y = x + 1
            def get(self): return super().get(), self.__y
        print(B(1).get(), vars(B(2)))
    """,
    "locals, globals, dir": """
        def f(a, b=2):
            a[0] = 1
            c = [i for i in a if i in a]
            a[0], a[1] = a[1], a[0]
            a[1] += 2
            return sorted(locals())
        print(f([1, 2]), sorted(k for k in globals() if not k.startswith("__")))
        class C:
            x = [i for i in range(3)]
            y = {1: 2}
            y[1] += 3
            x.append(4)
            names = sorted(dir())
        print(C.names, C.x, C.y)
    """,
    "generators": """
        def g():
            try:
                got = yield 1
                print("got", got)
                yield from inner()
            except ValueError as e:
                print("caught", e)
                yield 99
            finally:
                print("closing")
        def inner():
            x = yield 2
            print("inner", x)
            return 3
        it = g()
        print(next(it), it.send("a"), it.send("b") if False else it.throw(ValueError("v")))
        it.close()
        print(list(x * 2 for x in [1, 2, 3] if x in (1, 3)))
    """,
    "asyncio": """
        import asyncio
        async def work(n):
            await asyncio.sleep(0)
            return [n] * n
        async def numbers():
            for i in range(3):
                await asyncio.sleep(0)
                yield i
            return
        async def main():
            print(await asyncio.gather(work(1), work(2)))
            print([i async for i in numbers()])
            async for i in numbers():
                print(i)
        asyncio.run(main())
    """,
    "finally that overrides": """
        def f():
            try:
                return [1][0]
            finally:
                print("f")
        def g():
            for i in range(3):
                try:
                    continue
                finally:
                    print(i)
            try:
                1 / 0
            except ZeroDivisionError as e:
                return str(e)
            finally:
                try:
                    e
                except NameError:
                    print("unbound")
        print(f(), g())
    """,
    "the learner's dunders are called as often as ever": """
        calls = []
        class K:
            def __init__(self, n): self.n = n
            def __hash__(self): calls.append("h"); return self.n % 2
            def __eq__(self, o): calls.append("e"); return self.n == o.n
            def __lt__(self, o): calls.append("l"); return self.n < o.n
            def __len__(self): calls.append("len"); return 3
            def __bool__(self): calls.append("b"); return True
            def __iter__(self): calls.append("i"); return iter([1])
            def __repr__(self): calls.append("r"); return "K"
            def __contains__(self, x): calls.append("c"); return True
            def __getitem__(self, i): calls.append("g"); return i
            def __setitem__(self, i, v): calls.append("s")
            def __getattr__(self, a): calls.append("ga"); raise AttributeError(a)
        k, m = K(1), K(3)
        d = {k: 1, m: 2}
        d[K(1)] = 3
        s = {k, m}
        s.add(K(3))
        print(K(1) in d, k in [m, k], d[K(3)], 5 in k, k[2])
        k[1] = 2
        k[1] += 2
        xs = [m, k]
        xs.sort()
        xs.remove(K(1))
        if k: pass
        for x in k: pass
        print("".join(calls), len(d), hasattr(k, "zz"))
    """,
    "a dict that answers for missing keys": """
        from collections import defaultdict
        d = defaultdict(lambda: [0])
        d["a"][0] += 1
        d["b"].append(2)
        class M(dict):
            def __missing__(self, k): return k * 2
        m = M()
        print(d["a"], dict(d), m[4], len(m))
    """,
    "exceptions with causes": """
        def f(x):
            try:
                return {}[x]
            except KeyError as e:
                raise RuntimeError("no") from e
        f("k")
    """,
    "exception groups": """
        try:
            raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
        except* ValueError as e:
            print("v", e.exceptions)
        except* TypeError as e:
            print("t", e.exceptions)
    """,
    "recursion error": """
        def f(n): return f(n + 1)
        try:
            f(0)
        except RecursionError as e:
            print("deep")
    """,
    "system exit": """
        import sys
        print("before")
        sys.exit(3)
    """,
    "future annotations and type hints": """
        from __future__ import annotations
        import dataclasses, typing
        @dataclasses.dataclass
        class P:
            x: int = 0
            y: list[int] = dataclasses.field(default_factory=list)
        p = P(1)
        p.y.append(2)
        q: P = dataclasses.replace(p, x=3)
        print(p, q, p == q, typing.get_type_hints(P))
    """,
    "enums, namedtuples, metaclasses": """
        import enum, collections
        class Color(enum.Enum):
            RED = 1
            GREEN = enum.auto()
        T = collections.namedtuple("T", "a b")
        class Meta(type):
            def __call__(cls, *a): print("making"); return super().__call__(*a)
        class W(metaclass=Meta):
            made = 0
            def __init__(self): W.made += 1
        W()
        print(Color.GREEN, T(1, 2)._replace(a=5), T.__module__, W.made)
    """,
    "signatures, docstrings, names": '''
        import inspect
        def f(a, /, b: int = 2, *args, c, **kw):
            """doc"""
            return a
        print(inspect.signature(f), f.__doc__, f.__name__, f.__code__.co_varnames, inspect.getsource(f)[:5])
    ''',
    "walrus and match": """
        data = [1, [2, 3], {"k": "v"}]
        if (n := len(data)) > 2 and any((last := x) == 1 for x in data):
            print(n, last)
        for item in data:
            match item:
                case int(i) if i in data: print("int", i)
                case [a, *rest]: print(a, rest)
                case {"k": v, **more}: print(v, more)
    """,
    "in place operators": """
        a = b = [1]
        a += (2,)
        a *= 2
        s = t = {1}
        s |= {2}
        x = 5
        x **= 2
        n = {"l": []}
        n["l"] += [1]
        class O: pass
        o = O(); o.v = [1]; w = o.v
        o.v += [2]
        print(a is b, b, s is t, t, x, n, w)
        (1, 2)[0] += 1
    """,
    "warnings see the caller's line": """
        import warnings
        warnings.simplefilter("always")
        def f():
            warnings.warn("careful", stacklevel=2)
        with warnings.catch_warnings(record=True) as seen:
            f()
        print(seen[0].lineno)
    """,
    "exec and eval": """
        x = [1]
        exec("x.append(2); y = 3")
        print(eval("x[0] + y"), x)
    """,
}


def plainly(source: str) -> tuple[str, str | None, list[int | None]]:
    output = io.StringIO()
    module = types.ModuleType("__main__")
    before, sys.modules["__main__"] = sys.modules["__main__"], module
    try:
        with contextlib.redirect_stdout(output):
            try:
                exec(compile(source, "<program>", "exec", dont_inherit=True), module.__dict__)
            except BaseException as error:
                lines = [
                    f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "<program>"
                ]
                return output.getvalue(), f"{type(error).__name__}: {error}", lines
    finally:
        sys.modules["__main__"] = before
    return output.getvalue(), None, []


@pytest.mark.parametrize("name", PROGRAMS)
def test_same_as_plain_python(name: str) -> None:
    source = dedent(PROGRAMS[name])
    import linecache

    linecache.cache["<program>"] = (len(source), None, source.splitlines(keepends=True), "<program>")
    output, error, lines = plainly(source)
    result = safe_exec(source, limits=Limits(seconds=60))
    assert result.output == output
    if error is None:
        assert result.error is None
        assert result.stop_reason == "ok"
    else:
        assert result.error is not None
        assert f"{result.error.name}: {result.error.message}" == error
        told = [
            int(row.split("line ")[1].split(",")[0])
            for row in result.error.stack.splitlines()
            if "<program>" in row
        ]
        assert told[-len(lines) :] == lines
    assert result.timeline().stop_reason == result.stop_reason
    assert "recorder" not in (result.timeline().tables.end or {})

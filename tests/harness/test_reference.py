"""The replayed state equals a live snapshot taken by an independent tracer, at every line of every golden program."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from dstruct_harness import safe_exec
from dstruct_harness.chunks import read_chunks
from dstruct_harness.events import STOPS
from dstruct_harness.walker import Walker
from goldens import LONG, PROGRAMS
from reference import line_snapshots, reference

SHORT = [program for program in PROGRAMS if program.stem not in LONG]


@pytest.mark.parametrize("program", SHORT, ids=lambda p: p.stem)
def test_every_line_of_a_golden_program(program: Path) -> None:
    source = program.read_text()
    result = safe_exec(source)
    expected, output, error = reference(source)
    assert (result.output, result.error and result.error.name) == (output, error)
    told = line_snapshots(result.timeline())
    assert [snapshot[0] for snapshot in told] == [snapshot[0] for snapshot in expected]
    for number, (ours, live) in enumerate(zip(told, expected, strict=True)):
        assert ours == live, f"line event {number}"


FRAMES = {
    "an exception through recursive calls that end in finally": """
        def f(n):
            try:
                if n == 0:
                    raise ValueError(n)
                return f(n - 1)
            finally:
                done.append(n)
        done = []
        try:
            f(3)
        except ValueError as e:
            x = str(e)
        def g(n):
            try:
                return [n][n]
            except IndexError as e:
                return g(n - 1)
            finally:
                done.append(n)
        g(2)
        """,
    "a finally that returns instead": """
        def f(n):
            try:
                return 1 // n
            finally:
                if n == 0:
                    return f(1)
        a = f(0), f(2)
        """,
    "numbers of the module, some of which are hidden": """
        SIZE, STEP, WIDE = 7, 2, 3
        def grow(at, WIDE):
            there = 5
            for k in range(4):
                there = (there * STEP + k) % SIZE
                WIDE = WIDE + there
            def inner(SIZE):
                here = STEP
                here = here * SIZE
                def innermost():
                    deep = 1
                    deep = deep + STEP + here
                    return deep + SIZE
                return innermost()
            return inner(0.5) + there
        found = [grow(k, k / 4) for k in range(3)]
        def rebinds():
            global STEP
            STEP = 0.25
            part = 1
            part = part * SIZE + STEP
            return part
        last = rebinds(), grow(1, 1)
        class C:
            SIZE = 2.5
            twice = SIZE * 2
            def m(self):
                n = 1
                n = n + SIZE
                return n
        C().m()
        """,
    "divisions, some of which fail": """
        SIZE, zero = 7, 0
        at = 5
        found = [0] * SIZE
        low, high = -9, 4
        for k in range(12):
            at = (at * 75 + 74) % 65537 % SIZE
            found[(at + k) % SIZE] = k // 2
            low = (low + high) // 2
            high = -low % 5 - 1
            big = (k - 6) * 2 ** 40 // -7
            try:
                at = at // (k % 3)
                rest = k % (zero * k)
            except ZeroDivisionError as e:
                zero -= k % 2
            try:
                a: int = 10 % (k // 4)
                a //= (k - 7)
                found[k % (k - 8)] = 5 // (k - 9)
            except ZeroDivisionError:
                a = 1
        def inner(n):
            m = 3
            return m % (n * zero) if n else m // (m - 3)
        for n in (0, 1):
            try:
                last = inner(n)
            except ZeroDivisionError:
                last = n
        """,
    "generators that take turns": """
        def count(n):
            for i in range(n):
                yield i
        def pairs(a, b):
            for x in a:
                yield x, next(b, None)
        first, second = count(3), count(2)
        out = []
        for p in pairs(first, second):
            out.append(p)
        """,
    "a tree walked by nested generators": """
        class T:
            def __init__(self, k, l=None, r=None):
                self.k = k
                self.l = l
                self.r = r
            def walk(self):
                if self.l:
                    yield from self.l.walk()
                yield self.k
                if self.r:
                    yield from self.r.walk()
        t = T(2, T(1), T(4, T(3)))
        seen = []
        for k in t.walk():
            seen.append(k)
        """,
}


@pytest.mark.parametrize("name", FRAMES)
def test_every_line_where_frames_come_and_go(name: str) -> None:
    source = dedent(FRAMES[name])
    expected, output, error = reference(source)
    result = safe_exec(source)
    assert (result.output, result.error and result.error.name) == (output, error)
    assert result.recorder_error is None
    for number, (ours, live) in enumerate(zip(line_snapshots(result.timeline()), expected, strict=True)):
        assert ours == live, f"line event {number}"


LOOPS = {
    "numbers that follow from the first": """
        def grid(n):
            for i in range(n):
                for j in range(i, n):
                    for k in range(j + 1, 0, -2):
                        t = i, j, k
                for j in range(len(str(n)) - 1, -1, -1):
                    if j == 1:
                        continue
                    u = j
            return i
        x = grid(3), grid(1)
        """,
    "a loop that binds its variable itself, and one that does not": """
        def f(n):
            for i in range(n):
                i += 2
                x = i
            for i in range(2, n):
                y = i
        f(4)
        """,
    "generators in the middle of their loops": """
        def count(n):
            for i in range(n):
                for j in range(3, 5):
                    yield i * j
        a, b = count(3), count(2)
        out = [next(a), next(b), next(a)]
        for x in a:
            out.append(x)
        """,
    "large numbers, and none at all": """
        for i in range(2 ** 40, 2 ** 40 + 3):
            x = i
        for i in range(0):
            x = i
        for i in range(3, 9, 2):
            x = i
        """,
    "recursion from within": """
        def down(n):
            for i in range(n):
                down(i)
            return n
        down(4)
        """,
}


@pytest.mark.parametrize("name", [*FRAMES, *LOOPS])
def test_every_line_where_every_chunk_begins_anew(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each tick writes a chunk, and each chunk that can begins with the whole state."""
    monkeypatch.setattr("dstruct_harness.recorder._FIRST_TICKS", 1 << 30)
    monkeypatch.setattr("dstruct_harness.encoder.Encoder.wants_keyframe", lambda _self: True)
    source = dedent({**FRAMES, **LOOPS}[name]).strip() + "\n"
    result = safe_exec(source, on_chunk=lambda _chunk: None)
    expected, output, _ = reference(source)
    assert result.output == output
    assert sum(chunk.header.keyframe for chunk in read_chunks(result.trace)) > 1
    assert line_snapshots(result.timeline()) == expected


def test_each_chunk_makes_the_steps_it_declares_also_where_it_ends_in_a_special_method() -> None:
    source = dedent("""
        class T:
            def __init__(self, v): self.v = v
            def __lt__(self, other):
                total = 0
                for i in range(300):
                    total += i
                return self.v < other.v
            def __getitem__(self, i):
                if i > 2:
                    raise IndexError(i)
                return T(self.v) < self
            def __add__(self, other):
                return T(self.v) if self < other else other
        a = [T(i * 7 % 13) for i in range(20)]
        for i in range(1, 20):
            b = (a[i] + a[i - 1]).v + (a[i - 1] + a[i]).v
            a[i].v = (a[i] + a[i - 1]).v
            try:
                a[i][i]
            except IndexError:
                pass
        """)
    result = safe_exec(source, on_chunk=lambda chunk: None)
    assert result.error is None
    chunks = list(read_chunks(result.trace))
    assert len(chunks) > 10
    walker, timeline = Walker(result.timeline().tables), result.timeline()
    for number, chunk in enumerate(chunks):
        stops = sum(event.kind in STOPS for event in timeline._events(number, walker))
        assert stops == chunk.header.steps, number

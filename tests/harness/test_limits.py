"""Every limit has a stop reason of its own, keeps what was recorded, and cannot be swallowed."""

from __future__ import annotations

import itertools
import sys
from textwrap import dedent

import pytest
from dstruct_harness import ExecutionResult, Limits, safe_exec
from dstruct_harness.limits import StopReason
from dstruct_harness.recorder import Poll

LIMITS: dict[StopReason, Limits] = {
    "timeout": Limits(seconds=0.3),
    "step-limit": Limits(steps=2_000),
    "log-limit": Limits(log_bytes=20_000),
    "output-limit": Limits(output_bytes=500),
    "depth-limit": Limits(depth=3_000),
    "memory-limit": Limits(),
    "interrupted": Limits(),
}

WORK = """
import random, sys
sys.setrecursionlimit(10**6)
def work(n):
    x = random.random()
    if n % 20 == 0:
        print(n)
    return work(n + 1)
"""
"""Comes to every limit sooner or later."""

SWALLOWING = {
    "nothing": "work(0)",
    "except BaseException in a loop": """
        while True:
            try:
                work(0)
            except BaseException:
                pass
        """,
    "bare except that goes on deeper": """
        def again(n):
            try:
                work(0)
            except:
                again(n + 1)
        while True:
            again(0)
        """,
    "except Exception and RecursionError": """
        while True:
            try:
                work(0)
            except RecursionError:
                pass
            except Exception:
                pass
        """,
    "finally that returns": """
        def quiet():
            try:
                work(0)
            finally:
                return 1
        while True:
            quiet()
        """,
    "finally that goes on": """
        while True:
            try:
                work(0)
            finally:
                continue
        """,
    "finally at every level": """
        def level(n):
            print(n)
            try:
                return level(n + 1) + random.random()
            except BaseException:
                return level(n)
            finally:
                print(n, random.random())
                level(n)
        level(0)
        """,
    "a generator that swallows": """
        def stubborn():
            while True:
                try:
                    yield work(0)
                except BaseException:
                    yield 0
        for _ in stubborn():
            pass
        """,
    "__exit__": """
        class Quiet:
            def __enter__(self): return self
            def __exit__(self, *error): return True
        while True:
            with Quiet():
                work(0)
        """,
    "contextlib.suppress": """
        import contextlib
        while True:
            with contextlib.suppress(BaseException):
                work(0)
        """,
    "a special method": """
        class T:
            def __eq__(self, other):
                try:
                    return work(0)
                except BaseException:
                    return False
        while True:
            T() in [T(), T()]
        """,
    "a coroutine that swallows": """
        import asyncio
        async def stubborn():
            while True:
                try:
                    await asyncio.sleep(0)
                    work(0)
                except BaseException:
                    pass
        asyncio.run(stubborn())
        """,
    "except*": """
        while True:
            try:
                work(0)
            except* BaseException:
                pass
        """,
}


def run(source: str, reason: StopReason) -> ExecutionResult:
    count = itertools.count(1)
    poll: Poll | None = None
    if reason in ("memory-limit", "interrupted"):
        poll = lambda: reason if next(count) >= 3 else None  # noqa: E731
    limits = LIMITS[reason]
    if reason != "depth-limit":  # as it is, but not so far that others have to wait
        limits = Limits(limits.seconds, limits.steps, limits.log_bytes, limits.output_bytes, None)
        source = source.replace("return work(n + 1)", "return work(n + 1) if n < 900 else n")
        source = source.replace("10**6", "20_000")
    return safe_exec(source, limits=limits, poll=poll)


MATRIX = [
    pytest.param(reason, name, marks=[] if (number + place) % 4 == 0 else pytest.mark.slow)
    for number, reason in enumerate(LIMITS)
    for place, name in enumerate(SWALLOWING)
]
"""Every limit with every way; a quarter of them each time."""


@pytest.mark.parametrize(("reason", "name"), MATRIX)
def test_no_program_gets_past_a_limit(reason: StopReason, name: str) -> None:
    source = WORK + dedent(SWALLOWING[name])
    if name == "nothing" and reason != "depth-limit":
        source += "\nwhile True:\n    work(0)\n"
    before = sys.getrecursionlimit()
    try:
        result = run(source, reason)
    finally:
        sys.setrecursionlimit(before)
    assert (result.stop_reason, result.error, result.recorder_error) == (reason, None, None)
    timeline = result.timeline()
    assert timeline.stop_reason == reason
    assert len(timeline) == result.steps + 1
    assert result.steps > 0
    logged = timeline.state(result.steps).output
    assert result.output.startswith(logged)
    assert reason == "step-limit" or result.output == logged  # a step budget is counted a little later
    assert timeline.state(result.steps // 2).frames


def test_a_recursion_error_below_the_programs_own_limit_is_the_learners() -> None:
    source = (
        "def f(n):\n    return f(n + 1)\ntry:\n    f(0)\nexcept RecursionError as e:\n    print(e)\nf(0)\n"
    )
    result = safe_exec(source, limits=Limits(depth=100_000))
    assert result.stop_reason == "error"
    assert result.error is not None
    assert result.error.name == "RecursionError"
    assert result.output.startswith("maximum recursion depth exceeded")
    assert safe_exec(source, limits=Limits(depth=500)).stop_reason == "depth-limit"


def test_deep_recursion_that_is_within_its_limits_is_recorded_in_time_in_proportion_to_its_depth() -> None:
    """What was quadratic once would take minutes here."""
    source = dedent("""
        import sys
        sys.setrecursionlimit(10**6)
        def f(n):
            if n == 0:
                raise ValueError(n)
            try:
                return f(n - 1) + 1
            finally:
                seen.append(n)
        seen = []
        try:
            f(8_000)
        except ValueError:
            print(len(seen))
        """)
    before = sys.getrecursionlimit()
    try:
        result = safe_exec(source, limits=Limits(depth=20_000))
    finally:
        sys.setrecursionlimit(before)
    assert (result.stop_reason, result.output) == ("ok", "8000\n")
    assert result.events["unwind"] == 8_001


def test_the_recursion_limit_is_the_programs_own_again_after_each_look() -> None:
    before = sys.getrecursionlimit()
    try:
        result = safe_exec(
            "import sys\nsys.setrecursionlimit(5000)\nfor i in range(50000): x = [i]\nprint(sys.getrecursionlimit())"
        )
        assert result.output == "5000\n"
    finally:
        sys.setrecursionlimit(before)

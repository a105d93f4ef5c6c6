"""Owns how deep a program may call: its frames are counted, and in the browser Python is told how much stack there is.

A program that raises its recursion limit can fill the memory with frames. And Python in the browser counts its own
stack only: the
JavaScript engine's, which WebAssembly runs on, is full long before, and that ends Python itself, at 240 nested calls
of a learner's `__repr__`, `__eq__` or `sorted(key=...)`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

_NEAR: Final = 64
"""Frames at most by which the limit is overshot for the sake of fewer looks."""


def room_below(depth: int, most: int) -> int:
    """How many more frames there may be on the stack before they are `depth`, or `most` if there are more; 0 if
    there are that many already.
    """
    if sys.getrecursionlimit() <= depth:
        return most  # Python itself stops before that
    if not _is_deep(depth - most):
        return most
    if _is_deep(depth):
        return 0
    low, high = depth - most, depth  # the stack is deeper than the one, not than the other
    while high - low > _NEAR:
        middle = (low + high) // 2
        low, high = (middle, high) if _is_deep(middle) else (low, middle)
    return max(_NEAR, depth - high)


def _is_deep(depth: int) -> bool:
    """Whether there are more frames than that: asking for one makes no others."""
    if depth <= 0:
        return True
    try:
        sys._getframe(depth)
    except ValueError:
        return False
    return True


def take_apart(error: BaseException) -> None:
    """Let go of a traceback piece by piece: all at once takes a stack as deep as it is long."""
    trace, error.__traceback__ = error.__traceback__, None
    while trace is not None:
        following, trace.tb_next = trace.tb_next, None
        trace = following


def let_go(traces: list[Any], holder: list[Any] | dict[int, Any]) -> None:
    """Clear what holds tracebacks, innermost first, one by one: all at once they take a stack as deep as they are long.

    A traceback holds the one further in, a frame the one further out.
    """
    frames = [trace.tb_frame for trace in reversed(traces) if trace is not None]
    holder.clear()
    while traces:
        traces.pop()
    while frames:
        frames.pop()


BROWSER_STACK: Final = 80 * 1024
"""Bytes of its own stack that Python may use in the browser: so much that the JavaScript engine's, of about 1 MB,
is not full for any way of recursing through the learner's functions.
"""


@contextmanager
def bounded_stack() -> Iterator[None]:
    """While this lasts, Python raises RecursionError in the browser rather than die. Elsewhere it does so anyway."""
    protection = _protection()
    if protection is None:
        yield
        return
    thread, module = protection
    base = module._emscripten_stack_get_base()
    module._PyUnstable_ThreadState_SetStackProtection(thread, base - BROWSER_STACK, BROWSER_STACK)
    try:
        yield
    finally:
        module._PyUnstable_ThreadState_ResetStackProtection(thread)


def _protection() -> tuple[int, Any] | None:
    if sys.platform != "emscripten":
        return None
    try:
        module = import_module("pyodide_js")._module
        module._PyUnstable_ThreadState_SetStackProtection  # noqa: B018
        return module._PyThreadState_GetUnchecked(), module
    except (ImportError, AttributeError):  # another Pyodide: as it comes
        return None

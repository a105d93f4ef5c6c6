"""Owns the calls a notebook makes: `visualize` for a function, and what the cell magic runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import FunctionType
from typing import TYPE_CHECKING, Any

from dstruct_harness import Limits, safe_exec, trace_call

from .cancel import cancellable
from .watchdog import default_limits

if TYPE_CHECKING:
    from .widget import Visualizer


def visualize(
    function: Callable[..., Any],
    *args: Any,
    seconds: float | None = None,
    steps: int | None = None,
    log_bytes: int | None = None,
    **kwargs: Any,
) -> Visualizer:
    """Call `function(*args, **kwargs)`, record it, and show it step by step.

    Args:
        function: a Python function or method defined in this notebook.
        seconds: time limit; default the notebook's or the learner's setting, 30 s.
        steps: record at most so many steps.
        log_bytes: record at most so many bytes; default 64 MiB.

    Returns:
        The widget, displayed already. Its `result` is the `ExecutionResult`; what the call returned is `result.value`.

    Raises:
        TypeError: `function`'s source is not known.
        ValueError: a limit that is not positive.
    """
    limits = run_limits(seconds, steps, log_bytes)
    if not isinstance(getattr(function, "__func__", function), FunctionType):
        raise TypeError(f"visualize needs a Python function or method, not {type(function).__name__}")
    name = getattr(function, "__qualname__", repr(type(function).__name__))

    def program(take: Callable[[bytes], None]) -> Any:
        with cancellable() as poll:
            return trace_call(function, args, kwargs, limits=limits, on_chunk=take, poll=poll)

    return show(f"{name}(…)" if args or kwargs else f"{name}()", limits, program)


def visualize_cell(source: str, namespace: dict[str, Any], filename: str, limits: Limits) -> Visualizer:
    """Run a cell's source in the notebook's namespace, record it, and show it step by step."""

    def program(take: Callable[[bytes], None]) -> Any:
        with cancellable() as poll:
            return safe_exec(
                source, limits=limits, namespace=namespace, filename=filename, on_chunk=take, poll=poll
            )

    return show("", limits, program)


def run_limits(seconds: float | None, steps: int | None, log_bytes: int | None = None) -> Limits:
    """The limits of a run: what is said here, else the notebook's and the learner's.

    Raises:
        ValueError: a limit that is not positive.
    """
    default = default_limits()
    return replace(
        default,
        seconds=default.seconds if seconds is None else seconds,
        steps=default.steps if steps is None else steps,
        log_bytes=default.log_bytes if log_bytes is None else log_bytes,
    )


def show(title: str, limits: Limits, program: Callable[[Callable[[bytes], None]], Any]) -> Visualizer:
    """Display a widget first, then run: a run that hangs has its picture on the page already."""
    from .widget import Visualizer  # widgets are heavy: not before the first is wanted

    visualizer = Visualizer(title, limits.seconds or 0.0, limits)
    visualizer.show()
    visualizer.run(program)
    return visualizer

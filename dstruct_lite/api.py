"""Owns the calls a notebook makes: `visualize` for a function, and what the cell magic runs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from dstruct_harness import Limits, check_included, safe_exec, trace_call

from .cancel import cancellable
from .execution import isolated
from .watchdog import default_limits

if TYPE_CHECKING:
    from .isolation import Passed, ProcessLimits
    from .widget import Visualizer

_APART_SECONDS: Final = 65.0
"""Seconds beyond its limit that the page leaves a program that runs apart: to start, to be stopped."""


def visualize(
    function: Callable[..., Any],
    *args: Any,
    seconds: float | None = None,
    steps: int | None = None,
    log_bytes: int | None = None,
    isolation: str | None = None,
    process_limits: ProcessLimits | None = None,
    include: Collection[str] = (),
    **kwargs: Any,
) -> Visualizer:
    """Call `function(*args, **kwargs)`, record it, and show it step by step.

    Args:
        function: a Python function or method defined in this notebook.
        seconds: time limit; default the notebook's or the learner's setting, 30 s.
        steps: record at most so many steps.
        log_bytes: record at most so many bytes; default 64 MiB.
        isolation: "process" calls it in a process of its own, on copies of the arguments; "none" in the kernel; default
            as `DSTRUCT_EXEC_MODE` says, else in the kernel.
        process_limits: what that process may use (default `ProcessLimits()`).
        include: names of modules whose functions are stepped into, too.

    Returns:
        The widget, displayed already. Its `result` is the `ExecutionResult`; what the call returned is `result.value`
        (None from another process).

    Raises:
        TypeError: `function`'s source is not known, or an argument cannot be copied into a process.
        ValueError: a limit that is not positive, or a module of `include` that is not there.
        IsolationUnavailableError: no process can be started here.
    """
    limits = run_limits(seconds, steps, log_bytes)
    apart = isolated(isolation)
    check_included(include)
    name = traceable(function, "visualize")

    def program(take: Callable[[bytes], None]) -> Any:
        if apart:
            keys = {"limits": limits, "process_limits": process_limits, "on_start": _say}
            return _isolation().isolated_call(function, args, kwargs, include=include, on_chunk=take, **keys)
        with cancellable() as poll:
            return trace_call(
                function, args, kwargs, limits=limits, include=include, on_chunk=take, poll=poll
            )

    return show(f"{name}(…)" if args or kwargs else f"{name}()", limits, program, apart)


def traceable(function: Callable[..., Any], caller: str) -> str:
    """The name of a function that can be recorded.

    Raises:
        TypeError: it is none, and the message says what `caller` needs.
    """
    if not isinstance(getattr(function, "__func__", function), FunctionType):
        raise TypeError(f"{caller} needs a Python function or method, not {type(function).__name__}")
    return str(getattr(function, "__qualname__", type(function).__name__))


def visualize_cell(
    source: str,
    namespace: dict[str, Any],
    filename: str,
    limits: Limits,
    isolation: str | None = None,
    process_limits: ProcessLimits | None = None,
    include: Collection[str] = (),
) -> Visualizer:
    """Run a cell's source in the notebook's namespace, or on copies of its names elsewhere, record and show it."""
    apart = isolated(isolation)

    def program(take: Callable[[bytes], None]) -> Any:
        if apart:
            keys = {"limits": limits, "process_limits": process_limits, "on_start": _say}
            return _isolation().isolated_exec(
                source, namespace=namespace, filename=filename, include=include, on_chunk=take, **keys
            )
        with cancellable() as poll:
            return safe_exec(
                source,
                limits=limits,
                namespace=namespace,
                filename=filename,
                include=include,
                on_chunk=take,
                poll=poll,
            )

    return show("", limits, program, apart)


def _isolation() -> Any:
    from . import isolation  # not before the first run that wants it

    return isolation


def _say(passed: Passed) -> None:
    """Tell in the cell's output what went into the process, and that nothing comes back."""
    from .isolation.limits import unenforced
    from .isolation.outcome import passed_sentence

    print(passed_sentence(passed.names, passed.left_out, unenforced()), flush=True)


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


def show(
    title: str, limits: Limits, program: Callable[[Callable[[bytes], None]], Any], apart: bool = False
) -> Visualizer:
    """Display a widget first, then run: a run that hangs has its picture on the page already.

    A program that runs apart cannot hang the kernel, which ends it in time: the page need not.
    """
    from .widget import Visualizer  # widgets are heavy: not before the first is wanted

    visualizer = Visualizer(title, limits.seconds or 0.0, limits)
    visualizer.show()
    visualizer.run(program, patience=_APART_SECONDS if apart else 0.0)
    return visualizer

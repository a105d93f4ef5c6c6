"""Owns comparing two runs: two functions called with the same arguments, shown side by side and stepped together."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import anywidget
import traitlets
from dstruct_harness import trace_call
from ipywidgets import widget_serialization

from .api import run_limits, traceable
from .cancel import cancellable
from .engine import STATIC, Engine, hold_engine, release_engine
from .widget import GRANULARITIES, Visualizer


class Comparison(anywidget.AnyWidget):
    """Shows two runs side by side, stepping together: the same number of steps into each.

    Attributes:
        left, right: the two runs, each a `Visualizer` with a `result` of its own.
        step: the step shown of the run that is further on; -1 until someone chooses one. Set it to go there in both.
        steps: the last step of the longer run.
        playing: whether the runs are being played.
        granularity: what one step of play is: "operation", "line" or "call".
    """

    _esm = STATIC / "widget.js"
    _engine = traitlets.Instance(Engine).tag(sync=True, **widget_serialization)
    left = traitlets.Instance(Visualizer).tag(sync=True, **widget_serialization)
    right = traitlets.Instance(Visualizer).tag(sync=True, **widget_serialization)
    step = traitlets.Int(-1).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    granularity = traitlets.Enum(GRANULARITIES, "operation").tag(sync=True)

    def __init__(self, left: Visualizer, right: Visualizer) -> None:
        self._user = f"compare-{id(self)}"
        super().__init__(_engine=hold_engine(self._user), left=left, right=right)

    def close(self) -> None:
        """Close the widget and both runs on both sides. The runs' `result`s stay."""
        super().close()
        self.left.close()
        self.right.close()
        release_engine(self._user)

    def show(self) -> None:
        """Display the widget in the current cell's output."""
        from IPython.display import display

        display(self)


def compare(
    f: Callable[..., Any],
    g: Callable[..., Any],
    *args: Any,
    seconds: float | None = None,
    steps: int | None = None,
    **kwargs: Any,
) -> Comparison:
    """Call `f` and `g` with equal arguments, record both, and show them side by side, stepping together.

    Each gets a deep copy of the arguments of its own, so that what one changes the other does not see.

    Args:
        f: a Python function or method defined in this notebook.
        g: another one.
        seconds: time limit of each; default the notebook's or the learner's setting, 30 s.
        steps: record at most so many steps of each.

    Returns:
        The widget, displayed already. What the calls returned is `left.result.value` and `right.result.value`.

    Raises:
        TypeError: a function's source is not known, or an argument cannot be copied.
        ValueError: a limit that is not positive.
    """
    limits = run_limits(seconds, steps)
    calls = [(traceable(function, "compare"), *_copies(args, kwargs)) for function in (f, g)]
    left, right = (Visualizer(name, limits.seconds or 0.0, limits) for name, _, _ in calls)
    comparison = Comparison(left, right)
    comparison.show()
    for run, function, (_, own_args, own_kwargs) in zip((left, right), (f, g), calls, strict=True):
        with cancellable() as poll:
            call = partial(trace_call, function, own_args, own_kwargs, limits=limits, poll=poll)
            run.run(lambda take, call=call: call(on_chunk=take))  # type: ignore[misc]
    comparison.steps = max(left.steps, right.steps)
    return comparison


def _copies(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    try:
        return copy.deepcopy((args, kwargs))
    except Exception as error:
        raise TypeError(f"compare gives each function its own copy of the arguments: {error}") from error

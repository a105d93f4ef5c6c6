"""Step through data-structure code in Jupyter: `%%dstruct`, `visualize`, and the site built around them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from dstruct_harness import ExecutionResult, Limits, Timeline, safe_exec

from .api import visualize
from .execution import execute
from .export import save_html
from .isolation import IsolationUnavailableError, ProcessLimits
from .language import languages, set_language

if TYPE_CHECKING:
    from .comparison import Comparison, compare
    from .widget import Visualizer

__all__ = [
    "Comparison",
    "ExecutionResult",
    "IsolationUnavailableError",
    "Limits",
    "ProcessLimits",
    "Timeline",
    "Visualizer",
    "compare",
    "execute",
    "languages",
    "load_ipython_extension",
    "safe_exec",
    "save_html",
    "set_language",
    "visualize",
]


def __getattr__(name: str) -> Any:
    # These need the widget libraries, which a kernel should not load before they are wanted.
    if name == "Visualizer":
        from .widget import Visualizer

        return Visualizer
    if name in ("Comparison", "compare"):
        from . import comparison

        return getattr(comparison, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(ipython: Any) -> None:
    """Register `%%dstruct` and listen for the page's settings. Called by IPython's `%load_ext dstruct_lite`."""
    from . import cancel
    from .magic import DstructMagics
    from .watchdog import listen_for_settings

    ipython.register_magics(DstructMagics)
    listen_for_settings()
    if sys.platform == "emscripten":
        cancel.install(ipython)

"""The Jupyter side of dstruct-lite: widget, magic, watchdog, and the site built around them."""

from __future__ import annotations

from typing import Any


def load_ipython_extension(ipython: Any) -> None:
    """Called by IPython when the extension `dstruct_lite` is loaded."""

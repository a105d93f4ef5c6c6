"""Loaded before the first cell of a kernel in the site: fits the kernel to what the site's wheels are.

Only the site build asks for it; an ordinary kernel never loads this.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any


def load_ipython_extension(ipython: Any) -> None:
    """Called by IPython. The kernel turns jedi on without looking whether it is there: completion then fails.

    IPython's own completer looks at the live objects, which is what a learner's notebook is full of.
    """
    if find_spec("jedi") is None:
        ipython.Completer.use_jedi = False

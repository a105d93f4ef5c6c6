"""Owns the one place where a benchmark looks inside the recorder: how much of a run's time went into the log.

Encoding happens per batch, so timing it costs next to nothing. Only this file follows the recorder's inside.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_ENCODING = (("dstruct_harness.encoder", "Encoder", ("encode",)),)
"""Module, class, methods that turn the flat log into chunks. Calls of one inside another count once."""


@contextmanager
def encoding_time(clock: Callable[[], float]) -> Iterator[list[float]]:
    """The seconds spent on encoding while the context is open, in a list of one; empty where the seam is not found."""
    spent: list[float] = []
    depth = [0]
    patched: list[tuple[Any, str, Any]] = []

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            if depth[0]:
                return method(*args, **kwargs)
            depth[0] = 1
            started = clock()
            try:
                return method(*args, **kwargs)
            finally:
                spent[0] += clock() - started
                depth[0] = 0

        return run

    for module, name, methods in _ENCODING:
        owner = getattr(importlib.import_module(module), name, None)
        for method in methods:
            original = getattr(owner, method, None)
            if original is not None:
                own = method in vars(owner)
                patched.append((owner, method, original if own else None))
                setattr(owner, method, timed(original))
    if patched:
        spent.append(0.0)
    try:
        yield spent
    finally:
        for owner, method, original in patched:
            if original is None:
                delattr(owner, method)
            else:
                setattr(owner, method, original)

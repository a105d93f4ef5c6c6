"""Owns where each named pointer stands: the log knows one annotation per place, a place may have several pointers."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from dstruct_harness.annotations import NOTHING, annotate, memory

_CONTAINERS: Final = 1_000
"""Containers remembered, the latest. What they hold lives as long."""


class Pointed:
    """For each container with pointers: by name the container a pointer stands in (a row, say) and its place."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[Any, dict[str, tuple[Any, Any]]]] = OrderedDict()

    def of(self, container: Any) -> dict[str, tuple[Any, Any]]:
        """The pointers of a container, by name; to be changed in place."""
        found = self._known.pop(id(container), (container, {}))
        self._known[id(container)] = found
        if len(self._known) > _CONTAINERS:
            self._known.popitem(last=False)
        return found[1]

    def forget(self, container: Any) -> None:
        """Nothing points into the container any more."""
        self._known.pop(id(container), None)


def pointers() -> Pointed | None:
    """Those of the run under way; None outside a run."""
    remembered = memory()
    return None if remembered is None else remembered.setdefault("pointers", Pointed())


def point(container: Any, subject: Any, key: Any, name: str) -> None:
    """Move the pointer called `name` to `key` of `subject`, which is the container or a row of it."""
    pointed = pointers()
    if pointed is not None:
        unpoint(container, name)
        pointed.of(container)[name] = (subject, key)
        _tell(pointed.of(container), subject, key)


def unpoint(container: Any, name: str) -> None:
    """Take the pointer called `name` away, if there is one."""
    pointed = pointers()
    before = None if pointed is None else pointed.of(container).pop(name, None)
    if pointed is not None and before is not None:
        _tell(pointed.of(container), *before)


def _tell(standing_in: dict[str, tuple[Any, Any]], subject: Any, key: Any) -> None:
    """Tell which pointers stand at a place now."""
    standing = [name for name, (row, at) in standing_in.items() if row is subject and _same(at, key)]
    annotate("pointer", subject, key, ", ".join(standing) if standing else NOTHING)


def _same(one: Any, other: Any) -> bool:
    """Whether two keys are one place, without asking the program's objects whether they are equal."""
    return one is other or (type(one) is type(other) and type(one) in (int, str, bool) and one == other)

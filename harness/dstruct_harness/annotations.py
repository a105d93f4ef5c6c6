"""Owns the seam between what an author says about data (`dstruct.note(...)`) and the recorder of the run it is said
in.

An annotation is `(kind, subject, key, data)`: what is said, about which object, about which place in it (`NOTHING`:
the
whole object), and the text, name or value that goes with it (`NOTHING`: what was said before holds no longer). The
state of a program holds the last one of each (kind, subject, key). A run takes annotations in with `recording(sink)`;
outside a run, and in other threads than the run's, `annotate` does nothing. `subject`, `key` and `data` are the
program's own objects: a sink must ask them nothing and keep them no longer than it must.

The kinds, and what they are called among dStruct's operation frames:

| kind | key | data | frame |
|---|---|---|---|
| color | place or NOTHING | a colour: str; for a whole container also a dict of them by value | setColor,
setColorMap |
| note | place or NOTHING | str | |
| pointer | place; NOTHING: the object itself | names, with ", " between them: str | showPointer |
| hide | place or NOTHING | True | |
| group | NOTHING | the group's name: str | |
| show | NOTHING | the view's name: str | |
| info | NOTHING | dict | setInfo |
| blink | place or NOTHING | True | blink |
| clear | NOTHING | NOTHING | clearAppearance |
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal, get_args

Kind = Literal["color", "note", "pointer", "hide", "group", "show", "info", "blink", "clear"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""The kinds in the order of their numbers in the log."""


class Nothing:
    """The type of `NOTHING`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = Nothing()
"""Stands for a key or data that is not there, where None would be a value."""

Sink = Callable[[Kind, Any, Any, Any], None]
"""Takes `(kind, subject, key, data)`."""

_active: list[tuple[int, Sink, dict[str, Any]]] = []
"""Thread, sink and memory of the runs under way, the innermost last."""


@contextmanager
def recording(sink: Sink) -> Iterator[None]:
    """For the length of the block, what this thread annotates goes to `sink`."""
    mine = (get_ident(), sink, dict[str, Any]())
    _active.append(mine)
    try:
        yield
    finally:
        _active[:] = [other for other in _active if other is not mine]


def memory() -> dict[str, Any] | None:
    """What callers may remember as long as the run lasts; None where an annotation made now goes nowhere."""
    return _active[-1][2] if _active and _active[-1][0] == get_ident() else None


def annotate(kind: Kind, subject: Any, key: Any = NOTHING, data: Any = NOTHING) -> None:
    """Say something about an object of the program. Does nothing outside a recorded run."""
    if _active and _active[-1][0] == get_ident():
        _active[-1][1](kind, subject, key, data)

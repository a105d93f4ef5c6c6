"""Owns the annotation calls: what they accept, what they say when they do not, and what they tell the recorder."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, TypeVar

from dstruct_harness.annotations import NOTHING, annotate

from .checks import checked_color, of_kind, place, subject_of, text, view_named
from .pointers import point, pointers, unpoint

T = TypeVar("T")


def color(obj: T, color: str | dict[Any, str] | None, key: Any = NOTHING) -> T:
    """Draw an object, or one place in it, in a colour.

    Args:
        obj: a list, dict, set or any object of the program's own; None is passed over.
        color: a colour's name or `#rrggbb`; for a whole container also a dict of colours by value; None takes it back.
        key: a place in `obj`: a position, a dict's key, a set's element, an attribute's name; `(row, column)` in a list
            of lists.

    Raises:
        TypeError: `obj` cannot be drawn in a colour, or an argument is of another type.
        ValueError: `color` is empty.
    """
    subject_of("color", obj)
    data = checked_color(color, key)
    return _say("color", obj, key, data)


def note(obj: T, text_: str | None, key: Any = NOTHING) -> T:
    """Write a few words beside an object, or beside one place in it. None takes them back.

    Raises:
        TypeError: `obj` is nothing that can be annotated, or `text_` is no string.
    """
    subject_of("note", obj)
    return _say("note", obj, key, text("note", "the note", text_))


def pointer(container: T, index: Any, name: str) -> T:
    """Draw a named pointer to a place in a container. It stays until it is moved by another call with its name.

    Args:
        container: a list, tuple, string, dict or another object with places; None is passed over.
        index: the place: a position (it may lie beyond the ends), a key; None takes the pointer away.
        name: what is written on the pointer.

    Raises:
        TypeError: an argument is of another type.
        ValueError: `name` is empty.
    """
    subject_of("pointer", container)
    said = text("pointer", "the name", name)
    if said is NOTHING or not said:
        raise ValueError("dstruct.pointer: the name must not be empty")
    if container is None:
        return container
    if index is None:
        unpoint(container, name)
    else:
        subject, key = place("pointer", container, index)
        point(container, subject, key, name)
    return container


def hide(obj: T, hidden: bool = True, key: Any = NOTHING) -> T:
    """Leave an object, or one place in it, out of the picture; `hidden=False` shows it again.

    Raises:
        TypeError: `obj` is nothing that can be annotated, or `hidden` is neither True nor False.
    """
    subject_of("hide", obj)
    if type(hidden) is not bool:
        raise TypeError(f"dstruct.hide: hidden must be True or False, not {type(hidden).__name__}")
    return _say("hide", obj, key, True if hidden else NOTHING)


def group(objects: T, name: str | None) -> T:
    """Draw objects as belonging together. A name of None takes them out of their group.

    Args:
        objects: a list, tuple, set or another iterable of builtin type, of objects; or a dict, whose values are meant.
        name: the group's name.

    Raises:
        TypeError: one of the objects cannot be in a group, or an argument is of another type.
    """
    data = text("group", "the name", name)
    members = list(_members(objects))
    for member in members:
        subject_of("group", member)
    for member in members:
        _say("group", member, NOTHING, data)
    return objects


def show(obj: T, as_: str | None) -> T:
    """Choose how an object is drawn, like `as_="tree"` or `"heap"`; None leaves the choice to the viewer.

    Raises:
        TypeError: `obj` is nothing that can be annotated, or `as_` is no string.
        ValueError: there is no such view; the message lists those there are.
    """
    subject_of("show", obj)
    return _say("show", obj, NOTHING, NOTHING if as_ is None else view_named(as_))


def info(obj: T, info: dict[str, Any] | None) -> T:
    """Write names with their values beside an object, as `{"height": 3}`. None takes them back.

    Raises:
        TypeError: `obj` is nothing that can be annotated, or `info` is no dict.
    """
    subject_of("info", obj)
    if info is not None and not of_kind(info, dict):
        raise TypeError(f"dstruct.info needs a dict, like {{'height': 3}}, not {type(info).__name__}")
    return _say("info", obj, NOTHING, NOTHING if info is None else dict(info))


def blink(obj: T, key: Any = NOTHING) -> T:
    """Point an object, or one place in it, out at this step only.

    Raises:
        TypeError: `obj` is nothing that can be annotated.
    """
    subject_of("blink", obj)
    return _say("blink", obj, key, True)


def clear(obj: T) -> T:
    """Take back everything that was said about an object and its places.

    Raises:
        TypeError: `obj` is nothing that can be annotated.
    """
    subject_of("clear", obj)
    pointed = pointers()
    if pointed is not None:
        pointed.forget(obj)
    return _say("clear", obj, NOTHING, NOTHING)


def _members(objects: Any) -> Iterable[Any]:
    """What a builtin iterable holds. A class of the program's own is not asked: its `__iter__` may do anything."""
    if of_kind(objects, dict):
        return dict.values(objects)
    for kind in (list, tuple, set, frozenset, deque):
        if of_kind(objects, kind):
            return kind.__iter__(objects)
    raise TypeError(f"dstruct.group needs a list of objects, not {type(objects).__name__}")


def _say(kind: Any, obj: T, key: Any, data: Any) -> T:
    if obj is not None:
        subject, at = (obj, NOTHING) if key is NOTHING else place(kind, obj, key)
        annotate(kind, subject, at, data)
    return obj

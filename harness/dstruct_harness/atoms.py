"""Owns how values without parts are written: as atoms, bounded in size, never by running the learner's code."""

from __future__ import annotations

import enum
import sys
import types
from typing import Any, Final

from .shapes import has_plain_text, mro

TEXT: Final = 1_000
"""Characters of a string that are recorded; longer ones are cut, with their true length beside."""
DIGITS_BITS: Final = 8_192
"""Integers with more bits than this are written as a hexadecimal beginning and their size."""

Atom = list[Any]


def text_atom(kind: str, text: str) -> Atom:
    return [kind, text] if len(text) <= TEXT else [kind, text[:TEXT], len(text)]


def int_atom(value: int) -> Atom:
    bits = value.bit_length()
    if bits <= DIGITS_BITS:
        limit = sys.get_int_max_str_digits()
        if limit == 0 or bits * 0.302 < limit:
            return ["int", int.__repr__(value)]
    head = abs(value) >> max(0, bits - 64)
    return ["int", f"{'-' if value < 0 else ''}{head:#x}…", bits]


def exception_message(error: BaseException, *, plain: bool) -> str:
    """What `str(error)` gives, if saying it runs no code of the learner's (`plain`); else the plain arguments, and
    `<Name>` for the others: `KeyError(point)` says which kind of key was missing.
    """
    arguments = _arguments(error)
    if not _SAID.issuperset(map(type, arguments)):
        said = [
            str(a) if type(a) in _SAID else f"<{type.__dict__['__name__'].__get__(type(a))}>"
            for a in arguments
        ]
        return ", ".join(said)
    if not plain:
        return ", ".join(str(item) for item in arguments if type(item) is not tuple)
    return str(error)


def exception_atom(error: BaseException, name: str, *, plain: bool) -> Atom:
    """The atom of an exception of the class `name`, whose `__str__` is no code of the learner's if `plain`."""
    return ["exception", name, exception_message(error, plain=plain)[:TEXT]]


_SAID: Final = frozenset((str, int, float, bool, type(None), tuple))
_arguments: Final = BaseException.__dict__["args"].__get__


def atom(value: Any) -> Atom:
    """The atom for any value that is not drawn as an object. Never raises."""
    kind = type(value)
    if kind is str:
        return text_atom("str", value)
    if kind is float:
        return ["float", float.__repr__(value)]
    if kind is int:
        return int_atom(value)
    if kind is complex:
        return ["complex", complex.__repr__(value)]
    if kind is bytes:
        return (
            text_atom("bytes", value[: TEXT + 1].decode("latin-1"))
            if len(value) <= TEXT
            else [
                "bytes",
                value[:TEXT].decode("latin-1"),
                len(value),
            ]
        )
    if kind is slice:
        parts = (value.start, value.stop, value.step)
        return ["slice", *(part if type(part) is int and abs(part) < 1 << 53 else None for part in parts)]
    if kind is range:
        return ["range", *(int_atom(part)[1] for part in (value.start, value.stop, value.step))]
    return _named(value, kind)


def _named(value: Any, kind: type) -> Atom:
    if isinstance(kind, type) and any(base is type for base in mro(kind)):
        return ["class", str(type.__dict__["__name__"].__get__(value))]
    if kind in (types.FunctionType, types.BuiltinFunctionType):
        return ["function", value.__name__]
    if kind is types.MethodType:
        inner = value.__func__
        return ["function", inner.__name__ if type(inner) is types.FunctionType else "method"]
    if kind is types.ModuleType:
        name = types.ModuleType.__getattribute__(value, "__dict__").get("__name__")
        return ["module", name if type(name) is str else "?"]
    name = str(type.__dict__["__name__"].__get__(kind))
    bases = mro(kind)
    if any(base is BaseException for base in bases):
        return exception_atom(value, name, plain=has_plain_text(kind))
    if any(base is enum.Enum for base in bases):
        member = object.__getattribute__(value, "__dict__").get("_name_")
        return ["object", f"{name}.{member}" if type(member) is str else name]
    if any(base is int for base in bases):
        return int_atom(int.__int__(value))
    if any(base is str for base in bases):
        return text_atom("str", str.__str__(value))
    return ["object", name]

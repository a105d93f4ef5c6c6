"""Owns what the recorder may know of a value without asking it: its shape, its contents, its text.

Nothing here runs code of the learner's: no `__repr__`, `__eq__`, `__hash__`, `__iter__`, property or metaclass
method. Contents are read with the builtin types' own methods, attributes with the type's own descriptors.
"""

from __future__ import annotations

import enum
import types
from array import array
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

Contents = list[Any] | dict[Any, Any]
"""A container's contents as the recorder keeps them: elements in order; for dicts token -> (key, value); for sets
token -> member; for objects attribute name -> value."""

FULL: Final = 100_000
"""Containers with more elements than this are recorded as a preview of their beginning."""
PREVIEW: Final = 1_000

_type_dict: Final = type.__dict__["__dict__"].__get__
_type_mro: Final = type.__dict__["__mro__"].__get__
_type_name: Final = type.__dict__["__name__"].__get__

ATOMIC_TYPES: Final = (int, str, float, bool, type(None), bytes, complex)


@dataclass(frozen=True, slots=True)
class Shape:
    """How instances of one type are recorded. `shape` is None for what is shown as an atom."""

    kind: type
    shape: str | None
    name: str
    read: Callable[[Any], Contents] | None = None
    builtin: type | None = None
    """The builtin container it is or inherits from."""
    overrides: frozenset[str] = frozenset()
    """Names of the container protocol that a class of the learner's redefines."""
    described: frozenset[str] = frozenset()
    """Attributes that are computed: properties and other data descriptors that are no slots."""
    slots: frozenset[str] = frozenset()
    error: bool = False
    """It is an exception."""
    plain: bool = False
    """Its text is made by no code of the learner's."""


def mro(kind: type) -> tuple[type, ...]:
    return _type_mro(kind)  # type: ignore[no-any-return]


def static_attribute(kind: type, name: str) -> Any:
    """What `kind`'s MRO holds under `name`, without the descriptor protocol; None if nothing."""
    for base in mro(kind):
        found = _type_dict(base).get(name)
        if found is not None:
            return found
    return None


def has_plain_text(kind: type) -> bool:
    """Whether `str()` of an instance runs no `__str__` that is written in Python."""
    return not isinstance(static_attribute(kind, "__str__"), types.FunctionType)


def token(key: Any) -> Any:
    """A stand-in for a dict key or set member that can be hashed and compared without its own methods."""
    kind = type(key)
    if kind in ATOMIC_TYPES or (kind is tuple and all(type(token(item)) is not _Identity for item in key)):
        return key
    return _Identity(key)


class _Identity:
    """Wraps an object; equal to another wrapper of the very same object only."""

    __slots__ = ("subject",)

    def __init__(self, subject: object) -> None:
        self.subject = subject

    def __hash__(self) -> int:
        return id(self.subject)

    def __eq__(self, other: object) -> bool:
        return type(other) is _Identity and other.subject is self.subject


def _read_list(value: Any) -> Contents:
    return list.copy(value) if list.__len__(value) <= FULL else list.__getitem__(value, slice(PREVIEW))


def _read_tuple(value: Any) -> Contents:
    return list(tuple.__getitem__(value, slice(FULL if tuple.__len__(value) <= FULL else PREVIEW)))


def _some(items: Iterable[Any], length: int) -> list[Any]:
    if length <= FULL:
        return list(items)
    return [item for item, _ in zip(items, range(PREVIEW), strict=False)]


def _read_deque(value: Any) -> Contents:
    return _some(deque.__iter__(value), deque.__len__(value))


def _read_array(value: Any) -> Contents:
    return list(array.__getitem__(value, slice(FULL if array.__len__(value) <= FULL else PREVIEW)))


def _read_bytearray(value: Any) -> Contents:
    return list(bytearray.__getitem__(value, slice(FULL if bytearray.__len__(value) <= FULL else PREVIEW)))


def _read_dict(value: Any) -> Contents:
    return {token(key): (key, item) for key, item in _some(dict.items(value), dict.__len__(value))}


def _read_ordered(value: Any) -> Contents:
    if type(value) is not OrderedDict:  # a subclass may redefine what its own iterator would call
        return _read_dict(value)
    return {token(key): (key, item) for key, item in _some(OrderedDict.items(value), dict.__len__(value))}


def _read_set(value: Any) -> Contents:
    return {token(item): item for item in _some(set.__iter__(value), set.__len__(value))}


def _read_frozenset(value: Any) -> Contents:
    return {token(item): item for item in _some(frozenset.__iter__(value), frozenset.__len__(value))}


_BUILTINS: Final[tuple[tuple[type, str, Callable[[Any], Contents]], ...]] = (
    (list, "list", _read_list),
    (OrderedDict, "dict", _read_ordered),
    (dict, "dict", _read_dict),
    (tuple, "tuple", _read_tuple),
    (set, "set", _read_set),
    (frozenset, "frozenset", _read_frozenset),
    (deque, "deque", _read_deque),
    (array, "array", _read_array),
    (bytearray, "array", _read_bytearray),
)

_PROTOCOL: Final = (
    "__getitem__",
    "__setitem__",
    "__delitem__",
    "__contains__",
    "__iter__",
    "__setattr__",
    "__delattr__",
)


def describe(kind: type, learner_modules: frozenset[str]) -> Shape:
    """The shape of a type. `learner_modules` are the modules whose classes are drawn with their attributes."""
    name = str(_type_name(kind))
    bases = mro(kind)
    overrides = frozenset(p for p in _PROTOCOL if isinstance(static_attribute(kind, p), types.FunctionType))
    for builtin, shape, read in _BUILTINS:
        if any(base is builtin for base in bases):
            return Shape(kind, shape, name, read, builtin, overrides)
    module = _type_dict(kind).get("__module__")
    drawn = (type(module) is str and module in learner_modules) or kind is types.SimpleNamespace
    error = any(base is BaseException for base in bases)
    if not drawn or error or any(base is enum.Enum or base is type for base in bases):
        return Shape(kind, None, name, error=error, plain=has_plain_text(kind))
    dictionary, slots = _attribute_descriptors(bases)
    described = frozenset(
        attribute
        for base in bases
        for attribute, value in _type_dict(base).items()
        if isinstance(value, property) or (hasattr(type(value), "__set__") and attribute not in slots)
    )
    return Shape(
        kind,
        "object",
        name,
        _attribute_reader(dictionary, slots),
        None,
        overrides,
        described,
        frozenset(slots),
    )


def _attribute_descriptors(bases: Iterable[type]) -> tuple[Any, dict[str, Any]]:
    dictionary: Any = None
    slots: dict[str, Any] = {}
    for base in bases:
        own = _type_dict(base)
        declared = own.get("__slots__", ())  # in the learner's order; the type's dictionary has them sorted
        order = [name for name in declared if name in own] if type(declared) in (tuple, list) else []
        for attribute in [*order, *own]:
            value = own[attribute]
            if isinstance(value, types.MemberDescriptorType):
                slots.setdefault(attribute, value)
            elif (
                attribute == "__dict__"
                and isinstance(value, types.GetSetDescriptorType)
                and dictionary is None
            ):
                dictionary = value
    return dictionary, slots


_NAMES: Final = frozenset((str,))


def _attribute_reader(dictionary: Any, slots: dict[str, Any]) -> Callable[[Any], Contents]:
    def read_dictionary(value: Any) -> Contents:
        found: dict[Any, Any] = dict.copy(dictionary.__get__(value))
        if not _NAMES.issuperset(map(type, found)):
            found = {name: item for name, item in found.items() if type(name) is str}
        return found

    def read(value: Any) -> Contents:
        found: dict[Any, Any] = {}
        for attribute, slot in slots.items():
            try:
                found[attribute] = slot.__get__(value)
            except AttributeError:
                continue
        if dictionary is not None:
            found.update(read_dictionary(value))
        return found

    if dictionary is not None and not slots:
        return read_dictionary
    return read


def size_of(shape: Shape, value: Any) -> int:
    """The number of a builtin container's elements; 0 for objects with attributes."""
    return 0 if shape.builtin is None else int(shape.builtin.__len__(value))  # type: ignore[attr-defined]


def length(shape: Shape, value: Any, contents: Contents) -> int:
    """The true number of elements, which may exceed what `contents` holds."""
    return len(contents) if shape.builtin is None else int(shape.builtin.__len__(value))  # type: ignore[attr-defined]

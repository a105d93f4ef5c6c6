"""Owns what goes into the child: the notebook's names, copied by pickle, each left out where it cannot be.

Functions of the notebook go in by their code, classes by their source, since no other process can import them.
All names travel in one sequence of pickles with one memory: two names of one object stay two names of one object.
"""

from __future__ import annotations

import functools
import io
import marshal
import pickle
from abc import ABCMeta
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from . import rebuild
from .sources import find_statement, may_use_any, names_of

_HEAP_TYPE: Final = 1 << 9
_DATA: Final = (bool, int, float, complex, str, bytes, list, dict, set, frozenset, tuple, deque)
_PICKLING: Final = ("__reduce__", "__reduce_ex__", "__getstate__", "__new__")
_SPECIAL: Final = ("__setstate__", "__getnewargs__", "__getnewargs_ex__", "__getattribute__", "__getattr__")


@dataclass(frozen=True, slots=True)
class Passed:
    """Which names went into the child, and which did not, each with the reason."""

    names: tuple[str, ...]
    left_out: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Packed:
    """What a child needs to have the same names: pickles one after the other, and the texts they refer to."""

    data: bytes
    files: frozenset[str]
    passed: Passed


@dataclass(slots=True)
class _Attempt:
    """One try to pickle all names, without those in `left_out`."""

    namespace: dict[str, Any]
    left_out: dict[str, str]
    done: dict[str, None] = field(default_factory=dict)
    wanted: deque[str] = field(default_factory=deque)
    files: set[str] = field(default_factory=set)


def pack(
    namespace: dict[str, Any],
    names: Iterable[str],
    call: Any = None,
    refused: Mapping[str, str] | None = None,
) -> Packed:
    """Pickle the named values of `namespace`, and all that their functions and classes may ask for.

    Args:
        namespace: the notebook's.
        names: those the program uses; what is not in the namespace is passed over.
        call: a value that has to go in, with no name, or None.
        refused: names the child could not make again, with the reason.

    Raises:
        TypeError: `call` cannot be pickled.
    """
    left_out = dict(refused or {})
    while True:
        attempt = _Attempt(namespace, left_out)
        attempt.wanted.extend(sorted(names))
        found = _try(attempt, call)
        if found is not None:
            return found


def used_names(code: Any, namespace: Mapping[str, Any]) -> frozenset[str]:
    """The names of `namespace` that a program may ask for; all public ones where it can ask for any."""
    names = names_of(code)
    if may_use_any(names):
        names |= {name for name in namespace if not name.startswith("_") and name not in ("In", "Out")}
    return names & namespace.keys()


def _is_the_module_s(name: str) -> bool:
    """`__name__`, `__file__` and the like: the child's `__main__` has its own."""
    return name.startswith("__") and name.endswith("__")


def _is_the_shell_s(value: Any) -> bool:
    """What IPython puts into every notebook (`get_ipython`, its `open`): the child has none, or Python's own."""
    home = value.__module__ if type(value) in (FunctionType, MethodType) else type(value).__module__
    return str(home).partition(".")[0] in ("IPython", "ipykernel")


def _try(attempt: _Attempt, call: Any) -> Packed | None:
    """One attempt; None if a name had to be left out, which may have broken what others share with it."""
    buffer = io.BytesIO()
    pickler = _Pickler(buffer, attempt)
    if call is not None:
        try:
            pickler.dump_whole(("call", "", call))
        except Exception as error:
            raise TypeError(f"the call cannot be copied into another process: {_reason(error)}") from None
    while attempt.wanted:
        name = attempt.wanted.popleft()
        known = name in attempt.done or name in attempt.left_out or name not in attempt.namespace
        if known or _is_the_module_s(name) or _is_the_shell_s(attempt.namespace[name]):
            continue
        try:
            pickler.dump_whole(("name", name, attempt.namespace[name]))
        except Exception as error:
            attempt.left_out[name] = _reason(error)
            return None
        attempt.done[name] = None
    passed = Passed(tuple(attempt.done), attempt.left_out)
    return Packed(buffer.getvalue(), frozenset(attempt.files), passed)


def _reason(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply to be copied"
    return str(error) or type(error).__name__


class _Pickler(pickle.Pickler):
    """Pickles with one memory over several `dump_whole`."""

    def __init__(self, buffer: io.BytesIO, attempt: _Attempt) -> None:
        super().__init__(buffer, protocol=5)
        self._attempt = attempt
        self._hollow: deque[Any] = deque()
        self._plain: dict[type, bool] = {}
        self._defining: set[type] = set()

    def dump_whole(self, item: tuple[str, str, Any]) -> None:
        """`item`, then the attributes of each plain object met on the way, which goes on until none is left.

        Before each part goes the name it belongs to: a part that cannot be loaded cannot say so itself.
        """
        name = item[1]
        self.dump(name)
        self.dump(item)
        while self._hollow:
            hollow = self._hollow.popleft()
            self.dump(name)
            self.dump(("fill", name, (hollow, object.__reduce_ex__(hollow, 2)[2])))

    def reducer_override(self, item: Any) -> Any:
        kind = type(item)
        if kind is FunctionType and item.__globals__ is self._attempt.namespace:
            return self._function(item)
        if isinstance(item, type):
            return self._class(item) if _module_of(item) == "__main__" else NotImplemented
        if kind is CellType:
            return self._cell(item)
        if kind is ModuleType:
            return rebuild.module, (item.__name__,)
        if kind is functools._lru_cache_wrapper:
            return self._cached(item)
        if self._is_plain(kind):
            self._hollow.append(item)
            return rebuild.plain_object, (kind,)
        return NotImplemented

    def _function(self, item: FunctionType) -> Any:
        code = item.__code__
        self._attempt.wanted.extend(sorted(names_of(code)))
        self._attempt.files.add(code.co_filename)
        state = rebuild.function_state(item)
        made = marshal.dumps(code), item.__name__, item.__closure__
        return rebuild.function, made, state, None, None, rebuild.fill_function

    def _cell(self, item: CellType) -> Any:
        try:
            contents = (item.cell_contents,)
        except ValueError:
            return rebuild.cell, ()
        return rebuild.cell, (), contents, None, None, rebuild.fill_cell

    def _cached(self, item: Any) -> Any:
        if item.__wrapped__.__globals__ is not self._attempt.namespace:
            return NotImplemented
        return rebuild.cached, (item.__wrapped__, item.cache_parameters())

    def _class(self, kind: type) -> Any:
        if "." in kind.__qualname__ and "<locals>" not in kind.__qualname__:
            return self._nested(kind)
        statement = None if "<locals>" in kind.__qualname__ else find_statement(kind)
        if statement is None:
            return _made_by_a_call(kind)
        if kind in self._defining:
            raise pickle.PicklingError(f"class {kind.__name__} needs itself to be defined")
        self._defining.add(kind)
        attempt = self._attempt
        attempt.wanted.extend(sorted(statement.later))
        attempt.files.add(statement.filename)
        needs = {name: attempt.namespace[name] for name in sorted(statement.needs & attempt.namespace.keys())}
        made = statement.filename, statement.line, statement.name, statement.flags, needs
        state = _class_data(kind)
        if not state:
            return rebuild.class_statement, made
        return rebuild.class_statement, made, state, None, None, rebuild.fill_class

    def _nested(self, kind: type) -> Any:
        outer, _, name = kind.__qualname__.rpartition(".")
        found = self._attempt.namespace.get(outer.partition(".")[0])
        for part in outer.split(".")[1:]:
            found = getattr(found, part, None)
        if getattr(found, name, None) is not kind:
            raise pickle.PicklingError(f"class {kind.__qualname__} is no longer to be found under its name")
        return getattr, (found, name)

    def _is_plain(self, kind: type) -> bool:
        known = self._plain.get(kind)
        if known is None:
            known = self._plain[kind] = _is_plain(kind)
        return known


def _module_of(kind: type) -> Any:
    return type.__dict__["__module__"].__get__(kind)


def _hash_of(kind: Any) -> Any:
    return kind.__hash__


def _is_plain(kind: type) -> bool:
    """Whether objects of a class are their attributes and nothing else, and may be hashed before they have them."""
    mro = type.__dict__["__mro__"].__get__(kind)
    if len(mro) < 2 or _module_of(kind) != "__main__":
        return False
    own = [part for part in mro if part is not object]
    names = {name for part in own for name in vars(part)}
    return (
        all(part.__flags__ & _HEAP_TYPE for part in own)
        and names.isdisjoint(_PICKLING)
        and names.isdisjoint(_SPECIAL)
        and _hash_of(kind) in (object.__hash__, None)
    )


def _class_data(kind: type) -> dict[str, Any]:
    """Attributes of a class that are data and may have changed since its statement ran."""
    if type(kind) not in (type, ABCMeta):
        return {}
    return {
        name: value
        for name, value in vars(kind).items()
        if not (name.startswith("__") and name.endswith("__"))
        and not name.startswith("_abc_")
        and (
            type(value) in _DATA
            or (_module_of(type(value)) == "__main__" and not hasattr(type(value), "__get__"))
        )
    }


def _made_by_a_call(kind: type) -> Any:
    """A class that no statement defined: what `namedtuple` and `Enum` make can be made again."""
    values = vars(kind)
    if issubclass(kind, tuple) and "_fields" in values and "_field_defaults" in values:
        return rebuild.tuple_class, (kind.__name__, values["_fields"], values["_field_defaults"])
    if issubclass(kind, Enum) and len(kind.__bases__) == 1:
        members = {name: member.value for name, member in kind.__members__.items()}
        return rebuild.enum_class, (kind.__bases__[0], kind.__name__, members)
    where = "inside a function" if "<locals>" in kind.__qualname__ else "where its source is not known"
    raise pickle.PicklingError(f"class {kind.__name__} was defined {where}")

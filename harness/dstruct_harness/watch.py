"""Owns the hooks around calls into code we did not transform: what such a call changed is found and recorded."""

from __future__ import annotations

import operator
import sys
from collections import defaultdict
from collections.abc import Sequence
from time import perf_counter
from types import BuiltinMethodType, FrameType, FunctionType, MethodType
from typing import Any, Final

from .effects import MUTATORS, Effect, before, changes
from .recording import Recording
from .shapes import ATOMIC_TYPES, Contents, Shape, size_of
from .values import NO_VALUE

LOOK_SECONDS: Final = 0.02
"""Ticks are made this far apart, as far as the past tells: in seconds of computing, since on a busy machine as much is
to be done for each chunk as on an idle one.
"""
WAIT_SECONDS: Final = 0.1
"""Ticks are made this far apart at most, in seconds of the clock on the wall."""

BOUND_BUILTINS: Final[tuple[type, ...]] = (BuiltinMethodType, type([].__iter__))
"""Types of builtin methods bound to their receiver."""

_HELD: Final = 1_000
"""Values at most that wait for an in-place operator to be done with them; exceptions leave some behind."""

_LARGE: Final = 1_000
"""A container with more elements is compared only while the budget lasts."""
_BUDGET: Final = 2_000_000
_REFILL: Final = 100_000
"""Elements that may be compared at calls into unknown code: in all, and more with each tick."""


_ESCAPED: Final = 16
"""Containers that are looked at because a method of theirs was handed around."""


def _same(old: Contents, new: Contents) -> bool:
    """Whether two contents are the same objects at the same places."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and _same(list(old.values()), list(new.values()))
    if len(old) != len(new):
        return False
    return all(
        a is b or (type(a) is tuple is type(b) and len(a) == len(b) == 2 and a[0] is b[0] and a[1] is b[1])
        for a, b in zip(old, new, strict=True)
    )


class Watch(Recording):
    """Hooks for calls whose effects have to be found."""

    def __init__(self) -> None:
        self._parked: list[Any] = []
        self._open: list[tuple[Any, ...]] = []
        self._held: list[tuple[Any, Any]] = []
        self._waiting: list[tuple[int, Any, Any]] = []
        self._escaped: dict[int, tuple[Any, Shape, Contents]] = {}
        self._budget = _BUDGET
        self._last_tick = 0.0

    _ticks: int

    def refill(self) -> None:
        """A tick has passed: some more may be compared."""
        self._budget = min(_BUDGET, self._budget + _REFILL)

    def affordable(self, subject: Any, shape: Shape) -> bool:
        """Whether a container of this size can be compared before and after a call into unknown code."""
        size = size_of(shape, subject)
        if size > _LARGE:
            if size > self._budget:
                return False
            self._budget -= size
        return True

    def _before_call(self, site: int, function: Any, *arguments: Any) -> Any:
        """Park the call for `pop`, keep what it may change. The token is for `fin`; None where nothing can escape."""
        self._parked.extend(reversed((function, *arguments)))
        kind = type(function)
        if kind is MethodType:
            inner = function.__func__
            if type(inner) is FunctionType and id(inner.__code__) in self.codes:
                return None
        elif kind is FunctionType and id(function.__code__) in self.codes:
            return None
        receiver = function.__self__ if kind is MethodType or kind in BOUND_BUILTINS else None
        if kind in BOUND_BUILTINS:
            mutators = MUTATORS.get(self.heap.shape(type(receiver)).shape or "")
            if mutators is not None:  # a container's own method: it changes its receiver or nothing
                name = function.__name__
                return self._bracket(site, function, receiver, (), arguments) if name in mutators else None
        return self._bracket(site, function, receiver, arguments, arguments)

    def _escaping(self, method: Any) -> Any:
        """A method that changes its container is handed around: from now on that one is looked at."""
        if type(method) in BOUND_BUILTINS and self.live and not self.stopping:
            subject = method.__self__
            shape = self.heap.shape(type(subject))
            if shape.read is not None and shape.shape not in ("tuple", "frozenset"):
                self.heap.first(subject)
                if self.affordable(subject, shape):
                    self._escaped[id(subject)] = (subject, shape, shape.read(subject))
                    if len(self._escaped) > _ESCAPED:
                        del self._escaped[next(iter(self._escaped))]
        return method

    def _look(self, tell: bool) -> None:
        """Record what changed in containers whose methods were handed around; without `tell` the log has it already.

        Their whole contents are recorded, which is right whatever traced code has said of them meanwhile.
        """
        if not self._escaped or not self.live or self.stopping:
            return
        for number, (subject, shape, old) in list(self._escaped.items()):
            assert shape.read is not None
            if not self.affordable(subject, shape):
                del self._escaped[number]
                continue
            new = shape.read(subject)
            if not _same(old, new):
                self._escaped[number] = (subject, shape, new)
                if tell:
                    self.say("late", subject)
                    self._effect(subject, ("fill", new))

    def _before_store(self, late: tuple[int, ...], value: Any, subject: Any, key: Any) -> Any:
        """A store whose key took a call to work out, or is a slice, or may equal one that is there already."""
        self._parked.extend((value, key, subject))
        return self._late(late, subject, key, value)

    def _before_aug(self, late: tuple[int, ...], subject: Any, key: Any, value: Any) -> Any:
        self._parked.extend((value, key, subject))
        return self._late(late, subject, key, value)

    def _lay(self, late: tuple[int, ...], subject: Any, key: Any) -> Any:
        """Container and key of an augmented assignment wait here, under their frame; gives the container."""
        self._waiting.append((id(sys._getframe(1)), subject, key))
        del self._waiting[:-_HELD]
        if self.live and not self.stopping:
            _, code, *columns = late
            self._block(code, columns, (subject, key))
        return subject

    def _laid(self) -> Any:
        """The key laid last."""
        return self._waiting[-1][2]

    def _pick(self, late: tuple[int, ...], value: Any) -> Any:
        """The store of an augmented assignment whose container and key have waited."""
        frame = id(sys._getframe(1))
        place = max(index for index, entry in enumerate(self._waiting) if entry[0] == frame)
        _, subject, key = self._waiting[place]
        del self._waiting[place:]
        self._parked.extend((value, key, subject))
        return self._late(late, subject, key, value)

    def _late(self, late: tuple[int, ...], subject: Any, key: Any, value: Any) -> Any:
        site, code, *columns = late
        shape = self.heap.shape(type(subject))
        plain = type(key) in ATOMIC_TYPES or shape.shape in ("object", None)
        if not plain:
            return self._bracket(site, operator.setitem, subject, (value,), (key, value))
        if not self.live or self.stopping:
            return None
        self.heap.first(subject)
        operands = (subject, key, value) if len(columns) == 3 else (subject, value)
        return ("late", code, columns, operands)

    def _bracket(
        self, site: int, function: Any, receiver: Any, changing: tuple[Any, ...], arguments: tuple[Any, ...]
    ) -> Any:
        if not self.live or self.stopping:
            return None
        subjects = []
        for subject in (receiver, *changing):
            shape = self.heap.shape(type(subject))
            if shape.read is not None and shape.shape not in ("tuple", "frozenset"):
                own = subject is receiver and type(function) in BOUND_BUILTINS
                if own or self.affordable(subject, shape):
                    self.heap.first(subject)
                    subjects.append((subject, shape, before(function, subject, shape, arguments)))
        if not subjects:
            return None
        begun = (self._ticks, len(self.path))
        token = (site, function, receiver, subjects, id(sys._getframe(2)), arguments, begun)
        self._open.append(token)
        return token

    def _after_call(self, token: Any, result: Any) -> Any:
        if type(result) is defaultdict:
            self.heap.first(result)  # reading a missing key changes it, and loads look at nothing
        if self.live and not self.stopping:
            if token is not None:
                self._settled(token, result)
            if perf_counter() - self._last_tick > WAIT_SECONDS:
                self.tick()  # a few such calls may take longer than any number of codes tells
        return result

    def _settled(self, token: tuple[Any, ...], result: Any) -> None:
        """Record what a watched store or call did."""
        if token[0] == "late":
            _, code, columns, operands = token
            self._block(code, columns, operands)
            return
        while self._open and self._open.pop() is not token:
            pass  # a call inside this one that ended by an exception nobody told us of
        self._record_call(token, result)

    def _block(self, code: int, columns: Sequence[int], operands: Sequence[Any]) -> None:
        """A block that consists of values and what is to be said of them."""
        for column, operand in zip(columns, operands, strict=True):
            self.encoder.column(column).append(operand)
        self.path.append(code)

    def _record_call(self, token: tuple[Any, ...], result: Any, *, failed: bool = False) -> None:
        site, function, receiver, subjects, _, arguments, begun = token
        # Traced code ran inside the call, and has said what it changed: saying it twice would be wrong.
        told = begun != (self._ticks, len(self.path))
        for subject, shape, old in subjects:
            effects = changes(function, subject, shape, old, arguments, result, failed)
            if told and effects and isinstance(old, (list, dict)) and shape.read is not None:
                effects = [("fill", shape.read(subject))]
            if effects or (subject is receiver and not failed):
                outcome = NO_VALUE if failed else result
                self.say("call", site, subject, self.tables.name(self._label(site, function)), outcome)
                for effect in effects:
                    self._effect(subject, effect)
                if id(subject) in self._escaped and shape.read is not None:
                    self._escaped[id(subject)] = (subject, shape, shape.read(subject))

    def _effect(self, subject: Any, effect: Effect) -> None:
        kind, *operands = effect
        if kind == "fill":
            self.encoder.values.fill(subject, operands[0], self.encoder.fills)
            operands = []
        self.say(kind, subject, *operands)

    def failed_calls(self) -> None:
        """An exception is on its way: calls of this frame that are open have failed, maybe after changing
        something.
        """
        here: FrameType | None = sys._getframe(1)
        if not self.live or self.stopping:
            return
        own, back = id(here), here
        while self._open:
            number = self._open[-1][4]
            while number != own and back is not None and id(back) != number:
                back = back.f_back
            if number != own and back is not None:
                return  # a call of a frame further out: it goes on
            self._record_call(self._open.pop(), None, failed=True)
            back = here if back is None else back

    def _label(self, site: int, function: Any) -> str:
        name = self.tables.sites[site][6].get("name")
        if name is not None:
            return self.tables.names[int(name)]
        if type(function) in (*BOUND_BUILTINS, FunctionType, BuiltinMethodType):
            return str(function.__name__)
        return self._label(site, function.__func__) if type(function) is MethodType else "call"

    def _hold(self, value: Any) -> Any:
        """`value`, which an in-place operator may be about to change."""
        if type(value) not in ATOMIC_TYPES:
            shape = self.heap.shape(type(value))
            self.heap.first(value)
            if shape.read is not None and shape.shape not in ("tuple", "frozenset"):
                self._held.append((value, shape.read(value)))
                del self._held[:-_HELD]
        return value

    def _settle(self, site: int, value: Any) -> Any:
        """`value`, which an in-place operator may have changed."""
        if type(value) not in ATOMIC_TYPES:
            self._resync(site, value)
        return value

    def _resync(self, site: int, subject: Any) -> None:
        kept = None
        for index in range(len(self._held) - 1, -1, -1):
            if self._held[index][0] is subject:
                kept = self._held[index][1]
                del self._held[index:]
                break
        if self.live and not self.stopping and kept is not None:
            shape = self.heap.shape(type(subject))
            effects = changes(None, subject, shape, kept, (), None, False)
            if effects:
                self.say("call", site, subject, self.tables.name("in-place"), subject)
                for effect in effects:
                    self._effect(subject, effect)

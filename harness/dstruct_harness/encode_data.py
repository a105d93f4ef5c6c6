"""Owns the handlers of data: elements, iteration, attributes, calls that change containers."""

from __future__ import annotations

from collections import defaultdict
from types import BuiltinMethodType, MethodWrapperType
from typing import Any, Final

from .effects import MODELS, apply, difference, is_sequence, position
from .encoder_base import FAILED, UNKNOWN, EventMaker
from .events import NOTHING, TAG_OBJECT
from .heap import Entry
from .program import Op
from .shapes import token

BOUND_BUILTINS: Final = (BuiltinMethodType, MethodWrapperType)

_FACTORY_RESULTS: Final = {int: 0, float: 0.0, str: "", bool: False}


class DataEvents(EventMaker):
    """Events of containers and objects."""

    # -- elements ------------------------------------------------------------------------------

    def container(self, value: Any, method: str) -> Entry | None:
        """The entry of a container whose `method` is the builtin one; what a learner's does is traced by itself."""
        entry = self.heap.entries.get(id(value)) or self.entry(value)
        return None if entry is None or method in entry.shape.overrides else entry

    def on_get(self, op: Op, operands: list[Any]) -> None:
        subject, key = operands
        entry = self.container(subject, "__getitem__")
        if (
            entry is not None and type(key) is int and type(entry.contents) is list
        ):  # the most frequent event by far
            key += entry.size if key < 0 else 0
            if 0 <= key < entry.size:
                if self.writer.full:
                    self.cut()
                self.writer.stop(op.site, ((entry.id << 2) | TAG_OBJECT, key << 2))
        elif entry is None:
            if type(subject) is str and type(key) in (int, bool, slice):
                self.read(op.site, subject, len(subject), key)
        elif is_sequence(entry):
            self.read(op.site, subject, entry.size, key)
        elif isinstance(entry.contents, dict) and entry.shape.shape == "dict":
            if token(key) in entry.contents or entry.partial:
                self.say(op.site, subject, key)
            elif isinstance(subject, defaultdict):
                self.default(op, entry, key)

    def read(self, site: int, container: Any, size: int, key: Any) -> None:
        """A read of one element, or of a slice of them, of a sequence."""
        if type(key) in (int, bool):
            number = int(key)
            number += size if number < 0 else 0
            if 0 <= number < size:
                self.say(site, container, number)
        elif type(key) is slice:
            bounds = [part for part in (key.start, key.stop, key.step) if part is not None]
            if all(type(part) is int for part in bounds) and key.step != 0:
                self.say(site, container, slice(*key.indices(size)))

    def default(self, op: Op, entry: Entry, key: Any) -> None:
        """A defaultdict made the value it was asked for."""
        factory = defaultdict.__dict__["default_factory"].__get__(entry.subject)
        live = entry.shape.read(entry.subject) if entry.shape.read else {}
        held = live.get(token(key)) if isinstance(live, dict) else None
        if factory is None or held is None:
            return
        value = _FACTORY_RESULTS[factory] if factory in _FACTORY_RESULTS else held[1]
        self.say(op.site, entry.subject, key)
        self.effects(entry, [("put", key, value)])

    def on_set(self, op: Op, operands: list[Any]) -> None:
        value, subject, key = operands
        self.assign(op.site, subject, key, value)

    def on_set_in_place(self, op: Op, operands: list[Any]) -> None:
        subject, key, value = operands
        self.assign(op.site, subject, key, value)

    def on_values(self, op: Op, operands: list[Any]) -> None:
        frame = self.stack.align(op.unit)
        if frame is not None:
            frame.pending[op.id] = operands

    def value_of(self, op: Op, subject: Any) -> Any:
        """The value that a store inside an unpacking receives; `UNKNOWN` where it was not logged."""
        frame = self.stack.top
        values = frame.pending.get(op.link, ()) if frame is not None else ()
        if op.position < len(values):
            return values[op.position]
        entry = self.entry(subject)
        if entry is not None:
            self.suspect(entry)
        return UNKNOWN

    def on_set_later(self, op: Op, operands: list[Any]) -> None:
        subject, key = operands
        value = self.value_of(op, subject)
        if value is not UNKNOWN:
            self.assign(op.site, subject, key, value)

    def assign(self, site: int, subject: Any, key: Any, value: Any) -> None:
        entry = self.container(subject, "__setitem__")
        if entry is None:
            return
        held = _held_key(entry, key)
        if held is UNKNOWN:
            self.suspect(entry)
            return
        if type(held) is not int and type(token(held)) is not type(held):
            self.suspect(
                entry
            )  # whether this key equals one that is there, only the learner's `__eq__` knows
        self.say(site, subject, held, value)
        apply(entry, ("put", held, value))
        self.heap.touch(entry, self.writer.index)

    def on_del(self, op: Op, operands: list[Any]) -> None:
        subject, key = operands
        entry = self.container(subject, "__delitem__")
        if entry is None:
            return
        held = _held_key(entry, key)
        if held is UNKNOWN or (isinstance(entry.contents, dict) and token(held) not in entry.contents):
            return
        self.say(op.site, subject, held)
        apply(entry, ("remove", held))
        self.heap.touch(entry, self.writer.index)

    def on_contains(self, op: Op, operands: list[Any]) -> None:
        item, subject, outcome = operands
        entry = self.container(subject, "__contains__")
        if entry is not None and entry.shape.shape != "object" and type(outcome) is bool:
            found = outcome is not (op.names == ("not in",))
            self.room()
            self.stop(op.site, self.writer.code(subject), self.writer.code(item), int(found))

    # -- iteration -----------------------------------------------------------------------------

    def on_iterate(self, op: Op, operands: list[Any]) -> None:
        frame = self.stack.top if op.floating else self.stack.align(op.unit)
        loops = self._floating if op.floating or frame is None else frame.loops
        loops[op.id] = [operands[0], 0]

    def on_element(self, op: Op, operands: list[Any]) -> None:
        frame = self.stack.top if op.floating else self.stack.align(op.unit)
        loop = (frame.loops.get(op.link) if frame is not None else None) or self._floating.get(op.link)
        if loop is None:
            return
        subject, index = loop
        loop[1] += 1
        if type(subject) is str:
            self.room()
            self.stop(op.site, self.writer.code(subject), index)
            return
        entry = self.container(subject, "__iter__")
        if (
            entry is not None
            and index < entry.size
            and entry.shape.shape not in ("object", "set", "frozenset")
        ):
            self.room()
            self.stop(op.site, self.writer.code(subject), index)

    # -- attributes ----------------------------------------------------------------------------

    def attributes(self, subject: Any, name: str, method: str) -> Entry | None:
        """The entry of an object whose attribute `name` is plain data."""
        if self.heap.shape(type(subject)).shape != "object":
            return None
        entry = self.entry(subject)
        if entry is None or name in entry.shape.described or method in entry.shape.overrides:
            if entry is not None:
                self.suspect(entry)
            return None
        return entry

    def on_getattr(self, op: Op, operands: list[Any]) -> None:
        entry = self.attributes(operands[0], op.names[0], "")
        if entry is not None and op.names[0] in entry.contents:
            self.say(op.site, operands[0])

    def on_setattr(self, op: Op, operands: list[Any]) -> None:
        self.set_attribute(op, operands[1], operands[0])

    def on_setattr_in_place(self, op: Op, operands: list[Any]) -> None:
        self.set_attribute(op, operands[0], operands[1])

    def on_setattr_later(self, op: Op, operands: list[Any]) -> None:
        value = self.value_of(op, operands[0])
        if value is not UNKNOWN:
            self.set_attribute(op, operands[0], value)

    def set_attribute(self, op: Op, subject: Any, value: Any) -> None:
        entry = self.attributes(subject, op.names[0], "__setattr__")
        if entry is not None:
            self.say(op.site, subject, value)
            apply(entry, ("put", op.names[0], value))
            self.heap.touch(entry, self.writer.index)

    def on_delattr(self, op: Op, operands: list[Any]) -> None:
        entry = self.attributes(operands[0], op.names[0], "__delattr__")
        if entry is not None and op.names[0] in entry.contents:
            self.say(op.site, operands[0])
            apply(entry, ("remove", op.names[0]))
            self.heap.touch(entry, self.writer.index)

    # -- calls ---------------------------------------------------------------------------------

    def on_call(self, op: Op, operands: list[Any]) -> None:
        """A method whose effect follows from receiver, arguments and result."""
        function, *arguments, result = operands
        if type(function) not in BOUND_BUILTINS:
            return
        entry = self.entry(function.__self__)
        if entry is None:
            return
        name = function.__name__
        model = MODELS[str(entry.shape.shape)].get(name)
        effects = model(entry, tuple(arguments), result) if model else None
        self.called(op, entry, name, result)
        if effects is None:
            self.suspect(entry)
        else:
            self.effects(entry, effects)

    def called(self, op: Op, entry: Entry, name: str, result: Any) -> None:
        self.room()
        code = self.writer.code
        outcome = NOTHING if result is FAILED else code(result)
        self.stop(op.site, code(entry.subject), self.tables.name(name), outcome)

    def on_opaque(self, op: Op, operands: list[Any]) -> None:
        """A call whose effects are found by comparing what it was given, before and after."""
        name, result, contents, receiver = operands
        recorded = False
        for subject, new in contents:
            entry = self.entry(subject)
            if entry is None or entry.partial:
                continue
            found = difference(entry, new)
            if found or (subject is receiver and result is not FAILED):
                self.called(op, entry, name, result)
                self.effects(entry, found)
                recorded = True
        if not recorded and receiver is not None:
            self.entry(receiver)

    def on_in_place(self, op: Op, operands: list[Any]) -> None:
        """`a += b` on a container bound to a name."""
        subject, new = operands
        entry = self.entry(subject)
        if entry is not None and not entry.partial:
            found = difference(entry, new)
            if found:
                self.called(op, entry, op.names[0], subject)
                self.effects(entry, found)


def _held_key(entry: Entry, key: Any) -> Any:
    """Where a store goes: a position counted from 0, or the dict's own key (1.0 finds the key 1, and the key stays 1).

    UNKNOWN where Python refuses the store or we can't tell.
    """
    if is_sequence(entry):
        where = position(entry, key)
        return UNKNOWN if where is None or entry.shape.shape == "tuple" else where
    if isinstance(entry.contents, dict) and entry.shape.shape == "dict":
        return entry.contents.get(token(key), (key,))[0]
    return UNKNOWN

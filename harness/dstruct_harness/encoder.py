"""Owns the making of events: the flat log of the transformed program in, events out. The only place that makes them.

`encode` walks the flat log: an op's number, then its operands, handled by the method named after the op's kind. The
order of the log is the order in which things happened, and the recorder's heap is the learner's as it was at each point
of it, so that every value is recorded as it was then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from types import BuiltinMethodType, MethodWrapperType
from typing import Any, Final

from .effects import MODELS, Effect, apply, difference, is_sequence, position
from .events import EFFECTS, NOTHING, TAG_OBJECT
from .frames import CallStack
from .heap import Entry, Heap
from .program import Op, Tables
from .shapes import token
from .writer import ChunkWriter, Frame, StepLimit

BOUND_BUILTINS: Final = (BuiltinMethodType, MethodWrapperType)
__all__ = ["BOUND_BUILTINS", "FAILED", "Encoder", "StepLimit"]

_FACTORY_RESULTS: Final = {int: 0, float: 0.0, str: "", bool: False}


class Encoder:
    """Turns flat log batches into events. `max_steps` stops the recording exactly there."""

    def __init__(
        self, tables: Tables, heap: Heap, sink: Callable[[bytes], None], max_steps: int | None
    ) -> None:
        self.tables = tables
        self.heap = heap
        self.effect_sites = {event: tables.site(event, -1, None) for event in EFFECTS}
        self.own_sites = {
            event: tables.site(event, -1, None) for event in ("raise", "unwind", "yield", "resume")
        }
        self.writer = ChunkWriter(tables, heap, sink, max_steps)
        self.stack = CallStack(self._vanished)
        self.raised: BaseException | None = None
        self._plans: list[tuple[Callable[[Op, list[Any]], None], Op, int]] = []
        self._floating: dict[int, list[Any]] = {}
        self._suspects: dict[int, Entry] = {}

    def encode(self, batch: list[Any]) -> None:
        """Make the events of one batch. Raises StepLimit where the budget ends."""
        self._plan()
        plans, at, size = self._plans, 0, len(batch)
        while at < size:
            handler, op, width = plans[batch[at]]
            following = at + 1 + width
            handler(op, batch[at + 1 : following])
            at = following
        if self._suspects:
            self.reconcile(list(self._suspects.values()))
            self._suspects.clear()

    def _plan(self) -> None:
        for op in self.tables.ops[len(self._plans) :]:
            self._plans.append((getattr(self, f"on_{op.kind}"), op, op.width))

    # -- making events -------------------------------------------------------------------------

    def stop(self, site: int, *operands: int) -> None:
        self.writer.stop(site, operands)

    def room(self) -> None:
        """Begin a new chunk if this one is full. Before a stop's operands are coded, since codes are a chunk's own."""
        if self.writer.full:
            self.cut()

    def cut(self, end: dict[str, Any] | None = None) -> None:
        stack = self.stack
        self.writer.cut(stack.frames, stack.suspended.values(), stack.entered, end)

    def entry(self, value: Any) -> Entry | None:
        """The entry of a container, its record written; None for values without parts."""
        entries = self.heap.entries
        known = entries.get(id(value))
        if known is None and self.heap.shape(type(value)).read is not None:
            self.writer.code(value)
            known = entries.get(id(value))
        return known

    def effects(self, entry: Entry, effects: list[Effect]) -> None:
        writer, sites = self.writer, self.effect_sites
        container = writer.code(entry.subject)
        for effect in effects:
            kind = effect[0]
            if kind == "fill":
                apply(entry, effect)
                writer.event(sites["fill"], (container,))
                writer.fill(writer.contents(entry))
                continue
            coded = [writer.code(part) for part in effect[1:]]
            if kind == "insert":
                coded[0] = effect[1]
            apply(entry, effect)
            writer.event(sites[kind], (container, *coded))
        if effects:
            self.heap.touch(entry, writer.index)

    def suspect(self, entry: Entry) -> None:
        """Compare with the live container at the end of this batch: what happened to it can't be told."""
        self._suspects[entry.id] = entry

    def reconcile(self, entries: list[Entry]) -> None:
        """Record, as late, what changed where we could not see it."""
        for entry in entries:
            assert entry.shape.read is not None
            if entry.partial:
                continue
            found = difference(entry, entry.shape.read(entry.subject))
            if found:
                self.writer.event(self.effect_sites["late"], (self.writer.code(entry.subject),))
                self.effects(entry, found)

    # -- lines and frames ----------------------------------------------------------------------

    def on_nop(self, op: Op, operands: list[Any]) -> None:
        """Operands parked for a moment: nothing happened yet."""

    def on_line(self, op: Op, operands: list[Any]) -> None:
        frames, writer = self.stack.frames, self.writer
        frame = frames[-1] if frames and frames[-1].unit == op.unit else self.stack.align(op.unit)
        if writer.full:
            self.cut()
        writer.stop(op.site)
        if frame is not None:
            frame.line = self.tables.sites[op.site][2]

    def on_enter(self, op: Op, operands: list[Any]) -> None:
        self.room()
        names = self.tables.sites[op.site][6]["names"]
        generator_token = operands[0] if len(operands) > len(names) else 0
        values = operands[len(operands) - len(names) :]
        self.stop(op.site, *map(self.writer.code, values))
        frame = self.stack.push(op.unit, generator_token)
        frame.line = self.tables.sites[op.site][2]
        frame.names.update(zip(names, values, strict=True))

    def on_leave(self, op: Op, operands: list[Any]) -> None:
        self.stack.align(op.unit)
        self.leave(op.site, operands[0])

    def leave(self, site: int, value: Any) -> None:
        self.room()
        self.stop(site, self.writer.code(value))
        self.stack.pop()

    def on_leave_none(self, op: Op, operands: list[Any]) -> None:
        self.stack.align(op.unit)
        self.leave(op.site, None)

    def on_return(self, op: Op, operands: list[Any]) -> None:
        frame = self.stack.align(op.unit)
        if frame is not None:
            frame.returning = operands[0]

    def on_leave_deferred(self, op: Op, operands: list[Any]) -> None:
        frame = self.stack.align(op.unit)
        if frame is not None and frame.pending.pop(-1, None) is None:
            self.leave(op.site, frame.returning)

    def on_unwind(self, op: Op, operands: list[Any]) -> None:
        frame = self.frame_of(op, operands)
        self.noticed(operands[0])
        self.room()
        self.stop(op.site, self.writer.code(operands[0]))
        self.stack.pop()
        if frame is not None:
            frame.pending[-1] = []

    def on_handler(self, op: Op, operands: list[Any]) -> None:
        self.frame_of(op, operands)
        self.noticed(operands[0], op.site)

    def on_passing(self, op: Op, operands: list[Any]) -> None:
        """A `finally` block begins; an exception may be on its way through it."""
        if operands[0] is not None:
            self.stack.align(op.unit)
            self.noticed(operands[0], op.site)

    def noticed(self, error: BaseException, site: int | None = None) -> None:
        """An exception is seen for the first time: it was raised here."""
        if error is self.raised:
            return
        self.raised = error
        self.room()
        self.stop(self.own_sites["raise"] if site is None else site, self.writer.code(error))

    def frame_of(self, op: Op, operands: list[Any]) -> Frame | None:
        """The frame of an op that may carry a generator's token as its last operand."""
        if len(operands) < 2:
            return self.stack.align(op.unit)
        frame = self.stack.align_token(operands[-1], op.unit)
        return frame or self.back(operands[-1], op.unit, self.own_sites["resume"], NOTHING)

    def _vanished(self, frame: Frame) -> None:
        event = "yield" if frame.token else "unwind"
        self.stop(self.own_sites[event], NOTHING)

    def on_yield(self, op: Op, operands: list[Any]) -> None:
        frame = self.stack.align(op.unit)
        self.room()
        self.stop(op.site, self.writer.code(operands[0]))
        if frame is not None and len(self.stack.frames) > 1:
            self.stack.frames.pop()
            self.stack.suspend(frame)

    def on_resume(self, op: Op, operands: list[Any]) -> None:
        if self.stack.align_token(operands[1], op.unit) is None:
            self.room()
            self.back(operands[1], op.unit, op.site, self.writer.code(operands[0]))

    def back(self, generator_token: int, unit: int, site: int, sent: int) -> Frame | None:
        frame = self.stack.suspended.get(generator_token)
        if frame is None or frame.unit != unit:
            return None
        self.stop(site, frame.id, sent)
        return self.stack.resume(generator_token, unit)

    # -- names ---------------------------------------------------------------------------------

    def scope(self, op: Op) -> Frame | None:
        frames = self.stack.frames
        detail = self.tables.sites[op.site][6]
        if detail["scope"] == "local":
            return frames[-1] if op.floating else self.stack.align(op.unit)
        if detail["scope"] == "global":
            return frames[0] if frames and self.tables.units[frames[0].unit].kind == "module" else None
        return next((f for f in reversed(frames) if f.unit == detail.get("unit")), None)

    def on_bind(self, op: Op, operands: list[Any]) -> None:
        frame = self.scope(op)
        self.writer.event(op.site, map(self.writer.code, operands))
        if frame is not None:
            frame.names.update(zip(self.tables.sites[op.site][6]["names"], operands, strict=True))

    def on_unbind(self, op: Op, operands: list[Any]) -> None:
        frame = self.scope(op)
        self.writer.event(op.site, ())
        if frame is not None:
            for name in self.tables.sites[op.site][6]["names"]:
                frame.names.pop(name, None)

    def on_output(self, op: Op, operands: list[Any]) -> None:
        if self.writer.print(operands[0], operands[1]):
            self.writer.event(self.effect_sites["output"], ())

    # -- elements ------------------------------------------------------------------------------

    def container(self, value: Any, method: str) -> Entry | None:
        """The entry of a container whose `method` is the builtin one; what a learner's does is traced by itself."""
        if self.writer.full:
            self.cut()
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
                self.writer.stop(op.site, ((entry.id << 2) | TAG_OBJECT, key << 2))
        elif entry is None:
            if type(subject) is str and type(key) in (int, bool, slice):
                self.read(op.site, self.writer.code(subject), len(subject), key)
        elif is_sequence(entry):
            self.read(op.site, self.writer.code(subject), entry.size, key)
        elif isinstance(entry.contents, dict) and entry.shape.shape == "dict":
            if token(key) in entry.contents or entry.partial:
                self.stop(op.site, self.writer.code(subject), self.writer.code(key))
            elif isinstance(subject, defaultdict):
                self.default(op, entry, key)

    def read(self, site: int, container: int, size: int, key: Any) -> None:
        """A read of one element, or of a slice of them, of a sequence."""
        if type(key) in (int, bool):
            number = int(key)
            number += size if number < 0 else 0
            if 0 <= number < size:
                self.stop(site, container, number << 2)
        elif type(key) is slice:
            bounds = [part for part in (key.start, key.stop, key.step) if part is not None]
            if all(type(part) is int for part in bounds) and key.step != 0:
                self.stop(site, container, self.writer.code(slice(*key.indices(size))))

    def default(self, op: Op, entry: Entry, key: Any) -> None:
        """A defaultdict made the value it was asked for."""
        factory = defaultdict.__dict__["default_factory"].__get__(entry.subject)
        live = entry.shape.read(entry.subject) if entry.shape.read else {}
        held = live.get(token(key)) if isinstance(live, dict) else None
        if factory is None or held is None:
            return
        value = _FACTORY_RESULTS[factory] if factory in _FACTORY_RESULTS else held[1]
        self.stop(op.site, self.writer.code(entry.subject), self.writer.code(key))
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
        """The value that a store inside an unpacking receives; `_UNKNOWN` where it was not logged."""
        frame = self.stack.top
        values = frame.pending.get(op.link, ()) if frame is not None else ()
        if op.position < len(values):
            return values[op.position]
        entry = self.entry(subject)
        if entry is not None:
            self.suspect(entry)
        return _UNKNOWN

    def on_set_later(self, op: Op, operands: list[Any]) -> None:
        subject, key = operands
        value = self.value_of(op, subject)
        if value is not _UNKNOWN:
            self.assign(op.site, subject, key, value)

    def assign(self, site: int, subject: Any, key: Any, value: Any) -> None:
        entry = self.container(subject, "__setitem__")
        if entry is None:
            return
        code = self.writer.code
        if is_sequence(entry):
            where = position(entry, key)
            if where is None or entry.shape.shape == "tuple":
                self.suspect(entry)
                return
            key = where
        elif isinstance(entry.contents, dict) and entry.shape.shape == "dict":
            key = entry.contents.get(token(key), (key,))[0]  # 1.0 finds the key 1, and the key stays 1
            if type(token(key)) is not type(key):
                self.suspect(entry)
        else:
            return
        self.stop(site, code(subject), code(key), code(value))
        apply(entry, ("put", key, value))
        self.heap.touch(entry, self.writer.index)

    def on_del(self, op: Op, operands: list[Any]) -> None:
        subject, key = operands
        entry = self.container(subject, "__delitem__")
        if entry is None:
            return
        if is_sequence(entry):
            where = position(entry, key)
            if where is None or entry.shape.shape == "tuple":
                return
            key = where
        elif not isinstance(entry.contents, dict) or token(key) not in entry.contents:
            return
        self.stop(op.site, self.writer.code(subject), self.writer.code(key))
        apply(entry, ("remove", key))
        self.heap.touch(entry, self.writer.index)

    def on_contains(self, op: Op, operands: list[Any]) -> None:
        item, subject, outcome = operands
        entry = self.container(subject, "__contains__")
        if entry is not None and entry.shape.shape != "object" and type(outcome) is bool:
            found = outcome is not (op.names == ("not in",))
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
            self.stop(op.site, self.writer.code(subject), index)

    # -- attributes ----------------------------------------------------------------------------

    def attributes(self, subject: Any, name: str, method: str) -> Entry | None:
        """The entry of an object whose attribute `name` is plain data."""
        self.room()
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
            self.stop(op.site, self.writer.code(operands[0]))

    def on_setattr(self, op: Op, operands: list[Any]) -> None:
        self.set_attribute(op, operands[1], operands[0])

    def on_setattr_in_place(self, op: Op, operands: list[Any]) -> None:
        self.set_attribute(op, operands[0], operands[1])

    def on_setattr_later(self, op: Op, operands: list[Any]) -> None:
        value = self.value_of(op, operands[0])
        if value is not _UNKNOWN:
            self.set_attribute(op, operands[0], value)

    def set_attribute(self, op: Op, subject: Any, value: Any) -> None:
        entry = self.attributes(subject, op.names[0], "__setattr__")
        if entry is not None:
            self.stop(op.site, self.writer.code(subject), self.writer.code(value))
            apply(entry, ("put", op.names[0], value))
            self.heap.touch(entry, self.writer.index)

    def on_delattr(self, op: Op, operands: list[Any]) -> None:
        entry = self.attributes(operands[0], op.names[0], "__delattr__")
        if entry is not None and op.names[0] in entry.contents:
            self.stop(op.site, self.writer.code(operands[0]))
            apply(entry, ("remove", op.names[0]))
            self.heap.touch(entry, self.writer.index)

    # -- calls ---------------------------------------------------------------------------------

    def on_call(self, op: Op, operands: list[Any]) -> None:
        """A method whose effect follows from receiver, arguments and result."""
        function, *arguments, result = operands
        if type(function) not in BOUND_BUILTINS:
            return
        self.room()
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
        code = self.writer.code
        outcome = NOTHING if result is FAILED else code(result)
        self.stop(op.site, code(entry.subject), self.tables.name(name), outcome)

    def on_opaque(self, op: Op, operands: list[Any]) -> None:
        """A call whose effects are found by comparing what it was given, before and after."""
        name, result, contents, receiver = operands
        self.room()
        recorded = False
        for subject, new in contents:
            entry = self.entry(subject)
            if entry is None or entry.partial:
                continue
            found = difference(entry, new)
            if found or (subject is receiver and result is not FAILED):
                self.room()
                self.called(op, entry, name, result)
                self.effects(entry, found)
                recorded = True
        if not recorded and receiver is not None:
            self.entry(receiver)

    def on_in_place(self, op: Op, operands: list[Any]) -> None:
        """`a += b` on a container bound to a name."""
        subject, new = operands
        self.room()
        entry = self.entry(subject)
        if entry is not None and not entry.partial:
            found = difference(entry, new)
            if found:
                self.called(op, entry, op.names[0], subject)
                self.effects(entry, found)


_UNKNOWN: Final = object()
FAILED: Final = object()
"""Stands for the result of a call that raised."""

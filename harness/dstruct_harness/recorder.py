"""Owns recording while the program runs: the path, the hooks that transformed code calls, clock and limits."""

from __future__ import annotations

import gc
import operator
import sys
from collections import deque
from collections.abc import Callable
from time import perf_counter, process_time
from types import CodeType
from typing import Any, Final

from .annotations import KINDS, NOTHING, Kind
from .depth import room_below, take_apart
from .emit import TICK_CODES
from .encoder import Batch, Encoder, StepLimit
from .events import CAUGHT, CONTROL
from .frames import Frames
from .heap import Heap
from .interrupts import HeldInterrupts
from .limits import Limits, StopReason
from .link import HOOKS
from .program import Step, Tables, Unit
from .shapes import ATOMIC_TYPES
from .tracebacks import without_ours
from .values import NO_VALUE
from .watch import LOOK_SECONDS, WAIT_SECONDS, Watch

_FIRST_TICKS: Final = 40
"""A streamed run's first ticks are made as soon as there is anything, and send it: a run may hang in its
first statements.
"""

_FIRST_CODES: Final = 256
"""Codes until the first tick of a run that is not streamed: how slow the program is shows then."""

_PADDING: Final = (CONTROL["nop"],) * (TICK_CODES + 1)

Poll = Callable[[], StopReason | None]
"""Asked at each tick whether something outside the program wants it to end. Called often: answer at once."""


class Stop(BaseException):
    """Ends a run whose limit is reached. Whoever swallows it meets it again at the next loop or call."""


class Recorder(Frames, Watch):
    """Records one run. `prepare` tables with it, give `hooks` to `link`, run, then `finish`."""

    def __init__(
        self,
        limits: Limits,
        sink: Callable[[bytes], None],
        learner_modules: frozenset[str],
        poll: Poll | None = None,
        *,
        streamed: bool = True,
    ) -> None:
        self._controls = {}
        Frames.__init__(self)
        Watch.__init__(self)
        self.tables = Tables()
        self.limits = limits
        self.heap = Heap(learner_modules)
        self.encoder = Encoder(self.tables, self.heap, sink, limits.steps)
        self.stopping: list[StopReason] = []
        self._stop = Stop()
        self.failure: Exception | None = None
        self.output: list[tuple[int, str]] = []
        self.kept: list[Any] = []
        self.codes: dict[int, CodeType] = self.encoder.traced
        self.exact = False
        """Object lifetimes show in this program: nothing of it is kept past a statement."""
        self._poll = poll
        self._streamed = streamed
        self._output_size = 0
        self.path: list[int] = []
        self._padding = 0
        self._wanted = 0
        self._room = TICK_CODES
        self._ticks = 0
        self._computed = 0.0
        self._deadline: float | None = None
        self.live = False

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """The clock starts now."""
        self._last_tick, self._computed = perf_counter(), process_time()
        if self.limits.seconds is not None:
            self._deadline = self._last_tick + self.limits.seconds
        self.live = True
        self._wanted = 0 if self._streamed else _FIRST_CODES
        self._pad()

    def finish(self, end: dict[str, Any]) -> None:
        """Encode what is left, write the last chunk with `end` in it, let go of the learner's objects."""
        with HeldInterrupts():
            self._finish(end)

    def _finish(self, end: dict[str, Any]) -> None:
        self.live = False
        take_apart(self._stop)
        batch = self._batch()
        if self.stopping or self.failure:
            batch.clear()
            batch.left_over = self.encoder.left_over  # nothing will come of what is not done yet
        try:
            self._encode(batch, end)
        except StepLimit:
            self.stopping.append("step-limit")
            stopped = {**end, "stopReason": "step-limit", "error": None}
            self._guard(lambda: self.encoder.chunk(Batch([], {}, []), stopped))
        except Exception as error:
            self.failure = error
        if self.failure is not None:
            self._forget()
            fault = f"recording ended early: {self.failure!r}"
            self.encoder.chunk(Batch([], {}, []), {**end, "recorder": fault})
        self.heap.release()
        self.kept.clear()
        self.path.clear()
        for waiting in (self._suspended, self._returning, self._parked, self._open, self._escaped):
            waiting.clear()
        self.encoder.notes.clear()

    def hooks(self) -> dict[str, Any]:
        """What transformed code may use, by the names of `link.HOOKS`."""
        own = {
            "path": self.path,
            "len": len,
            "tick": self.tick,
            "id": id,
            "type": type,
            "known": self.heap.known,
            "first": self.heap.first,
            "list": list,
            "dict": dict,
            "set": set,
            "deque": deque,
            "int": int,
            "immutable": frozenset(map(id, ATOMIC_TYPES)),
            "resync": self._resync,
            "hold": self._hold,
            "settle": self._settle,
            "pre": self._before_call,
            "pop": self._parked.pop,
            "fin": self._after_call,
            "failed": self.failed_calls,
            "open": self._open,
            "pre_store": self._before_store,
            "pre_aug": self._before_aug,
            "lay": self._lay,
            "laid": self._laid,
            "pick": self._pick,
            "escaping": self._escaping,
            "look": self._look,
            "setitem": operator.setitem,
            "delitem": operator.delitem,
            "setattr": setattr,
            "exception": sys.exc_info,
            "note": self.encoder.notes.append,
            "stopping": self.stopping,
            "careful": self._careful,
            "entered": self._entered,
            "gave": self._gave,
            "resumed": self._resumed,
            "woken": self._woken,
            "awaiting": self._awaiting,
            "aligned": self._aligned,
            "left": self._leave,
            "returning": self._return_later,
            "finished": self._finished,
            "slice": slice,
            "keep": self.kept.append,
        }
        return {name: own[name] if name in own else getattr(operator, name) for name in HOOKS}

    def adopt(self, code: CodeType, unit: int, *, handlerless: bool, is_lambda: bool) -> None:
        """A traced code object, and the unit its frames have in the log."""
        self.codes[id(code)] = code
        self.units[id(code)] = unit
        if handlerless:
            self.encoder.handlerless.add(id(code))
        if is_lambda:
            self.encoder.lambdas.add(id(code))

    # -- events that do not come from transformed code -------------------------------------------

    def enter(self, unit: Unit, namespace: dict[str, Any], names: frozenset[str]) -> None:
        """The module's own frame begins; `names` are those that the program binds in it."""
        site = self.tables.site("enter", unit.id, None, {"unit": unit.id, "names": []})
        block = self.tables.block(unit.id, 1)
        self._names, self._module_names = namespace, names
        block.steps.append(Step([site]))
        self.path.append(block.code)

    def bind(self, values: dict[str, Any]) -> None:
        """Names that are there already, in the module's frame."""
        for name, value in values.items():
            self.say("bind", self.tables.name(name), value)
        self._module_names |= values.keys()

    def leave(self, unit: Unit) -> None:
        self.say("leave", self.tables.site("leave", unit.id, None), None)

    def unwind(self, unit: Unit, error: BaseException) -> None:
        site = self.tables.site("unwind", unit.id, None)
        self.encoder.notes.append(((site, "unwind"), (type(error), error, without_ours(error))))
        self.path.append(CAUGHT)

    def annotate(self, kind: Kind, subject: Any, key: Any, data: Any) -> None:
        """Something that the program's author says about its data."""
        if self.live and not self.stopping:
            key, data = (NO_VALUE if part is NOTHING else part for part in (key, data))
            number = KINDS.index(kind)
            self.say("annotate", number, subject, key, data)
            self.encoder.said(number, subject, key, data)

    def write(self, stream: int, text: str) -> None:
        """Output of the program. Raises Stop over the output limit."""
        if not self.live:
            return
        most = self.limits.output_bytes
        room = len(text) if most is None else max(0, most - self._output_size)
        piece = text[:room]
        if piece:
            self._output_size += len(piece)
            self.output.append((stream, piece))
            printed = self.encoder.output
            if printed and printed[-1][0] == stream and self.path[-1] == CONTROL["output"]:
                printed[-1] = (stream, printed[-1][1] + piece)  # one `print` writes several times
            else:
                printed.append((stream, piece))
                self.path.append(CONTROL["output"])
        if room < len(text):
            self.stop("output-limit")

    # -- limits --------------------------------------------------------------------------------

    def stop(self, reason: StopReason) -> None:
        """End the run here. From now on every hook that looks at the log raises again."""
        if not self.stopping:
            self._flush()
            if not self.stopping:
                self.stopping.append(reason)
        if len(self.path) < len(_PADDING):
            self.path[:] = _PADDING
        # Always the same one: each new one would be chained to all before it, which takes quadratic time.
        raise self._stop.with_traceback(None) from None

    def tick(self, loop: int = -1) -> None:
        """Encode what there is, and look at clock and limits. `loop`: the counting loop at whose head this is."""
        if not self.live:
            self.path.clear()
            self._forget()
            return
        if self.stopping:
            self.stop(self.stopping[0])
        self._flush()
        if self.stopping:
            self.stop(self.stopping[0])
        now = perf_counter()
        if self._deadline is not None and now > self._deadline:
            self.stop("timeout")
        if self.limits.log_bytes is not None and self.encoder.bytes_written > self.limits.log_bytes:
            self.stop("log-limit")
        asked = self._poll() if self._poll is not None else None
        if asked is not None:
            self.stop(asked)
        if self.limits.depth is not None:
            self._room = room_below(self.limits.depth, TICK_CODES)
            if not self._room:
                self.stop("depth-limit")
        self.refill()
        self._adapt(now)
        self._pad()
        if self.encoder.wants_keyframe() and self.failure is None:
            self._guard(lambda: self._keyframe(loop))

    def _adapt(self, now: float) -> None:
        """Choose how many codes the next tick waits for, so that it comes in time but not too often."""
        computed = process_time()
        share = max((computed - self._computed) / LOOK_SECONDS, (now - self._last_tick) / WAIT_SECONDS)
        self._last_tick, self._computed = now, computed
        self._ticks += 1
        if self._ticks > _FIRST_TICKS or not self._streamed:
            wanted = self._wanted / share if share > 0 else TICK_CODES
            self._wanted = int(max(16, min(wanted, self._wanted * 4, TICK_CODES)))

    def _pad(self) -> None:
        """Fill the path so that the next tick comes after `_wanted` more: the threshold itself is a constant."""
        self._padding = max(0, TICK_CODES - min(self._wanted, self._room))
        self.path[:0] = _PADDING[: self._padding]  # in front: a finalizer may have run since the flush

    def _flush(self) -> None:
        if self.stopping or self.failure is not None:
            return
        with HeldInterrupts():  # what is taken away here must come into the log
            batch = self._batch()
            if batch.path or self.encoder.output:
                batch.left_over = self._left_over()
                self._guard(lambda: self._encode(batch))

    def _batch(self) -> Batch:
        """What was recorded since the last flush, taken away in one go: a finalizer that runs meanwhile
        begins the next batch.
        """
        collecting = gc.isenabled()
        gc.disable()
        try:
            path = self.path[self._padding :]
            self._padding = 0
            self.path.clear()
            return self.encoder.batch(path)
        finally:
            if collecting:
                gc.enable()

    def _encode(self, batch: Batch, end: dict[str, Any] | None = None) -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + 200)  # the program may have used up its own
        try:
            self.encoder.encode(batch, end)
            if self.exact and sys.exception() is None:
                self.encoder.forget_exception()
            batch.clear()
            self.heap.sweep(always=self.exact)
        finally:
            sys.setrecursionlimit(limit)

    def _guard(self, work: Callable[[], None]) -> None:
        """A fault of ours ends the recording, not the learner's program."""
        try:
            work()
        except StepLimit:
            self.stopping.append("step-limit")
        except Exception as error:
            self.failure = error
            self._forget()

    def _forget(self) -> None:
        for column in self.encoder.columns.values():
            column.clear()
        self.encoder.notes.clear()

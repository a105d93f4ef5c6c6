"""Owns recording while the program runs: the flat log, the hooks that transformed code calls, clock and limits."""

from __future__ import annotations

import operator
import sys
from collections import defaultdict
from collections.abc import Callable
from time import perf_counter
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any, Final, TextIO

from .effects import MUTATORS
from .emit import TICK_ENTRIES
from .encode_data import BOUND_BUILTINS
from .encoder import Encoder
from .encoder_base import FAILED
from .expressions import NOP
from .heap import Heap
from .limits import Limits, StopReason
from .link import HOOKS
from .program import Tables, Unit
from .shapes import ATOMIC_TYPES
from .writer import StepLimit

_LOOK_SECONDS: Final = 0.02
"""Ticks are made this far apart at most, as far as the past tells; more often where the program turns slow."""

_FIRST_TICKS: Final = 40
"""A run's first ticks are made as soon as there is anything, and send it: a run may hang in its first statements."""

_SEND_SECONDS: Final = 0.1
"""Afterwards what was recorded leaves at least this often, full chunk or not."""

_PADDING: Final = (NOP[0],) * (TICK_ENTRIES + 1)


Poll = Callable[[], StopReason | None]
"""Asked at every tick whether somebody outside wants the run to end, and for what reason."""


class Stop(BaseException):
    """Ends a run whose limit is reached. Whoever swallows it meets it again at the next loop or call."""


class Recorder:
    """Records one run. `prepare` tables with it, give `hooks` to `link`, run, then `finish`."""

    def __init__(
        self,
        limits: Limits,
        sink: Callable[[bytes], None],
        learner_modules: frozenset[str],
        poll: Poll | None = None,
    ) -> None:
        self.tables = Tables()
        self._poll = poll
        self.limits = limits
        for width in NOP:
            self.tables.op("nop", width, -1)
        self.heap = Heap(learner_modules)
        self.encoder = Encoder(self.tables, self.heap, sink, limits.steps)
        self.stopping: list[StopReason] = []
        self.failure: Exception | None = None
        self.output: list[tuple[int, str]] = []
        self.kept: list[Any] = []
        self.traced_codes: set[int] = set()
        self._output_op = self.tables.op("output", 2, -1).id
        self._output_size = 0
        self._log: list[Any] = []
        self._parked: list[Any] = []
        self._open: list[tuple[Any, ...]] = []
        self._padding = 0
        self._entries = 0
        self._ticks = 0
        self._last_sent = 0.0
        self._deadline: float | None = None
        self._last_tick = 0.0
        self._live = False

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """The clock starts now."""
        self._last_tick = perf_counter()
        if self.limits.seconds is not None:
            self._deadline = self._last_tick + self.limits.seconds
        self._live = True
        self._pad()

    def finish(self, end: dict[str, Any]) -> None:
        """Encode what is left, write the last chunk with `end` in it, let go of the learner's objects."""
        self._encode()
        self._live = False
        encoder = self.encoder
        if self.failure is None and not self.stopping:
            self._guard(lambda: encoder.reconcile(self.heap.all()))
        if self.failure is not None:
            end = {**end, "recorder": f"recording ended early: {self.failure!r}"}
        encoder.cut(end)
        self.heap.release()
        self.kept.clear()
        self._log.clear()

    def hooks(self) -> dict[str, Any]:
        """What transformed code may use, by the names of `link.HOOKS`."""
        own = {
            "log": self._log,
            "ext": self._log.extend,
            "app": self._log.append,
            "len": len,
            "tick": self._tick,
            "reach": self._reach,
            "id": id,
            "known": self.heap.known,
            "first": self.heap.first,
            "type": type,
            "builtin_method": BuiltinMethodType,
            "immutable": frozenset(map(id, ATOMIC_TYPES)),
            "resync": self._resync,
            "hold": self._hold,
            "settle": self._settle,
            "pre": self._before_call,
            "pop": self._parked.pop,
            "fin": self._after_call,
            "failed": self.failed_calls,
            "pre_store": self._before_store,
            "setitem": operator.setitem,
            "delitem": operator.delitem,
            "exception": sys.exception,
            "stopping": self.stopping,
            "getframe": sys._getframe,
            "slice": slice,
            "keep": self.kept.append,
        }
        return {name: own[name] if name in own else getattr(operator, name) for name in HOOKS}

    # -- events that do not come from transformed code -------------------------------------------

    def bind(self, unit: Unit, values: dict[str, Any]) -> None:
        """Names that are there already, recorded before the first stop or in the frame just entered."""
        for value in values.values():
            self.heap.first(value)
        if values:
            ids = [self.tables.name(name) for name in values]
            site = self.tables.site("bind", unit.id, None, {"names": ids, "scope": "local"})
            self._log.extend((self.tables.op("bind", len(ids), unit.id, site=site).id, *values.values()))

    def enter(self, unit: Unit) -> None:
        site = self.tables.site("enter", unit.id, None, {"unit": unit.id, "names": []})
        self._log.append(self.tables.op("enter", 0, unit.id, site=site).id)

    def leave(self, unit: Unit) -> None:
        site = self.tables.site("leave", unit.id, None)
        self._log.append(self.tables.op("leave_none", 0, unit.id, site=site).id)

    def unwind(self, unit: Unit, error: BaseException) -> None:
        site = self.tables.site("unwind", unit.id, None)
        self._log.extend((self.tables.op("unwind", 1, unit.id, site=site).id, error))

    def write(self, stream: int, text: str) -> None:
        """Output of the program. Raises Stop over the output limit."""
        if not self._live:
            return
        most = self.limits.output_bytes
        room = len(text) if most is None else max(0, most - self._output_size)
        piece = text[:room]
        if piece:
            self._output_size += len(piece)
            self.output.append((stream, piece))
            self._log.extend((self._output_op, stream, piece))
        if room < len(text):
            self.stop("output-limit")

    # -- limits --------------------------------------------------------------------------------

    def stop(self, reason: StopReason) -> None:
        """End the run here. From now on every hook that looks at the log raises again."""
        if not self.stopping:
            self._encode()
            self.stopping.append(reason)
        self._log[:] = _PADDING
        raise Stop(reason)

    def _tick(self) -> None:
        if not self._live:
            self._log.clear()
            return
        if self.stopping:
            self.stop(self.stopping[0])
        self._encode()
        if self.stopping:
            self.stop(self.stopping[0])
        now = perf_counter()
        if self._deadline is not None and now > self._deadline:
            self.stop("timeout")
        if self.limits.log_bytes is not None and self.encoder.writer.bytes_written > self.limits.log_bytes:
            self.stop("log-limit")
        asked = self._poll() if self._poll is not None else None
        if asked is not None:
            self.stop(asked)
        self._send(now)
        self._adapt(now)
        self._pad()

    def _reach(self) -> None:
        """A line was reached whose statement may never end. It begins the next chunk, so that this one can go now."""
        if not self._live:
            return
        line = self._log.pop()
        self._tick()
        self._log.append(line)
        if self.encoder.writer.full:
            self._encode()
            self._pad()

    def _send(self, now: float) -> None:
        """Let the chunk go at the next stop, early in a run and every so often."""
        self._ticks += 1
        if self._ticks <= _FIRST_TICKS or now - self._last_sent > _SEND_SECONDS:
            self.encoder.writer.full = self.encoder.writer.begun
            self._last_sent = now

    def _adapt(self, now: float) -> None:
        """Choose how many entries the next tick waits for, so that it comes in time but not too often."""
        passed = now - self._last_tick
        self._last_tick = now
        if self._ticks > _FIRST_TICKS:
            wanted = self._entries * _LOOK_SECONDS / passed if passed > 0 else TICK_ENTRIES
            self._entries = int(max(16, min(wanted, self._entries * 4, TICK_ENTRIES)))

    def _pad(self) -> None:
        """Fill the log so that the next tick comes after `_entries` more: the threshold itself is a constant."""
        self._padding = max(0, TICK_ENTRIES - self._entries)
        self._log[:] = _PADDING[: self._padding]

    def _encode(self) -> None:
        if self.stopping or self.failure is not None:
            return
        batch = self._log[self._padding :]
        self._padding = 0
        self._log.clear()
        self._guard(lambda: self.encoder.encode(batch))

    def _guard(self, work: Callable[[], None]) -> None:
        """A fault of ours ends the recording, not the learner's program."""
        try:
            work()
        except StepLimit:
            self.stopping.append("step-limit")
        except Exception as error:
            self.failure = error

    # -- calls into code we did not transform --------------------------------------------------

    def _before_call(self, op: int, function: Any, *arguments: Any) -> Any:
        """Park the call for `pop`, keep what it may change. The token is for `fin`; None where nothing can escape."""
        self._parked.extend(reversed((function, *arguments)))
        kind = type(function)
        if kind is MethodType:
            inner = function.__func__
            if type(inner) is FunctionType and id(inner.__code__) in self.traced_codes:
                return None
        elif kind is FunctionType and id(function.__code__) in self.traced_codes:
            return None
        receiver = function.__self__ if kind is MethodType or kind in BOUND_BUILTINS else None
        if kind in BOUND_BUILTINS:
            mutators = MUTATORS.get(self.heap.shape(type(receiver)).shape or "")
            if mutators is not None:  # a container's own method: it changes its receiver or nothing
                return self._bracket(op, function, receiver, ()) if function.__name__ in mutators else None
        return self._bracket(op, function, receiver, arguments)

    def _before_store(self, op: int, value: Any, subject: Any, key: Any) -> Any:
        self._parked.extend((value, key, subject))
        return self._bracket(op, operator.setitem, subject, (value,))

    def _bracket(self, op: int, function: Any, receiver: Any, arguments: tuple[Any, ...]) -> Any:
        subjects = []
        for subject in (receiver, *arguments):
            shape = self.heap.shape(type(subject))
            if shape.read is not None and shape.shape not in ("tuple", "frozenset"):
                self.heap.first(subject)
                subjects.append((subject, shape.read))
        if not subjects:
            return None
        token = (op, function, receiver, subjects, id(sys._getframe(2)))
        self._open.append(token)
        return token

    def _after_call(self, token: Any, result: Any) -> Any:
        if type(result) is defaultdict:
            self.heap.first(result)  # reading a missing key changes it, and loads look at nothing
        if token is not None and self._live and not self.stopping:
            while self._open and self._open.pop() is not token:
                pass  # a call inside this one that ended by an exception nobody told us of
            self._record_call(token, result)
            if perf_counter() - self._last_tick > _LOOK_SECONDS:
                self._tick()
        return result

    def _record_call(self, token: tuple[Any, ...], result: Any) -> None:
        op, function, receiver, subjects, _ = token
        contents = [(subject, read(subject)) for subject, read in subjects]
        self._log.extend((op, self._label(op, function), result, contents, receiver))

    def failed_calls(self) -> None:
        """An exception is on its way: calls of this frame that are open have failed, maybe after changing something."""
        here = sys._getframe(1)
        if not self._open or not self._live or self.stopping:
            return
        outer = set()
        back = here.f_back
        while back is not None:
            outer.add(id(back))
            back = back.f_back
        while self._open and self._open[-1][-1] not in outer:
            self._record_call(self._open.pop(), FAILED)

    def _label(self, op: int, function: Any) -> str:
        names = self.tables.ops[op].names
        if names:
            return names[0]
        if type(function) in (*BOUND_BUILTINS, FunctionType, BuiltinMethodType):
            return str(function.__name__)
        return self._label(op, function.__func__) if type(function) is MethodType else "call"

    def _hold(self, value: Any) -> Any:
        """`value`, which an in-place operator may be about to change."""
        if type(value) not in ATOMIC_TYPES:
            self.heap.first(value)
        return value

    def _settle(self, op: int, value: Any) -> Any:
        """`value`, which an in-place operator may have changed."""
        if type(value) not in ATOMIC_TYPES:
            self._resync(op, value)
        return value

    def _resync(self, op: int, subject: Any) -> None:
        shape = self.heap.shape(type(subject))
        if self._live and not self.stopping and shape.read is not None:
            self._log.extend((op, subject, shape.read(subject)))


class Stream:
    """The program's stdout or stderr: everything `print` needs of a text file, nothing kept but in the log."""

    encoding = "utf-8"
    errors = "strict"
    newlines = None
    closed = False

    def __init__(self, recorder: Recorder, stream: int) -> None:
        self._recorder = recorder
        self._stream = stream

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._recorder.write(self._stream, text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def fileno(self) -> int:
        raise OSError("the program's output is recorded: it has no file descriptor")


def streams(recorder: Recorder) -> tuple[TextIO, TextIO]:
    """stdout and stderr for a run."""
    return Stream(recorder, 0), Stream(recorder, 1)  # type: ignore[return-value]

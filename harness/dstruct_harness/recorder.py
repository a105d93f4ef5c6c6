"""Owns recording while the program runs: the path, the hooks that transformed code calls, clock and limits."""

from __future__ import annotations

import operator
import signal
import sys
from collections import defaultdict, deque
from collections.abc import Callable
from time import perf_counter
from types import BuiltinMethodType, CodeType, FrameType, FunctionType, MethodType
from typing import Any, Final, TextIO

from .annotations import KINDS, NOTHING, Kind
from .effects import MUTATORS, Effect, before, changes
from .emit import TICK_CODES
from .encoder import Encoder, StepLimit
from .events import CAUGHT, CONTROL, FRAME_ACTIVE, FRAME_SUSPENDED, TOKEN_FRAMES
from .heap import Heap
from .limits import Limits, StopReason
from .link import HOOKS
from .program import ANYWHERE, Step, Tables, Unit
from .shapes import ATOMIC_TYPES
from .values import NO_VALUE

_LOOK_SECONDS: Final = 0.02
"""Ticks are made this far apart at most, as far as the past tells; more often where the program turns slow."""

_FIRST_TICKS: Final = 40
"""A streamed run's first ticks are made as soon as there is anything, and send it: a run may hang in its first statements."""

_HELD: Final = 1_000
"""Values at most that wait for an in-place operator to be done with them; exceptions leave some behind."""

_PADDING: Final = (CONTROL["nop"],) * (TICK_CODES + 1)

BOUND_BUILTINS: Final = (BuiltinMethodType, type([].__iter__))
"""Types of builtin methods bound to their receiver."""

Poll = Callable[[], StopReason | None]
"""Asked at each tick whether something outside the program wants it to end. Called often: answer at once."""

_SPLIT: Final = CONTROL["split"]
_ALIGN: Final = CONTROL["align"]


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
        *,
        streamed: bool = True,
    ) -> None:
        self.tables = Tables()
        self.limits = limits
        self.heap = Heap(learner_modules)
        self.encoder = Encoder(self.tables, self.heap, sink, limits.steps)
        self.stopping: list[StopReason] = []
        self.failure: Exception | None = None
        self.output: list[tuple[int, str]] = []
        self.kept: list[Any] = []
        self.codes: dict[int, CodeType] = self.encoder.traced
        self.units: dict[int, int] = {}
        """Unit of each traced code object by `id()`; `ANYWHERE` for what has no frame of its own in the log."""
        self._poll = poll
        self._streamed = streamed
        self._output_size = 0
        self._path: list[int] = []
        self._parked: list[Any] = []
        self._open: list[tuple[Any, ...]] = []
        self._tokens: dict[int, int] = {}
        self._last_token = 0
        self._suspended: dict[int, FrameType] = {}
        self._delegating: set[int] = set()
        self._returning: dict[int, Any] = {}
        self._left: int = 0
        self._held: list[tuple[Any, Any]] = []
        self._padding = 0
        self._wanted = 0
        self._ticks = 0
        self._deadline: float | None = None
        self._last_tick = 0.0
        self._live = False
        self._module: Unit | None = None
        self._names: dict[str, Any] = {}
        self._module_names: frozenset[str] = frozenset()

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """The clock starts now."""
        self._last_tick = perf_counter()
        if self.limits.seconds is not None:
            self._deadline = self._last_tick + self.limits.seconds
        self._live = True
        self._wanted = 0 if self._streamed else TICK_CODES
        self._pad()

    def finish(self, end: dict[str, Any]) -> None:
        """Encode what is left, write the last chunk with `end` in it, let go of the learner's objects."""
        self._live = False
        path = [] if self.stopping or self.failure else self._path[self._padding :]
        try:
            self._encode(path, end)
        except StepLimit:
            self.stopping.append("step-limit")
            self._guard(lambda: self.encoder.chunk([], {**end, "stopReason": "step-limit", "error": None}))
        except Exception as error:
            self.failure = error
        if self.failure is not None:
            self._forget()
            self.encoder.chunk([], {**end, "recorder": f"recording ended early: {self.failure!r}"})
        self.heap.release()
        self.kept.clear()
        self._path.clear()
        self._suspended.clear()
        self._returning.clear()
        self._parked.clear()
        self._open.clear()
        self.encoder.notes.clear()

    def hooks(self) -> dict[str, Any]:
        """What transformed code may use, by the names of `link.HOOKS`."""
        own = {
            "path": self._path,
            "len": len,
            "tick": self._tick,
            "id": id,
            "type": type,
            "known": self.heap.known,
            "first": self.heap.first,
            "list": list,
            "dict": dict,
            "set": set,
            "deque": deque,
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
            "setitem": operator.setitem,
            "delitem": operator.delitem,
            "setattr": setattr,
            "exception": sys.exception,
            "getframe": sys._getframe,
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
        self._module, self._names, self._module_names = unit, namespace, names
        block.steps.append(Step([site]))
        self._path.append(block.code)

    def bind(self, values: dict[str, Any]) -> None:
        """Names that are there already, in the module's frame."""
        for name, value in values.items():
            self._say("bind", self.tables.name(name), value)
        self._module_names |= values.keys()

    def leave(self, unit: Unit) -> None:
        self._say("leave", self.tables.site("leave", unit.id, None), None)

    def unwind(self, unit: Unit, error: BaseException) -> None:
        self.encoder.notes.append((self.tables.site("unwind", unit.id, None), "unwind", error, _own(error), 0))
        self._path.append(CAUGHT)

    def annotate(self, kind: Kind, subject: Any, key: Any, data: Any) -> None:
        """Something that the program's author says about its data."""
        if self._live and not self.stopping:
            key, data = (NO_VALUE if part is NOTHING else part for part in (key, data))
            number = KINDS.index(kind)
            self._say("annotate", number, subject, key, data)
            self.encoder.said(number, subject, key, data)

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
            printed = self.encoder.output
            if printed and printed[-1][0] == stream and self._path[-1] == CONTROL["output"]:
                printed[-1] = (stream, printed[-1][1] + piece)  # one `print` writes several times
            else:
                printed.append((stream, piece))
                self._path.append(CONTROL["output"])
        if room < len(text):
            self.stop("output-limit")

    def _say(self, control: str, *operands: Any) -> None:
        number = CONTROL[control]
        column = self.encoder.column
        for position, operand in enumerate(operands):
            column(4 * number + position).append(operand)
        self._path.append(number)

    # -- limits --------------------------------------------------------------------------------

    def stop(self, reason: StopReason) -> None:
        """End the run here. From now on every hook that looks at the log raises again."""
        if not self.stopping:
            self._flush()
            if not self.stopping:
                self.stopping.append(reason)
        self._path[:] = _PADDING
        raise Stop(reason)

    def _tick(self) -> bool:
        if not self._live:
            self._path.clear()
            self._forget()
            return False
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
        self._adapt(now)
        self._pad()
        if self.encoder.wants_keyframe() and self.failure is None:
            self._guard(self._keyframe)
        return False

    def _adapt(self, now: float) -> None:
        """Choose how many codes the next tick waits for, so that it comes in time but not too often."""
        passed = now - self._last_tick
        self._last_tick = now
        self._ticks += 1
        if self._ticks > _FIRST_TICKS or not self._streamed:
            wanted = self._wanted * _LOOK_SECONDS / passed if passed > 0 else TICK_CODES
            self._wanted = int(max(16, min(wanted, self._wanted * 4, TICK_CODES)))

    def _pad(self) -> None:
        """Fill the path so that the next tick comes after `_wanted` more: the threshold itself is a constant."""
        self._padding = max(0, TICK_CODES - self._wanted)
        self._path[:] = _PADDING[: self._padding]

    def _flush(self) -> None:
        if self.stopping or self.failure is not None:
            return
        path = self._path[self._padding :]
        self._padding = 0
        self._path.clear()
        if path:
            self._guard(lambda: self._encode(path))

    def _encode(self, path: list[int], end: dict[str, Any] | None = None) -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + 200)  # the program may have used up its own
        held = _hold_interrupts()
        try:
            self.encoder.encode(path, end)
            self.heap.sweep()
        finally:
            sys.setrecursionlimit(limit)
            _let_interrupts(held)

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

    # -- keyframes -----------------------------------------------------------------------------

    def _keyframe(self) -> None:
        """Write the whole state, where it can be read off the live frames; otherwise the next tick tries again."""
        frames = []
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            unit = self.units.get(id(frame.f_code)) if id(frame.f_code) in self.codes else None
            if unit is not None:
                if unit == ANYWHERE:
                    return
                row = self._frame_row(frame, unit)
                if row is None:
                    return
                frames.append(row)
            frame = frame.f_back
        frames.reverse()
        if self._delegating or not frames:
            return
        frames = [(depth if not row[4] else row[0], *row[1:]) for depth, row in enumerate(frames)]
        for token, waiting in self._suspended.items():
            row = self._frame_row(waiting, self.units[id(waiting.f_code)])
            if row is None:
                return
            frames.append((TOKEN_FRAMES + token, row[1], row[2], FRAME_SUSPENDED, token, row[5]))
        self.encoder.keyframe(frames)

    def _frame_row(self, frame: FrameType, unit: int) -> tuple[int, int, int, int, int, list[tuple[int, Any]]] | None:
        """A frame as a keyframe has it; None if it is in the middle of a block."""
        place = self.encoder.place(frame.f_code, frame.f_lasti)
        if place.done < place.total and place.block >= 0:
            return None
        code, kind = frame.f_code, self.tables.units[unit].kind
        if kind == "class":
            return None
        if kind == "module":
            names = [(n, self._names[n]) for n in self._names if n in self._module_names]
        else:
            own = {*code.co_varnames, *code.co_cellvars} - {".0"}
            names = [(n, v) for n, v in frame.f_locals.items() if n in own and n not in code.co_freevars]
        token = self._tokens.get(id(frame), 0) if code.co_flags & 0x2A0 else 0
        line = self.encoder.line(code, frame.f_lasti, frame.f_lineno)
        rows = [(self.tables.name(name), value) for name, value in names]
        return (TOKEN_FRAMES + token if token else 0, unit, line, FRAME_ACTIVE, token, rows)

    # -- calls that Python itself makes, generators ------------------------------------------------

    def _careful(self, frame: FrameType | None = None) -> None:
        """A function is entered that nobody may have called by name: the block it interrupts is split."""
        caller = sys._getframe(2) if frame is None else frame
        while caller is not None:
            code = caller.f_code
            if id(code) in self.codes and id(caller) not in self._delegating:
                place = self.encoder.place(code, caller.f_lasti)
                if place.after < place.total:
                    self._path.append(_SPLIT)
                    self.encoder.column(4 * _SPLIT).append(place.after)
                return
            caller = caller.f_back  # type: ignore[assignment]

    def _entered(self) -> int:
        """A generator's or coroutine's frame begins: the token that names it."""
        self._last_token += 1
        self._tokens[id(sys._getframe(1))] = self._last_token
        return self._last_token

    def _gave(self, site: int, value: Any) -> Any:
        frame = sys._getframe(1)
        token = self._tokens.get(id(frame), 0)
        self._say("yield", site, value)
        self._suspended[token] = frame
        return value

    def _resumed(self, site: int, sent: Any) -> Any:
        frame = sys._getframe(1)
        token = self._tokens.get(id(frame), 0)
        self._suspended.pop(token, None)
        if self._live:
            self._careful(frame.f_back)
            self._say("resume", site, token, sent)
        return sent

    def _woken(self) -> None:
        """An exception is in a generator's frame, maybe because it was thrown in where it had given way."""
        frame = sys._getframe(1)
        token = self._tokens.get(id(frame), 0)
        if self._suspended.pop(token, None) is not None and self._live:
            self._careful(frame.f_back)
            self._say("align", token)

    def _awaiting(self, value: Any) -> Any:
        self._delegating.add(id(sys._getframe(1)))
        return value

    def _aligned(self, value: Any) -> Any:
        """A frame goes on after it waited for others, which came and went without a word."""
        frame = sys._getframe(1)
        self._delegating.discard(id(frame))
        if self._live:
            self._say("align", self._tokens.get(id(frame), 0))
        return value

    def _leave(self, site: int, value: Any) -> Any:
        if self._live:
            frame = sys._getframe(1)
            self._say("leave", site, value)
            if frame.f_code.co_flags & 0x2A0:
                self._tokens.pop(id(frame), None)
        return value

    def _return_later(self, value: Any) -> Any:
        self._returning[id(sys._getframe(1))] = value
        return value

    def _finished(self, site: int) -> None:
        """A frame is left in which code ran after `return`, unless the note just made says that an exception leaves it."""
        number = id(sys._getframe(1))
        value = self._returning.pop(number, None)
        notes = self.encoder.notes
        if notes and self._path[-1] == CAUGHT and notes[-1][1] == "unwind" and notes[-1][4] == number:
            return
        if self._live:
            self._say("leave", site, value)

    # -- calls into code we did not transform --------------------------------------------------

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

    def _before_store(self, late: tuple[int, ...], value: Any, subject: Any, key: Any) -> Any:
        """A store whose key took a call to work out, or is a slice, or may equal one that is there already."""
        self._parked.extend((value, key, subject))
        return self._late(late, subject, key, value)

    def _before_aug(self, late: tuple[int, ...], subject: Any, key: Any, value: Any) -> Any:
        self._parked.extend((value, key, subject))
        return self._late(late, subject, key, value)

    def _late(self, late: tuple[int, ...], subject: Any, key: Any, value: Any) -> Any:
        site, code, *columns = late
        shape = self.heap.shape(type(subject))
        plain = type(key) in ATOMIC_TYPES or shape.shape in ("object", None)
        if not plain:
            return self._bracket(site, operator.setitem, subject, (value,), (key, value))
        if not self._live or self.stopping:
            return None
        self.heap.first(subject)
        operands = (subject, key, value) if len(columns) == 3 else (subject, value)
        return ("late", code, columns, operands)

    def _bracket(
        self, site: int, function: Any, receiver: Any, changing: tuple[Any, ...], arguments: tuple[Any, ...]
    ) -> Any:
        if not self._live or self.stopping:
            return None
        subjects = []
        for subject in (receiver, *changing):
            shape = self.heap.shape(type(subject))
            if shape.read is not None and shape.shape not in ("tuple", "frozenset"):
                self.heap.first(subject)
                subjects.append((subject, shape, before(function, subject, shape, arguments)))
        if not subjects:
            return None
        token = (site, function, receiver, subjects, id(sys._getframe(2)), arguments)
        self._open.append(token)
        return token

    def _after_call(self, token: Any, result: Any) -> Any:
        if type(result) is defaultdict:
            self.heap.first(result)  # reading a missing key changes it, and loads look at nothing
        if token is not None and self._live and not self.stopping:
            if token[0] == "late":
                _, code, columns, operands = token
                for column, operand in zip(columns, operands, strict=True):
                    self.encoder.column(column).append(operand)
                self._path.append(code)
                return result
            while self._open and self._open.pop() is not token:
                pass  # a call inside this one that ended by an exception nobody told us of
            self._record_call(token, result)
            if perf_counter() - self._last_tick > _LOOK_SECONDS:
                self._tick()
        return result

    def _record_call(self, token: tuple[Any, ...], result: Any, *, failed: bool = False) -> None:
        site, function, receiver, subjects, _, arguments = token
        for subject, shape, old in subjects:
            effects = changes(function, subject, shape, old, arguments, result, failed)
            if effects or (subject is receiver and not failed):
                outcome = NO_VALUE if failed else result
                self._say("call", site, subject, self.tables.name(self._label(site, function)), outcome)
                for effect in effects:
                    self._effect(subject, effect)

    def _effect(self, subject: Any, effect: Effect) -> None:
        kind, *operands = effect
        if kind == "fill":
            self.encoder.values.fill(subject, operands[0], self.encoder.fills)
            operands = []
        self._say(kind, subject, *operands)

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
        while self._open and self._open[-1][4] not in outer:
            self._record_call(self._open.pop(), None, failed=True)

    def _label(self, site: int, function: Any) -> str:
        name = self.tables.sites[site][6].get("name")
        if name is not None:
            return self.tables.names[name]
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
        if self._live and not self.stopping and kept is not None:
            shape = self.heap.shape(type(subject))
            effects = changes(None, subject, shape, kept, (), None, False)
            if effects:
                self._say("call", site, subject, self.tables.name("in-place"), subject)
                for effect in effects:
                    self._effect(subject, effect)


def _hold_interrupts() -> Any:
    """Keep Ctrl+C waiting, so that no chunk is left half written; what `_let_interrupts` needs."""
    mask = getattr(signal, "pthread_sigmask", None)
    return None if mask is None else mask(signal.SIG_BLOCK, (signal.SIGINT,))


def _let_interrupts(held: Any) -> None:
    if held is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _own(error: BaseException) -> Any:
    """The first entry of a traceback that is not ours."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__.replace("recorder", "run"):
        trace = trace.tb_next
    return trace


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

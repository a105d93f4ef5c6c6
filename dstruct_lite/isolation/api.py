"""Owns an isolated run from end to end: the names go in, the log comes out, the process is gone, here is the result."""

from __future__ import annotations

import contextlib
import json
import linecache
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dstruct_harness import ErrorInfo, ExecutionResult, Limits, StopReason
from dstruct_harness.interrupts import HeldInterrupts

from .child import Request
from .limits import ProcessLimits
from .outcome import PROCESS_DIED, Record, broken, death, oom_kills, recovered, told
from .packing import Packed, Passed, pack, used_names
from .process import Child
from .protocol import BROKEN, CHUNK, END, READY, REFUSED

Sink = Callable[[bytes], None]

START_SECONDS: Final = 60.0
"""Seconds a child may take to start and to take its names in."""
GRACE: Final = 1.0
"""Seconds after the run's time limit at which a child that has not stopped by itself is ended."""
_INTERRUPT_SECONDS: Final = 0.3
"""Seconds an interrupted child has to send what it recorded last."""


def isolated_exec(
    code: str,
    args: Sequence[Any] | None = None,
    *,
    entry: str | None = None,
    limits: Limits | None = None,
    process_limits: ProcessLimits | None = None,
    namespace: dict[str, Any] | None = None,
    filename: str = "<program>",
    include: Collection[str] = (),
    on_chunk: Sink | None = None,
    on_start: Callable[[Passed], None] | None = None,
) -> ExecutionResult:
    """`safe_exec` in a process of its own. The result's `value` is None: nothing but the recording comes back.

    Args:
        code: source text.
        args: arguments for `entry`, which have to be picklable.
        entry: as for `safe_exec`.
        limits: what the run may use (default `Limits()`); a child that does not stop at `seconds` is ended soon after.
        process_limits: what the process may use (default `ProcessLimits()`).
        namespace: of its names those that `code` can ask for go in, where they can be pickled.
        filename: how tracebacks name the program.
        include: names of modules whose functions are stepped into, too.
        on_chunk: receives each chunk of the log while the program still runs.
        on_start: called when the names are in, before the program starts.

    Raises:
        TypeError: `code` is not a string, or `args` cannot be pickled.
        IsolationUnavailableError: no process can be started here.
    """
    if not isinstance(code, str):
        raise TypeError(f"code must be a string of Python source, not {type(code).__name__}")
    names: frozenset[str] = frozenset()
    if namespace is not None:
        with contextlib.suppress(SyntaxError, ValueError, RecursionError):  # the run will tell
            names = used_names(compile(code, filename, "exec", dont_inherit=True), namespace)
    run = _Run(limits or Limits(), process_limits or ProcessLimits(), on_chunk, on_start)
    kind = "program" if namespace is None else "cell"
    call = None if args is None else list(args)
    return run.go(
        kind, namespace or {}, names, call, source=code, filename=filename, entry=entry, include=include
    )


def isolated_call(
    function: Callable[..., Any],
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    limits: Limits | None = None,
    process_limits: ProcessLimits | None = None,
    include: Collection[str] = (),
    on_chunk: Sink | None = None,
    on_start: Callable[[Passed], None] | None = None,
) -> ExecutionResult:
    """`trace_call` in a process of its own, on copies of the arguments. The result's `value` is None.

    Raises:
        TypeError: the function's source is not known, or it or an argument cannot be pickled.
        IsolationUnavailableError: no process can be started here.
    """
    target = getattr(function, "__func__", function)
    names = getattr(target, "__globals__", {})
    if names.get("__name__") != "__main__":
        names = sys.modules["__main__"].__dict__
    run = _Run(limits or Limits(), process_limits or ProcessLimits(), on_chunk, on_start)
    return run.go(
        "call", names, frozenset(), call=(function, tuple(args), dict(kwargs or {})), include=include
    )


_INTERRUPTED: Final = ErrorInfo("KeyboardInterrupt", "", "KeyboardInterrupt\n")


@dataclass(slots=True)
class _Run:
    """One run: what it may use, who hears of it, what arrived of it."""

    limits: Limits
    process_limits: ProcessLimits
    on_chunk: Sink | None
    on_start: Callable[[Passed], None] | None
    chunks: list[bytes] = field(default_factory=list)
    taken: int = 0
    """Messages of the child that were dealt with."""
    started: float = 0.0
    ready: bool = False
    """Whether the program has started."""

    def go(
        self, kind: str, namespace: dict[str, Any], names: frozenset[str], call: Any = None, **program: Any
    ) -> ExecutionResult:
        """Start, run, end a child. KeyboardInterrupt ends it and is the run's stop reason, as in the kernel."""
        self.started = time.time()
        try:
            with Child() as child:
                result = self._with(child, kind, namespace, names, call, program)
                if result.error is None or result.error.name != PROCESS_DIED:  # which tells it itself
                    sys.stderr.write(child.raw_errors())
        except KeyboardInterrupt:  # before there was anything to stop, or again
            result = self._recovered("interrupted", _INTERRUPTED)
        return result

    def _with(self, child: Child, *asked: Any) -> ExecutionResult:
        oom_before = oom_kills()
        try:
            self._begin(child, *asked)
            return self._listen(child, oom_before)
        except TimeoutError:
            self._end(child)
            return self._recovered("timeout")
        except KeyboardInterrupt:
            return self._interrupted(child)

    def _begin(
        self,
        child: Child,
        kind: str,
        namespace: dict[str, Any],
        names: frozenset[str],
        call: Any,
        program: dict[str, Any],
    ) -> None:
        """Get the names in, without those that the child cannot make again."""
        refused: dict[str, str] = {}
        deadline = time.monotonic() + START_SECONDS
        while True:
            packed = pack(namespace, names, call, refused)
            child.ask(self._request(kind, packed, program))
            try:
                message = child.message(self.taken, deadline)
                self.taken += 1
            except TimeoutError:
                raise _broken_start(child, f"within {START_SECONDS:g} s") from None
            if message is None:
                raise _broken_start(child)
            if message.kind == READY:
                break
            told = json.loads(message.data) if message.kind == REFUSED else {"name": "", "reason": "?"}
            if not told["name"]:
                raise TypeError(f"the call cannot be copied into another process: {told['reason']}")
            refused[told["name"]] = told["reason"]
        self.ready = True
        if self.on_start is not None:
            self.on_start(packed.passed)

    def _request(self, kind: str, packed: Packed, program: dict[str, Any]) -> Request:
        texts = {name: "".join(linecache.getlines(name)) for name in packed.files}
        return Request(
            kind=kind,
            source=program.get("source", ""),
            filename=program.get("filename", ""),
            entry=program.get("entry"),
            include=tuple(program.get("include", ())),
            limits=self.limits,
            process_limits=self.process_limits,
            data=packed.data,
            texts={name: text for name, text in texts.items() if text},
        )

    def _listen(self, child: Child, oom_before: int) -> ExecutionResult:
        """Take chunks until the program's end is told, or the process is gone."""
        seconds = self.limits.seconds
        deadline = None if seconds is None else time.monotonic() + seconds + GRACE
        result = self._drain(child, deadline)
        if result is not None:
            return result
        code = child.exit_code()
        child.kill()
        return self._recovered(*death(code, oom_before, child.raw_errors()))

    def _drain(self, child: Child, deadline: float | None) -> ExecutionResult | None:
        """Pass chunks on up to the end of the messages; the result, if that is how they end.

        Raises:
            TimeoutError: the deadline has come.
            TypeError: the child could not run the function.
            RuntimeError: a fault of ours ended the run there.
        """
        while (message := child.message(self.taken, deadline)) is not None:
            if message.kind == CHUNK:
                self._keep(message.data)
            elif message.kind == END:
                return told(self._record(), message.data)
            elif message.kind == BROKEN:
                reason, error = broken(message.data)
                if reason == "refused":
                    raise TypeError(error)
                if reason == "fault":
                    raise RuntimeError(f"a fault of dstruct-lite ended the run:\n{error}")
                return self._recovered(reason)
            else:
                self.taken += 1
        return None

    def _keep(self, chunk: bytes) -> None:
        """Keep a chunk and pass it on: both or, if an interrupt came before, neither yet."""
        with HeldInterrupts():
            self.taken += 1
            self.chunks.append(chunk)
            if self.on_chunk is not None:
                self.on_chunk(chunk)

    def _interrupted(self, child: Child) -> ExecutionResult:
        """Stop the child at once; what it recorded last may still arrive."""
        try:
            if self.ready:
                child.interrupt()
                result = self._drain(child, time.monotonic() + _INTERRUPT_SECONDS)
                if result is not None:
                    return result
        except (TimeoutError, KeyboardInterrupt):
            pass
        self._end(child)
        return self._recovered("interrupted", _INTERRUPTED)

    def _end(self, child: Child) -> None:
        """End the child and take what it had sent."""
        child.kill()
        with contextlib.suppress(TimeoutError):  # a process it started may hold the pipe open
            self._drain(child, time.monotonic() + _INTERRUPT_SECONDS)

    def _record(self) -> Record:
        return Record(self.chunks, self.started * 1000, (time.time() - self.started) * 1000)

    def _recovered(self, reason: StopReason, error: ErrorInfo | None = None) -> ExecutionResult:
        return recovered(self._record(), reason, error)


def _broken_start(child: Child, when: str = "") -> RuntimeError:
    child.kill()
    child.exit_code()
    said = child.raw_errors()
    return RuntimeError(
        f"the process for an isolated run did not start {when}".rstrip() + (said and f":\n{said}")
    )

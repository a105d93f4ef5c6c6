"""The child: takes a request, makes the names again, runs the program under the recorder, streams its log back.

It is started with nothing but the kernel's `sys.path`. It dies with the kernel: as soon as the pipe it was asked
through closes, the operating system ends it, whatever it does.
"""

from __future__ import annotations

import builtins
import contextlib
import faulthandler
import io
import json
import linecache
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from dstruct_harness import ExecutionResult, Limits, StopReason, safe_exec, trace_call

from ..cancel import cancellable
from . import limits as process
from .protocol import BROKEN, CHUNK, END, HEAD, READY, REFUSED, exactly, pack
from .rebuild import fill_object

Poll = Callable[[], StopReason | None]
Run = Callable[[Callable[[bytes], None], Poll], ExecutionResult]
"""A program ready to start: takes what receives chunks, and what is asked whether to go on."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to run. `kind` is "program" (a fresh `__main__`), "cell" (with the names) or "call" (of a function)."""

    kind: str
    source: str
    filename: str
    entry: str | None
    include: tuple[str, ...]
    limits: Limits
    process_limits: process.ProcessLimits
    data: bytes
    texts: Mapping[str, str]


class _Refused(Exception):
    """A name could not be made again."""


class Channel:
    """The two pipes, taken away from the program: its own standard streams are nothing and the error stream."""

    def __init__(self) -> None:
        self._in, self._out = os.dup(0), os.dup(1)
        self._owner = os.getpid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)

    def request(self) -> Request | None:
        """The next request; None once the kernel wants nothing more."""

        def read(size: int) -> bytes:
            return os.read(self._in, size)

        head = exactly(read, HEAD.size)
        body = None if head is None else exactly(read, HEAD.unpack(head)[1])
        return None if body is None else pickle.loads(body)

    def send(self, kind: bytes, data: bytes) -> None:
        """A message to the kernel. A copy of this process that the program forked says nothing."""
        if os.getpid() != self._owner:
            return
        rest = memoryview(pack(kind, data))
        while rest:
            rest = rest[os.write(self._out, rest) :]

    def tell(self, kind: bytes, value: Any) -> None:
        """A message that is JSON."""
        self.send(kind, json.dumps(value).encode("ascii"))

    def die_with_the_kernel(self) -> None:
        """From now on the end of the request pipe ends this process (where the platform has such signals)."""
        if hasattr(signal, "SIGIO"):
            import fcntl

            signal.signal(signal.SIGIO, signal.SIG_DFL)
            fcntl.fcntl(self._in, fcntl.F_SETOWN, os.getpid())
            flags = fcntl.fcntl(self._in, fcntl.F_GETFL)
            fcntl.fcntl(self._in, fcntl.F_SETFL, flags | os.O_ASYNC)


def main() -> None:
    """Serve one program, then end at once: what the program left running ends too."""
    channel = Channel()
    with contextlib.suppress(Exception):
        faulthandler.enable()
    while True:
        request = channel.request()
        if request is None:
            os._exit(0)
        try:
            run = _prepared(request)
        except _Refused as refused:
            channel.tell(REFUSED, {"name": refused.args[0], "reason": refused.args[1]})
        else:
            break
    channel.die_with_the_kernel()
    process.apply(request.process_limits, request.limits.seconds)
    channel.send(READY, b"")
    _run(channel, run, request.kind == "call")
    os._exit(0)


def _prepared(request: Request) -> Run:
    """The run, ready to start with a function that takes chunks. Raises _Refused."""
    for name, text in request.texts.items():
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    builtins.input = _no_input
    builtins.display = print  # type: ignore[attr-defined]  # a notebook's cells have it
    sys.argv = [request.filename]
    main = ModuleType("__main__")
    main.__builtins__ = builtins  # type: ignore[attr-defined]
    sys.modules["__main__"] = main
    given = _load(request.data, main.__dict__)
    limits = request.limits
    if request.kind == "call":
        function, args, kwargs = given

        def run(take: Callable[[bytes], None], poll: Poll) -> ExecutionResult:
            return trace_call(
                function, args, kwargs, limits=limits, include=request.include, on_chunk=take, poll=poll
            )

    else:
        namespace = main.__dict__ if request.kind == "cell" else None

        def run(take: Callable[[bytes], None], poll: Poll) -> ExecutionResult:
            return safe_exec(
                request.source,
                given,
                entry=request.entry,
                limits=limits,
                namespace=namespace,
                filename=request.filename,
                include=request.include,
                on_chunk=take,
                poll=poll,
            )

    return run


def _load(data: bytes, names: dict[str, Any]) -> Any:
    """Bind the pickled names; returns the arguments, if there are any. Raises _Refused at the first that fails."""
    stream = io.BytesIO(data)
    unpickler = pickle.Unpickler(stream)
    given = None
    while stream.tell() < len(data):
        label = unpickler.load()
        try:
            kind, name, value = unpickler.load()
            if kind == "name":
                names[name] = value
            elif kind == "fill":
                fill_object(*value)
            else:
                given = value
        except Exception as error:
            raise _Refused(label, f"{type(error).__name__}: {error}") from None
    return given


def _run(channel: Channel, run: Run, called: bool) -> None:
    """Run and tell how it ended; what even the recorder cannot take, and faults of ours, are told as a broken end."""
    try:
        with cancellable() as poll:
            result = run(lambda chunk: channel.send(CHUNK, chunk), poll)
        process.release_reserve()
        channel.tell(END, _told(result))
    except MemoryError:
        process.release_reserve()
        channel.tell(BROKEN, {"stopReason": "memory-limit", "error": None})
    except KeyboardInterrupt:
        channel.tell(BROKEN, {"stopReason": "interrupted", "error": None})
    except Exception as error:
        refused = isinstance(error, TypeError) and called  # a function whose source is not known
        told = str(error) if refused else traceback.format_exc()
        channel.tell(BROKEN, {"stopReason": "refused" if refused else "fault", "error": told})


def _told(result: ExecutionResult) -> dict[str, Any]:
    memory = result.stop_reason == "error" and result.error is not None and result.error.name == "MemoryError"
    return {
        "output": result.output,
        "error": result.error.to_json() if result.error else None,
        "stopReason": "memory-limit" if memory else result.stop_reason,
        "steps": result.steps,
        "events": result.events,
        "result": result.result,
        "runtime": result.runtime,
        "startTimestamp": result.start_timestamp,
        "recorderError": result.recorder_error,
    }


def _no_input(prompt: object = "") -> str:
    raise EOFError("input() cannot be answered in a process of its own: run this without isolation")

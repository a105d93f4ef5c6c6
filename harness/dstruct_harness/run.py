"""Owns running a program under the recorder, from source text to `ExecutionResult`."""

from __future__ import annotations

import _thread
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from types import FunctionType, ModuleType
from typing import Any

from .annotations import recording
from .depth import bounded_stack
from .entry import call_arguments, display, find_entry, format_result, infer_entry, provided_names
from .include import prepare, stepping_into
from .instrument import Traced, functions_in, lend, restore_plain, trace_source
from .limits import Limits, StopReason
from .recorder import Poll, Recorder
from .result import ExecutionResult
from .streams import streams
from .tracebacks import ErrorInfo, error_info, remember_source

Sink = Callable[[bytes], None]

PROGRAM: str = "<program>"


def safe_exec(
    code: str,
    args: Sequence[Any] | None = None,
    *,
    entry: str | None = None,
    limits: Limits | None = None,
    namespace: dict[str, Any] | None = None,
    filename: str = PROGRAM,
    include: Collection[str] = (),
    on_chunk: Sink | None = None,
    poll: Poll | None = None,
) -> ExecutionResult:
    """Run a program and record every read and write of its data. Never raises for anything the program does.

    Args:
        code: source text; runs as `__main__`.
        args: arguments for `entry`: plain values, or `{"type": ..., "value": ...}` as in the JSON contract.
        entry: a function, or `Class.method`, to call once the module has run. Where only `args` are given:
            `Solution`'s first public method, else the last function of the module.
        limits: what the run may use (default `Limits()`).
        namespace: run in this namespace and leave the names there; default a fresh one.
        filename: how tracebacks name the program; a fresh namespace has it as `__file__`, unless it stands in `<>`.
        include: names of modules whose functions are stepped into, too; they need not be imported yet.
        on_chunk: receives each chunk of the log while the program still runs.
        poll: asked about every 20 ms while traced code runs whether to end the run, and for what reason; None goes
        on.

    Raises:
        TypeError: `code` is not a string.
        ValueError: a module of `include` is not there, or is no file of Python source.
    """
    if not isinstance(code, str):
        raise TypeError(f"code must be a string of Python source, not {type(code).__name__}")
    run = _Run(limits or Limits(), on_chunk, poll, include)
    if entry is None and args is not None:
        entry = infer_entry(code)
    remember_source(filename, code)
    module = _fresh_main(filename)
    names = module.__dict__ if namespace is None else namespace
    if entry is not None:
        names.update(provided_names(code))
    try:
        traced = trace_source(
            run.recorder, code, filename, outside=names if namespace else (), keep_last=True
        )
    except (SyntaxError, ValueError, RecursionError) as error:
        run.recorder.tables.source(filename, code)
        return run.never_started(error_info(error, (filename,)))
    included = prepare(run.recorder, include)

    def program() -> Any:
        exec(traced.code, names)
        if entry is not None:
            value = find_entry(names, entry)(*call_arguments(args or (), names))
            run.shown = format_result(value)
            return value
        return run.recorder.kept[-1] if run.recorder.kept else None

    with ExitStack() as stack:
        stack.enter_context(stepping_into(included))
        if namespace is None:
            stack.enter_context(_as_main(module))
        else:
            stack.callback(restore_plain, traced)
            used = {
                name: names[name]
                for name in traced.code.co_names
                if name in names and not name.startswith("_")
            }
            run.preset(traced, used)
            loan, _ = lend(run.recorder, functions_in(_visible(names)), names)
            stack.callback(loan.give_back)
        return run.execute(program, traced, (filename,), names)


def trace_call(
    function: Callable[..., Any],
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    limits: Limits | None = None,
    include: Collection[str] = (),
    on_chunk: Sink | None = None,
    poll: Poll | None = None,
) -> ExecutionResult:
    """Call a function and record it, stepping into it and into what its namespace defines where the source is known;
    and into the functions of the modules named by `include`.

    Raises:
        TypeError: `function` is no Python function whose source can be found.
        ValueError: a module of `include` is not there, or is no file of Python source.
    """
    target = getattr(function, "__func__", function)
    if not isinstance(target, FunctionType):
        raise TypeError(f"visualize needs a Python function or method, not {type(function).__name__}")
    run = _Run(limits or Limits(), on_chunk, poll, include)
    included = prepare(run.recorder, include)
    own = _unwrapped(target)
    names = own.__globals__
    with ExitStack() as stack:
        stack.enter_context(stepping_into(included))
        reached = functions_in({"": target, **_visible(names)})
        loan, filenames = lend(run.recorder, reached, names)
        stack.callback(loan.give_back)
        if own.__code__.co_filename not in filenames:
            raise TypeError(
                f"the source of {target.__qualname__} is not known, so it cannot be stepped through"
            )
        return run.execute(lambda: function(*args, **(kwargs or {})), None, filenames, names)


def _unwrapped(function: FunctionType) -> FunctionType:
    """The function that decorators were put around, as `functools.wraps` tells."""
    seen = {id(function)}
    while type(inner := function.__dict__.get("__wrapped__")) is FunctionType and id(inner) not in seen:
        seen.add(id(inner))
        function = inner
    return function


def _visible(names: Mapping[str, Any]) -> dict[str, Any]:
    """A notebook's own definitions, without its machinery."""
    return {
        name: value
        for name, value in names.items()
        if not name.startswith("_") and getattr(value, "__module__", None) == "__main__"
    }


class _Run:
    """One run: its recorder, its chunks, its clock."""

    def __init__(
        self, limits: Limits, on_chunk: Sink | None, poll: Poll | None, include: Collection[str]
    ) -> None:
        self.chunks: list[bytes] = []
        self._on_chunk = on_chunk
        self.recorder = Recorder(
            limits, self._take, frozenset(("__main__", *include)), poll, streamed=on_chunk is not None
        )
        self._started = time.time() * 1000
        self._clock = time.perf_counter()

    def _take(self, chunk: bytes) -> None:
        self.chunks.append(chunk)
        if self._on_chunk is not None:
            self._on_chunk(chunk)

    def preset(self, traced: Traced, values: Mapping[str, Any]) -> None:
        """Names that the program uses and the namespace already holds: shown from the first step on."""
        self._preset = {name: value for name, value in values.items() if not callable(value)}

    _preset: Mapping[str, Any] = {}
    shown: str | None = None
    """The display string of what the entry returned, made while the program ran."""

    def execute(
        self,
        program: Callable[[], Any],
        traced: Traced | None,
        filenames: Collection[str],
        namespace: dict[str, Any],
    ) -> ExecutionResult:
        """Run `program` with its output recorded, and make the result of however it ends."""
        recorder = self.recorder
        value: Any = None
        error: ErrorInfo | None = None
        reason: StopReason = "ok"
        self._started, self._clock = time.time() * 1000, time.perf_counter()
        recorder.start()
        if traced is not None:
            recorder.enter(traced.unit, namespace, traced.names)
            recorder.bind(dict(self._preset))
        try:
            with _redirected(recorder), _one_thread(), bounded_stack(), recording(recorder.annotate):
                value = program()
        except BaseException as raised:
            if not recorder.stopping:
                recorder.failed_calls()
            reason, error = self._ended(raised, filenames)
            if traced is not None and not recorder.stopping:
                recorder.unwind(traced.unit, raised)
        else:
            if traced is not None and not recorder.stopping:
                recorder.leave(traced.unit)
            if recorder.stopping:
                reason = recorder.stopping[0]
        return self._result(value, error, reason)

    def _ended(
        self, raised: BaseException, filenames: Collection[str]
    ) -> tuple[StopReason, ErrorInfo | None]:
        if self.recorder.stopping:
            return self.recorder.stopping[0], None
        if isinstance(raised, SystemExit) and raised.code in (None, 0):
            return "ok", None
        reason: StopReason = "interrupted" if isinstance(raised, KeyboardInterrupt) else "error"
        return reason, error_info(raised, filenames)

    def _result(self, value: Any, error: ErrorInfo | None, reason: StopReason) -> ExecutionResult:
        runtime = (time.perf_counter() - self._clock) * 1000
        recorder = self.recorder
        output = "".join(text for stream, text in recorder.output if stream == 0)
        if self.shown is not None and reason == "ok":
            output += self.shown
        shown = self.shown or (display(value) if value is not None else "")
        end = {"stopReason": reason, "error": error.to_json() if error else None}
        recorder.finish(end)
        if recorder.stopping:  # the budget may be used up only by what was encoded last
            reason, error = recorder.stopping[0], None
        encoder = recorder.encoder
        return ExecutionResult(
            output,
            error,
            reason,
            encoder.steps,
            {event: n for event, n in encoder.counts.items() if n > 0},
            shown,
            b"".join(self.chunks),
            runtime,
            self._started,
            value,
            None if recorder.failure is None else repr(recorder.failure),
        )

    def never_started(self, error: ErrorInfo) -> ExecutionResult:
        """The result of a program that does not compile."""
        return self._result(None, error, "error")


def _fresh_main(filename: str) -> ModuleType:
    """A `__main__` with the names that Python itself gives one."""
    module = ModuleType("__main__")
    if sys.version_info < (3, 14):
        module.__annotations__ = {}
    if not filename.startswith("<"):
        module.__file__ = filename
    return module


@contextmanager
def _as_main(module: ModuleType) -> Iterator[None]:
    """`sys.modules["__main__"]` is the program's module for the run, as it would be in a process of its own."""
    before = sys.modules.get("__main__")
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        if before is not None:
            sys.modules["__main__"] = before


@contextmanager
def _redirected(recorder: Recorder) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = streams(recorder.write)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def _one_thread() -> Iterator[None]:
    """Threads of the program are refused: the log's tail is the hooks' temporary and belongs to one thread."""
    import threading

    here = _thread.get_ident()
    starters = ("start_new_thread", "start_new", "start_joinable_thread")
    places = [(_thread, name) for name in starters] + [(threading, f"_{name}") for name in starters]
    originals = [(m, name, getattr(m, name)) for m, name in places if hasattr(m, name)]

    def refuse(original: Callable[..., Any]) -> Callable[..., Any]:
        def start(*args: Any, **kwargs: Any) -> Any:
            if _thread.get_ident() == here:
                raise RuntimeError("threads cannot be recorded: run this program without the recorder")
            return original(*args, **kwargs)

        return start

    for module, name, original in originals:
        setattr(module, name, refuse(original))
    try:
        yield
    finally:
        for module, name, original in originals:
            setattr(module, name, original)

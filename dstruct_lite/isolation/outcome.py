"""Owns the `ExecutionResult` of an isolated run, also of one whose process is gone: what it sent is kept."""

from __future__ import annotations

import contextlib
import json
import re
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from dstruct_harness import ErrorInfo, ExecutionResult, StopReason, Timeline, TraceError
from dstruct_harness.chunks import read_chunks

REASONS: Final = frozenset(get_args(StopReason))
PROCESS_DIED: Final = "ProcessDied"
"""Name of the error of a run whose process ended without a word."""
_COUNTED_STEPS: Final = 200_000
"""Up to so many steps the events of a run that did not say how many there were are counted."""
_OOM_COUNTER: Final = Path("/proc/vmstat")


@dataclass(frozen=True, slots=True)
class Record:
    """What the kernel saw of a run: its chunks, when it began (ms since the epoch), how long it took (ms)."""

    chunks: Sequence[bytes]
    started: float
    runtime: float


def told(record: Record, data: bytes) -> ExecutionResult | None:
    """The result as the child told it; None if it is not what a child of ours tells."""
    try:
        form = json.loads(data)
        error = form["error"]
        if form["stopReason"] not in REASONS or not isinstance(form["events"], dict):
            return None
        return ExecutionResult(
            output=str(form["output"]),
            error=None if error is None else ErrorInfo(**{key: str(value) for key, value in error.items()}),
            stop_reason=form["stopReason"],
            steps=int(form["steps"]),
            events={str(kind): int(count) for kind, count in form["events"].items()},
            result=str(form["result"]),
            trace=b"".join(record.chunks),
            runtime=float(form["runtime"]),
            start_timestamp=float(form["startTimestamp"]),
            recorder_error=form["recorderError"] and str(form["recorderError"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def broken(data: bytes) -> tuple[StopReason | Literal["refused", "fault"], str]:
    """Why a child could tell no result, and its error; "killed" if it is not what a child of ours tells."""
    try:
        form = json.loads(data)
        reason, error = form["stopReason"], str(form["error"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return "killed", ""
    return (reason, error) if reason in REASONS | {"refused", "fault"} else ("killed", "")


def recovered(record: Record, reason: StopReason, error: ErrorInfo | None = None) -> ExecutionResult:
    """The result of a run that could not tell one: whatever is in the chunks that arrived."""
    whole, steps = b"", 0
    with contextlib.suppress(TraceError):
        for chunk, data in zip(_headers(record.chunks), record.chunks, strict=False):
            whole += data
            steps += chunk
    output, events = "", {}
    with contextlib.suppress(TraceError):
        timeline = Timeline(whole)
        output = timeline.state(steps).output
        if steps <= _COUNTED_STEPS:
            events = dict(Counter(event.kind for event in timeline.events()))
    return ExecutionResult(
        output=output,
        error=error,
        stop_reason=reason,
        steps=steps,
        events=events,
        result="",
        trace=whole,
        runtime=record.runtime,
        start_timestamp=record.started,
    )


def _headers(chunks: Sequence[bytes]) -> Any:
    """The steps of each chunk, up to the first that cannot be read."""
    return (chunk.header.steps for chunk in read_chunks(b"".join(chunks)))


def oom_kills() -> int:
    """How many processes this machine has ended for want of memory; 0 where that is not counted."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        rows = _OOM_COUNTER.read_text().splitlines()
        return int(next(row for row in rows if row.startswith("oom_kill ")).split()[1])
    return 0


def death(code: int | None, oom_before: int, errors: str) -> tuple[StopReason, ErrorInfo | None]:
    """Why a process that said nothing more is gone.

    Args:
        code: its exit code, minus the signal's number for a signal; None if it lives on but has closed its pipe.
        oom_before: `oom_kills()` before it started.
        errors: the end of its raw standard error.
    """
    if code is not None and -code == getattr(signal, "SIGXCPU", None):
        return "timeout", None
    if code is not None and -code == getattr(signal, "SIGKILL", None) and oom_kills() > oom_before:
        return "memory-limit", None
    if code is None:
        message = "The program broke the pipe its recording goes through, and was ended."
    elif code < 0:
        message = f"The program's process was ended by {_signal(-code)}."
    else:
        message = f"The program ended its process itself, with exit code {code}."
    stack = f"{PROCESS_DIED}: {message}\n{_of_the_learner(errors)}"
    return "killed", ErrorInfo(PROCESS_DIED, message, stack)


def _signal(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    described = signal.strsignal(number)
    return f"{name} ({described.lower()})" if described else name


def _of_the_learner(errors: str) -> str:
    """Raw standard error without the stack lines of our own modules, which say nothing to a learner."""
    ours = re.compile(
        r'^\s+File "[^"]*(dstruct_harness|dstruct_lite)[^"]*"|^\s+File "<string>"|^Extension modules: '
    )
    return "\n".join(line for line in errors.splitlines() if not ours.match(line))


def passed_sentence(names: Sequence[str], left_out: Mapping[str, str], missing: Sequence[str]) -> str:
    """What a cell says before an isolated run: what went in, what did not, what is not limited here."""
    rows = ["Running in a process of its own: "]
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    rows[0] += (
        f"{shown} went in as " + ("a copy" if len(names) == 1 else "copies") if names else "no names went in"
    )
    rows[0] += "; nothing it binds or changes comes back."
    rows += [f"Left out: {name} ({reason})." for name, reason in left_out.items() if not name.startswith("_")]
    if missing:
        rows.append(f"Not limited on this platform: {', '.join(missing)}.")
    return "\n".join(rows)

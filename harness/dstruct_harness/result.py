"""Owns what a run gives back: `ExecutionResult` and its JSON form."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from .callstack import operation_frames
from .limits import StopReason
from .timeline import Timeline
from .tracebacks import ErrorInfo

SCHEMA: Final = 1
LISTED_FRAMES: Final = 100_000


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """Everything that is known of one run, also of one that failed or was stopped.

    Attributes:
        output: what the program printed to stdout, and for a run with `entry` the formatted return value after it.
        error: the exception that ended the run, or None.
        stop_reason: why the run ended.
        steps: number of stops recorded.
        events: how many events of each kind.
        result: display string of the entry's return value or of a final expression; empty if there is none.
        trace: the log (docs/trace-format.md).
        runtime: milliseconds the program ran.
        start_timestamp: milliseconds since the epoch.
        value: the returned value itself; not in the JSON form.
        recorder_error: what ended the recording before the program ended, if a fault of ours did; else None. The
            program itself ran on.
    """

    output: str
    error: ErrorInfo | None
    stop_reason: StopReason
    steps: int
    events: dict[str, int]
    result: str
    trace: bytes
    runtime: float
    start_timestamp: float
    value: Any = None
    recorder_error: str | None = None

    @property
    def ok(self) -> bool:
        return self.stop_reason == "ok"

    def timeline(self) -> Timeline:
        """The states of the run, step by step."""
        return Timeline(self.trace)

    @property
    def stderr(self) -> str:
        """What the program printed to stderr, as far as it is in the log."""
        return "".join(text for stream, text in self.timeline().tables.output if stream == 1)

    def iter_callstack(self, steps: int | None = None) -> Iterator[dict[str, Any]]:
        """Operation frames in the dStruct vocabulary, decoded from the log as they are asked for.

        `steps`: only those of the first so many stops.
        """
        return operation_frames(self.trace, self.start_timestamp, self.runtime, steps)

    @property
    def callstack(self) -> list[dict[str, Any]]:
        """The operation frames as a list. For long runs prefer `iter_callstack`."""
        return list(self.iter_callstack())

    def to_json(self, *, trace: bool = True, callstack_steps: int | None = None) -> dict[str, Any]:
        """The JSON form: plain dicts, lists, strings and numbers; `trace` as base64 text, or left out.

        `callstack_steps`: list the operations of the first so many stops only; decoding a long run takes its time.
        """
        frames = list(islice(self.iter_callstack(callstack_steps), LISTED_FRAMES + 1))
        form: dict[str, Any] = {
            "schema": SCHEMA,
            "output": self.output,
            "callstack": frames[:LISTED_FRAMES],
            "runtime": self.runtime,
            "startTimestamp": self.start_timestamp,
            "error": self.error.to_json() if self.error else None,
            "stopReason": self.stop_reason,
            "steps": self.steps,
            "events": self.events,
            "result": self.result,
        }
        if trace:
            form["trace"] = base64.b64encode(self.trace).decode("ascii")
        if self.recorder_error is not None:
            form["recorderError"] = self.recorder_error
        if len(frames) > LISTED_FRAMES or (callstack_steps is not None and callstack_steps < self.steps):
            form["callstackTruncated"] = True
        return form

"""Trace Python programs exactly: every call, variable, read and write, replayable step by step.

from dstruct_harness import safe_exec, Limits
result = safe_exec("a = [3, 1, 2]\\na.sort()")
result.timeline().state(result.steps)
"""

from .chunks import TraceError
from .include import check_included
from .limits import Limits, StopReason
from .result import ExecutionResult
from .run import safe_exec, trace_call
from .timeline import Annotation, Atom, Event, FrameState, HeapObject, Ref, State, Timeline
from .tracebacks import ErrorInfo

__all__ = [
    "Annotation",
    "Atom",
    "ErrorInfo",
    "Event",
    "ExecutionResult",
    "FrameState",
    "HeapObject",
    "Limits",
    "Ref",
    "State",
    "StopReason",
    "Timeline",
    "TraceError",
    "check_included",
    "safe_exec",
    "trace_call",
]

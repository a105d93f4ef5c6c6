"""Owns one measurement: a program, run once by one side, in the Python that imports this.

Runs as `python sides.py` with a request as JSON on stdin, and inside Pyodide, so it needs the standard library only.
A request has `side`, `source`, `repeats`; the answer has `cpu` (seconds, the least of all), `output` (a digest),
and what the side can tell of itself.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import json
import operator
import sys
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

Clock = Callable[[], float]

FILENAME = "<bench>"


@contextlib.contextmanager
def as_main(module: types.ModuleType) -> Iterator[io.StringIO]:
    """The program is `__main__`, and what it prints is kept."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            yield output
    finally:
        sys.modules["__main__"] = before


def run_plain(source: str) -> str:
    module = types.ModuleType("__main__")
    with as_main(module) as output:
        exec(compile(source, FILENAME, "exec", dont_inherit=True), module.__dict__)
    return output.getvalue()


def plain(source: str, clock: Clock) -> dict[str, Any]:
    started = clock()
    output = run_plain(source)
    return {"cpu": clock() - started, "text": output}


def settrace(source: str, clock: Clock) -> dict[str, Any]:
    """`sys.settrace` with a function that does nothing, line by line."""

    def trace(_frame: Any, _event: str, _arg: Any) -> Any:
        return trace

    started = clock()
    sys.settrace(trace)
    try:
        output = run_plain(source)
    finally:
        sys.settrace(None)
    return {"cpu": clock() - started, "text": output}


def _monitored(source: str, clock: Clock, callback: Any) -> dict[str, Any]:
    watch = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
    tool = watch.PROFILER_ID
    events = watch.events.LINE | watch.events.PY_START
    watch.use_tool_id(tool, "bench")
    started = clock()
    try:
        for event in (watch.events.LINE, watch.events.PY_START):
            watch.register_callback(tool, event, callback)
        watch.set_events(tool, events)
        output = run_plain(source)
    finally:
        watch.set_events(tool, 0)
        watch.free_tool_id(tool)
    return {"cpu": clock() - started, "text": output}


def monitoring(source: str, clock: Clock) -> dict[str, Any]:
    """`sys.monitoring` of lines and function starts, with a Python function that does nothing."""

    def nothing(_code: Any, _where: int) -> None:
        return None

    return _monitored(source, clock, nothing)


def monitoring_c(source: str, clock: Clock) -> dict[str, Any]:
    """The same with a C function: the wall for anything that is told of every line."""
    return _monitored(source, clock, operator.is_)


def dstruct(source: str, clock: Clock) -> dict[str, Any]:
    """Our recorder with its limits on, from source text to finished log."""
    from dstruct_harness import Limits, safe_exec
    from seam import encoding_time

    limits = Limits(seconds=3600.0, steps=1 << 40, log_bytes=1 << 40, output_bytes=1 << 30)
    sent = [0, 0]

    def take(chunk: bytes) -> None:
        sent[0] += 1
        sent[1] += len(chunk)

    with encoding_time(clock) as spent:
        started = clock()
        result = safe_exec(source, limits=limits, filename=FILENAME, on_chunk=take)
        cpu = clock() - started
    if result.stop_reason != "ok" or result.recorder_error:
        raise RuntimeError(f"{result.stop_reason}: {result.error or result.recorder_error}")
    return {
        "cpu": cpu,
        "text": result.output,
        "encode": spent[0] if spent else None,
        "bytes": len(result.trace),
        "chunks": sent[0],
        "steps": result.steps,
        "events": sum(result.events.values()),
    }


SIDES: dict[str, Callable[[str, Clock], dict[str, Any]]] = {
    "plain": plain,
    "settrace": settrace,
    "monitoring": monitoring,
    "monitoring C": monitoring_c,
    "dstruct": dstruct,
}


def executed_lines(source: str) -> int:
    """How many lines a plain run of the program executes."""
    count = 0
    filename = FILENAME

    def trace(frame: Any, event: str, _arg: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename != filename:
            return None
        if event == "line":
            count += 1
        return trace

    sys.settrace(trace)
    try:
        run_plain(source)
    finally:
        sys.settrace(None)
    return count


def peak_memory() -> int | None:
    """Most bytes this process has held so far; None where nobody counts."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) * (1 if sys.platform == "darwin" else 1024)


def answer(request: dict[str, Any], clock: Clock = time.process_time) -> dict[str, Any]:
    """Carry a request out. What goes wrong in the program or the side is in `error`."""
    side, source = request["side"], request["source"]
    if side == "lines":
        return {"lines": executed_lines(source)}
    if side in SIDES:
        run = SIDES[side]
    else:
        from peers import PEERS

        run = PEERS[side]
    best: dict[str, Any] = {}
    for _ in range(request.get("repeats", 1)):
        gc.collect()
        try:
            found = run(source, clock)
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}
        if not best or found["cpu"] < best["cpu"]:
            best = found
    best["output"] = hashlib.sha256(str(best.pop("text")).encode()).hexdigest()[:16]
    best["peak"] = peak_memory()
    return best


if __name__ == "__main__":
    print(json.dumps(answer(json.load(sys.stdin))))

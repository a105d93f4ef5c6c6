"""Owns running a program without us, and saying what can be seen of it from outside: the measure of transparency."""

from __future__ import annotations

import contextlib
import gc
import io
import linecache
import re
import sys
import traceback
import types
from dataclasses import dataclass

from dstruct_harness import ExecutionResult, Limits, safe_exec

FILENAME = "<program>"


_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


@dataclass(frozen=True)
class Seen:
    """What a program printed, the exception that ended it, and the lines its traceback names."""

    output: str
    error: str | None
    lines: tuple[int, ...]


def plainly(source: str) -> Seen:
    """Run as `__main__` in this process."""
    linecache.cache[FILENAME] = (len(source), None, source.splitlines(keepends=True), FILENAME)
    output, error, lines = io.StringIO(), None, ()
    module = types.ModuleType("__main__")
    before, sys.modules["__main__"] = sys.modules["__main__"], module
    try:
        with contextlib.redirect_stdout(output):
            try:
                exec(compile(source, FILENAME, "exec", dont_inherit=True), module.__dict__)
            except BaseException as raised:
                error = f"{type(raised).__name__}: {raised}".removesuffix(": ")
                frames = traceback.extract_tb(raised.__traceback__)
                lines = tuple(frame.lineno or 0 for frame in frames if frame.filename == FILENAME)
    finally:
        sys.modules["__main__"] = before
    return Seen(output.getvalue(), error, lines)


def traced(source: str) -> tuple[Seen, ExecutionResult]:
    """Run under the recorder. The error is taken from the traceback, which is what a learner reads."""
    result = safe_exec(source, limits=Limits(seconds=60))
    if result.error is None:
        return Seen(result.output, None, ()), result
    stack = result.error.stack
    lines = tuple(int(number) for number in re.findall(rf'(?m)^  File "{FILENAME}", line (\d+)', stack))
    # The last lines name the exception with its module, where that is no builtin one.
    told = re.split(rf"(?m)^(?:[\w.]+\.)?(?={re.escape(result.error.name)}\b)", stack.rstrip("\n"))[-1]
    return Seen(result.output, told, lines), result


def check_transparent(source: str) -> ExecutionResult:
    """Assert that nothing about the program changes by being recorded, and that the recorder came through."""
    gc.collect()
    expected = plainly(source)
    gc.collect()
    seen, result = traced(source)
    for ours, plain in ((seen.output, expected.output), (seen.error or "", expected.error or "")):
        assert _ADDRESS.sub("0x", ours) == _ADDRESS.sub("0x", plain)
    assert seen.lines[-len(expected.lines) :] == expected.lines or not expected.lines
    assert result.recorder_error is None
    return result

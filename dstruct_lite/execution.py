"""Owns where code runs: in this very interpreter, or in a process of its own.

`DSTRUCT_EXEC_MODE` names the place for a whole installation: `pyodide` (this interpreter, in the browser, where each
kernel has a worker of its own) or `server` (a process of its own, on a machine that can start one). Unset, `execute`
goes by the platform, and notebooks run in their kernel, which a cell can override with `isolation`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, Literal, cast, get_args

from dstruct_harness import ExecutionResult, Limits, safe_exec

from .isolation.limits import IsolationUnavailableError, ProcessLimits, require_processes

ExecMode = Literal["pyodide", "server"]
Isolation = Literal["none", "process"]

MODE_VARIABLE: Final = "DSTRUCT_EXEC_MODE"


def exec_mode() -> ExecMode:
    """The mode that `DSTRUCT_EXEC_MODE` names, else the platform's own.

    Raises:
        ValueError: it names no mode.
        IsolationUnavailableError: it names one that this platform does not have.
    """
    in_browser = sys.platform == "emscripten"
    named = os.environ.get(MODE_VARIABLE)
    if not named:
        return "pyodide" if in_browser else "server"
    return _available(named, f"{MODE_VARIABLE}={named}")


def _available(named: str, said: str) -> ExecMode:
    if named not in get_args(ExecMode):
        raise ValueError(f"{said} names no mode: use pyodide or server")
    if named == "server":
        require_processes()
    elif sys.platform != "emscripten":
        raise IsolationUnavailableError(
            f"{said}, but this Python does not run in Pyodide: leave it out, or use server"
        )
    return cast(ExecMode, named)


def isolated(isolation: str | None) -> bool:
    """Whether a notebook's run goes into a process of its own.

    Args:
        isolation: what the run itself says: "process", "none", or None, which is "process" only where
            `DSTRUCT_EXEC_MODE` is `server`.

    Raises:
        ValueError: `isolation` or the variable is none of their values.
        IsolationUnavailableError: that is not possible here.
    """
    if isolation is None:
        return bool(os.environ.get(MODE_VARIABLE)) and exec_mode() == "server"
    if isolation not in get_args(Isolation):
        raise ValueError(f"isolation must be 'process' or 'none', not {isolation!r}")
    if isolation == "process":
        require_processes()
    return isolation == "process"


def execute(
    code: str,
    args: Sequence[Any] | None = None,
    *,
    entry: str | None = None,
    limits: Limits | None = None,
    process_limits: ProcessLimits | None = None,
    filename: str = "<program>",
    include: Collection[str] = (),
    on_chunk: Callable[[bytes], None] | None = None,
    mode: ExecMode | None = None,
) -> ExecutionResult:
    """Run a program where this installation runs programs, and record it: the same `ExecutionResult` from every place.

    Args:
        code: source text; runs as `__main__` in a fresh namespace.
        args: arguments for `entry`.
        entry: a function, or `Class.method`, to call once the module has run.
        limits: what the run may use (default `Limits()`).
        process_limits: what its process may use (default `ProcessLimits()`), if it has one.
        filename: how tracebacks name the program.
        include: names of modules whose functions are stepped into, too.
        on_chunk: receives each chunk of the log while the program still runs.
        mode: the place; default `exec_mode()`.

    Raises:
        TypeError: `code` is not a string.
        ValueError: there is no such mode, or no such module to include.
        IsolationUnavailableError: this platform does not have the mode.
    """
    place = exec_mode() if mode is None else _available(mode, f"mode={mode!r}")
    if place == "pyodide":
        return safe_exec(
            code, args, entry=entry, limits=limits, filename=filename, include=include, on_chunk=on_chunk
        )
    from .isolation import isolated_exec

    keys: dict[str, Any] = {
        "entry": entry,
        "limits": limits,
        "process_limits": process_limits,
        "include": include,
    }
    return isolated_exec(code, args, filename=filename, on_chunk=on_chunk, **keys)

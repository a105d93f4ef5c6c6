"""Owns `dstruct-lite run`: a program recorded without Jupyter, its result printed, success in the exit code."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from dstruct_harness import ExecutionResult, Limits, safe_exec

from .execution import Isolation, isolated
from .export import save_html
from .isolation.limits import IsolationUnavailableError, ProcessLimits, limits_with_memory, unenforced
from .language import language

STANDARD_INPUT: Final = "-"

_ENCODING_HELP: Final = (
    "Save the file as UTF-8, or name its encoding in the first line: # -*- coding: latin-1 -*-"
)
_DESCRIPTION: Final = """\
Run a Python program, record it, and print what it printed (or one of the forms below).
The exit status is 0 if the program ended by itself, 1 if it failed or was stopped, 2 if it was not run."""


def add_run_command(commands: Any) -> None:
    """Add the subcommand `run` to an `argparse` collection of subparsers."""
    parser = commands.add_parser(
        "run",
        help="run a Python program and record it",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("program", help="the program's file; - reads it from standard input")
    parser.add_argument("--entry", help="call this function, or Class.method, once the module has run")
    parser.add_argument("--args", help="arguments for the entry: a JSON list, like '[[3, 1], {\"a\": 1}]'")
    parser.add_argument(
        "--include",
        action="append",
        default=[],
        metavar="MODULE",
        help="step into this module's functions, too; may be given several times",
    )
    parser.add_argument("--seconds", type=float, default=30.0, help="time limit (default: 30)")
    parser.add_argument("--steps", type=_count, default=None, help="record at most so many steps")
    parser.add_argument(
        "--isolation",
        choices=Isolation.__args__,  # type: ignore[attr-defined]
        default=None,
        help="process: run it in a process of its own, which can be stopped whatever it does",
    )
    parser.add_argument(
        "--memory", type=float, default=None, help="MiB the process may use (default: 2048)", metavar="MIB"
    )
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write the run as one HTML file that opens from disk"
    )
    parser.add_argument("--language", help="of the HTML file's texts, like de (default: English)")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print the whole result as JSON")
    shape.add_argument(
        "--frames", action="store_true", help="print the operation frames, one JSON object a line"
    )
    shape.add_argument("--summary", action="store_true", help="print how it ended, steps, events and sizes")
    parser.set_defaults(run=run_program)


def _count(text: str) -> int:
    return int(text.replace("_", ""))


_count.__name__ = "whole number"  # argparse names it in its message


def run_program(options: argparse.Namespace) -> int:
    """Run a program file; 0 if it ended by itself, 1 if not, 2 for options that make no sense."""
    try:
        arguments = _arguments(options.args)
        limits = Limits(seconds=options.seconds, steps=options.steps)
        process_limits = limits_with_memory(options.memory)
        apart = isolated(options.isolation)
        if options.language is not None:
            language(options.language)
        source = read_source(options.program)
    except OSError as error:
        return _refused(f"cannot read {options.program}: {error.strerror}")
    except (ValueError, IsolationUnavailableError) as error:
        return _refused(str(error).replace("Limits.", "--"))
    try:
        result = _result(options, source, arguments, limits, process_limits if apart else None)
        sys.stdout.flush()
        _print(result, options)
        sys.stdout.flush()
        if options.html is not None and not _written(result, options):
            return 1
    except ValueError as error:  # a module to include that is not there
        return _refused(str(error))
    except BrokenPipeError:  # `| head` has seen enough; Python must not complain of it when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0 if result.ok else 1


def _written(result: ExecutionResult, options: argparse.Namespace) -> bool:
    try:
        save_html(result, options.html, title=_title(options.program), language=options.language)
    except OSError as error:
        print(f"dstruct-lite run: cannot write {options.html}: {error.strerror}", file=sys.stderr)
        return False
    return True


def _title(program: str) -> str:
    return "" if program == STANDARD_INPUT else Path(program).name


def _arguments(text: str | None) -> list[Any] | None:
    """The value of --args. Raises ValueError for what is no JSON list."""
    if text is None:
        return None
    try:
        arguments = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"--args is not JSON: {error}") from None
    if not isinstance(arguments, list):
        raise ValueError("--args must be a JSON list, one item for each argument: '[[3, 1, 2]]'")
    return arguments


def read_source(program: str) -> str:
    """The text of a program file as Python reads it: a byte order mark and a coding cookie count, else UTF-8.

    Args:
        program: the file's name; `-` stands for standard input.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not text in the encoding it says.
    """
    data = sys.stdin.buffer.read() if program == STANDARD_INPUT else Path(program).read_bytes()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except SyntaxError as error:  # an unknown encoding, or first lines that are not in it
        raise ValueError(f"cannot read {program}: {error.msg}. {_ENCODING_HELP}") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wrong = f"line {line} is not {encoding} text ({error.reason})"
        raise ValueError(f"cannot read {program}: {wrong}. {_ENCODING_HELP}") from None


def _result(
    options: argparse.Namespace,
    source: str,
    arguments: list[Any] | None,
    limits: Limits,
    process_limits: ProcessLimits | None,
) -> ExecutionResult:
    keys: dict[str, Any] = {"entry": options.entry, "limits": limits, "filename": _name(options.program)}
    keys["include"] = options.include
    with _as_started(options.program):
        if process_limits is None:
            return safe_exec(source, arguments, **keys)
        from .isolation import isolated_exec

        missing = unenforced()
        if missing:
            print(f"dstruct-lite run: not limited on this platform: {', '.join(missing)}", file=sys.stderr)
        return isolated_exec(source, arguments, process_limits=process_limits, **keys)


def _name(program: str) -> str:
    return "<stdin>" if program == STANDARD_INPUT else program


@contextlib.contextmanager
def _as_started(program: str) -> Iterator[None]:
    """`sys.argv` and the first directory of `sys.path` as if Python had been started with the program."""
    arguments, path = sys.argv, list(sys.path)
    sys.argv = [program]
    sys.path.insert(0, "" if program == STANDARD_INPUT else str(Path(program).resolve().parent))
    try:
        yield
    finally:
        sys.argv, sys.path[:] = arguments, path


def _refused(message: str) -> int:
    print(f"dstruct-lite run: {message}", file=sys.stderr)
    return 2


def _print(result: ExecutionResult, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(result.to_json()))
    elif options.frames:
        for frame in result.iter_callstack():
            print(json.dumps(frame))
    elif options.summary:
        print(_summary(result))
    else:
        sys.stdout.write(_printable(result.output, sys.stdout))
        if result.result and not result.output.endswith("\n"):  # what the entry returned ends the output
            print()
    if not options.json:
        sys.stderr.write(_printable(result.stderr, sys.stderr))
    if not result.ok and not options.json:
        told = result.error.stack if result.error else f"stopped: {result.stop_reason}\n"
        sys.stderr.write(_printable(told, sys.stderr))
    if result.recorder_error is not None and not options.json:
        sys.stderr.write(f"dstruct-lite run: the recording is incomplete: {result.recorder_error}\n")


def _printable(text: str, stream: Any) -> str:
    """`text` with what the stream cannot encode (lone surrogates, say) as escapes."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _summary(result: ExecutionResult) -> str:
    events = ", ".join(f"{kind} {count:,}" for kind, count in sorted(result.events.items()))
    rows = [
        f"ended      {result.stop_reason}",
        f"steps      {result.steps:,}",
        f"events     {events}",
        f"trace      {len(result.trace):,} bytes",
        f"runtime    {result.runtime:.1f} ms",
    ]
    if result.result:
        rows.append(f"result     {result.result}")
    return "\n".join(rows)

"""Owns `dstruct-lite run`: a program recorded without Jupyter, its result printed, success in the exit code."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from dstruct_harness import ExecutionResult, Limits, safe_exec


def add_run_command(commands: Any) -> None:
    """Add the subcommand `run` to an `argparse` collection of subparsers."""
    parser = commands.add_parser("run", help="run a Python program and record it")
    parser.add_argument("program", type=Path, help="the program's file")
    parser.add_argument("--entry", help="call this function, or Class.method, once the module has run")
    parser.add_argument("--args", help="arguments for --entry: a JSON list")
    parser.add_argument("--seconds", type=float, default=30.0, help="time limit (default: 30)")
    parser.add_argument("--steps", type=int, default=None, help="record at most so many steps")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print the whole result as JSON")
    shape.add_argument(
        "--frames", action="store_true", help="print the operation frames, one JSON object a line"
    )
    shape.add_argument("--summary", action="store_true", help="print how it ended, steps, events and sizes")
    parser.set_defaults(run=run_program)


def run_program(options: argparse.Namespace) -> int:
    """Run a program file; 0 if it ended by itself, 1 if not, 2 for options that make no sense."""
    try:
        source = options.program.read_text(encoding="utf-8")
        arguments = None if options.args is None else json.loads(options.args)
        limits = Limits(seconds=options.seconds, steps=options.steps)
        if not isinstance(arguments, list | None):
            raise ValueError("--args must be a JSON list")
    except OSError as error:
        return _refused(f"cannot read {options.program}: {error.strerror}")
    except json.JSONDecodeError as error:
        return _refused(f"--args is not JSON: {error}")
    except ValueError as error:
        return _refused(str(error).replace("Limits.", "--"))
    result = safe_exec(source, arguments, entry=options.entry, limits=limits, filename=str(options.program))
    _print(result, options)
    return 0 if result.ok else 1


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
        sys.stdout.write(result.output)
    if not result.ok and not options.json:
        told = result.error.stack if result.error else f"stopped: {result.stop_reason}\n"
        sys.stderr.write(told)


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

"""Owns the experiments: which measurements are made, in what order, and what is taken from them.

Each takes a `Host` (something that carries requests out) and returns plain data for the report. Sides are interleaved:
each round measures every side once, and a side's time is the least of its rounds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from catalogue import (
    CATALOGUE,
    GROWING,
    HEAPS,
    SIGHTS,
    Program,
    first_sight,
    growing_heap,
    idle_source,
    long_run,
)
from environments import measure, measure_in_pyodide

REFERENCES: Final = ("settrace", "monitoring", "monitoring C")
LEAST_SECONDS: Final = 0.05
"""A program that runs shorter than this plain says more about fixed cost than about itself."""

Row = dict[str, Any]


class Host(Protocol):
    """Where requests are carried out, each row of requests interleaved `rounds` times."""

    name: str

    def rounds(self, requests: Sequence[Row], rounds: int) -> list[Row]:
        """The best answer to each request."""


def _best(answers: Iterable[Row]) -> Row:
    """The answer with the least time; an error only where there is nothing else."""
    listed = list(answers)
    good = [one for one in listed if "error" not in one]
    return min(good, key=lambda one: one.get("cpu", 0.0)) if good else listed[0]


class Native:
    """An interpreter of this machine: a process for each measurement."""

    def __init__(self, name: str, python: Path, seconds: float = 600.0) -> None:
        self.name = name
        self.python = python
        self.seconds = seconds

    def rounds(self, requests: Sequence[Row], rounds: int) -> list[Row]:
        answers: list[list[Row]] = [[] for _ in requests]
        for _ in range(rounds):
            for request, found in zip(requests, answers, strict=True):
                if not (found and "error" in found[-1]):
                    found.append(measure(self.python, request, self.seconds))
        return [_best(found) for found in answers]


class Pyodide:
    """Pyodide under Node: one for each row of requests, warmed up with the first."""

    def __init__(self, name: str, core: Path, packages: Path | None = None, seconds: float = 1200.0) -> None:
        self.name = name
        self.core = core
        self.packages = packages
        self.seconds = seconds

    def rounds(self, requests: Sequence[Row], rounds: int) -> list[Row]:
        listed = [requests[0], *list(requests) * rounds]
        answers = measure_in_pyodide(self.core, listed, self.packages, self.seconds)[1:]
        return [_best(answers[i :: len(requests)]) for i in range(len(requests))]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _ratio(answer: Row, plain: Row, key: str = "cpu") -> float | None:
    value = answer.get(key)
    return None if value is None or not plain.get("cpu") else value / plain["cpu"]


def _request(side: str, source: str, repeats: int = 1) -> Row:
    return {"side": side, "source": source, "repeats": repeats}


def programs(host: Host, chosen: Sequence[Program], rounds: int, lines: dict[str, int]) -> list[Row]:
    """Every program by every side of ours: ratios to plain, bytes per executed line."""
    rows = []
    for program in chosen:
        source = program.source()
        sides = ("plain", *REFERENCES, "dstruct")
        answers = dict(
            zip(
                sides,
                host.rounds([_request(s, source, 2 if s == "plain" else 1) for s in sides], rounds),
                strict=True,
            )
        )
        row = _program_row(program, answers, lines)
        say(f"  {host.name} {program.name}: {_line(row)}")
        rows.append(row)
    return rows


def _program_row(program: Program, answers: dict[str, Row], lines: dict[str, int]) -> Row:
    plain, ours = answers["plain"], answers["dstruct"]
    row: Row = {"program": program.name, "regular": program.regular, "plain_s": plain.get("cpu")}
    row["short"] = (plain.get("cpu") or 0.0) < LEAST_SECONDS
    for side in REFERENCES:
        row[side] = _ratio(answers[side], plain)
    row["total"] = _ratio(ours, plain)
    if ours.get("encode") is not None:
        row["run"] = _ratio({"cpu": ours["cpu"] - ours["encode"]}, plain)
    executed = lines.get(program.name)
    if executed and "bytes" in ours:
        row |= {"lines": executed, "bytes": ours["bytes"], "bytes_per_line": ours["bytes"] / executed}
        row |= {"steps": ours["steps"], "events": ours["events"]}
    row["errors"] = {side: a["error"] for side, a in answers.items() if "error" in a}
    row["errors"] |= {
        s: "other output"
        for s, a in answers.items()
        if a.get("output", plain.get("output")) != plain.get("output")
    }
    return row


def _line(row: Row) -> str:
    parts = [f"plain {row['plain_s'] * 1000:.0f} ms"] if row["plain_s"] else []
    for key in (*REFERENCES, "run", "total"):
        if row.get(key) is not None:
            parts.append(f"{key} {row[key]:.1f}x")
    if "bytes_per_line" in row:
        parts.append(f"{row['bytes_per_line']:.3f} B/line")
    return ", ".join(parts + [f"{side}: {text}" for side, text in row["errors"].items()])


def executed_lines(host: Host, chosen: Sequence[Program]) -> dict[str, int]:
    """How many lines each program executes, counted by a plain run under `sys.settrace`."""
    answers = host.rounds([_request("lines", program.source()) for program in chosen], 1)
    return {p.name: one["lines"] for p, one in zip(chosen, answers, strict=True) if "lines" in one}


def fixed_cost(host: Host, rounds: int) -> Row:
    """What a run costs however short it is, per 100 lines of source."""
    source, lines = idle_source()
    requests = [
        _request("plain", source, 5),
        _request("dstruct", source, 5),
        _request("dstruct", "pass\n", 5),
    ]
    plain, ours, empty = host.rounds(requests, rounds)
    if any("error" in one for one in (plain, ours, empty)):
        return {"error": next(one["error"] for one in (plain, ours, empty) if "error" in one)}
    return {
        "lines_of_source": lines,
        "plain_ms": plain["cpu"] * 1e3,
        "ours_ms": ours["cpu"] * 1e3,
        "empty_ms": empty["cpu"] * 1e3,
        "ms_per_100_lines": (ours["cpu"] - plain["cpu"]) * 1e5 / lines,
    }


def heap_growth(host: Host, rounds: int, accesses: int = 20_000) -> list[Row]:
    """Marginal time and bytes of an access while the heap grows: the difference of a long and a short run."""
    rows = []
    for kind in GROWING:
        sizes: list[Row] = []
        for size in HEAPS:
            requests = [
                _request(side, growing_heap(kind, size, count), 2)
                for count in (accesses, 3 * accesses)
                for side in ("plain", "dstruct")
            ]
            plain_short, short, plain_long, long = host.rounds(requests, rounds)
            wrong = [one["error"] for one in (plain_short, short, plain_long, long) if "error" in one]
            if wrong:
                sizes.append({"size": size, "error": wrong[0]})
                continue
            sizes.append(
                {
                    "size": size,
                    "ns": (long["cpu"] - short["cpu"]) * 1e9 / (2 * accesses),
                    "plain_ns": (plain_long["cpu"] - plain_short["cpu"]) * 1e9 / (2 * accesses),
                    "bytes": (long["bytes"] - short["bytes"]) / (2 * accesses),
                }
            )
        say(f"  {host.name} heap of {kind}: {sizes}")
        rows.append({"kind": kind, "sizes": sizes})
    return rows


def first_sights(host: Host, size: int = 100_000) -> list[Row]:
    """Bytes per element when a container is first seen; the bytes of a tiny one are taken off."""
    rows = []
    for kind in SIGHTS:
        tiny, full = host.rounds([_request("dstruct", first_sight(kind, n)) for n in (2, size)], 1)
        if "error" in full:
            rows.append({"kind": kind, "error": full["error"]})
        else:
            rows.append(
                {"kind": kind, "size": size, "bytes_per_element": (full["bytes"] - tiny["bytes"]) / size}
            )
    return rows


def memory(host: Host, make_host: Callable[[], Host], lines: int) -> Row:
    """Memory of a long run over that of the same run plain: peak of the process, or growth of Pyodide's heap."""
    source = long_run(lines)
    row: Row = {"lines": lines}
    for side in ("plain", "dstruct"):
        # A fresh host for each: memory is never given back.
        answer = (
            make_host().rounds([_request(side, source)], 1)[0]
            if isinstance(host, Native)
            else _once(host, side, source)
        )
        if "error" in answer:
            return {**row, "error": answer["error"]}
        row[side] = answer["peak"] if answer.get("peak") is not None else answer["heap"]
        if side == "dstruct":
            row |= {
                "bytes": answer["bytes"],
                "steps": answer["steps"],
                "events": answer["events"],
                "cpu": answer["cpu"],
            }
    row["extra"] = row["dstruct"] - row["plain"]
    return row


def _once(host: Host, side: str, source: str) -> Row:
    assert isinstance(host, Pyodide)
    return measure_in_pyodide(host.core, [_request(side, source)], seconds=host.seconds)[0]


def peer(host: Host, name: str, chosen: Sequence[Program]) -> list[Row]:
    """A peer, and us, at a size that tracers which copy the heap at each line can bear. Fixed costs are in it."""
    rows = []
    for program in chosen:
        source = program.source(program.small)
        plain, ours, theirs = host.rounds(
            [_request("plain", source, 20), _request("dstruct", source, 3), _request(name, source)], 1
        )
        row: Row = {"program": program.name, "size": program.small, "plain_s": plain.get("cpu")}
        row |= {"ours": _ratio(ours, plain), "theirs": _ratio(theirs, plain)}
        row |= {"our_bytes": ours.get("bytes"), "their_bytes": theirs.get("bytes")}
        if "error" in theirs:
            row["error"] = theirs["error"]
        elif theirs["output"] != plain.get("output"):
            row["error"] = "the program's output is another one"
        say(f"  {host.name} {name} {program.name}: {row.get('error') or round(row['theirs'])}")
        rows.append(row)
        if "error" in row and "ModuleNotFound" in row["error"]:
            break
    return rows


def select(names: Sequence[str]) -> list[Program]:
    """The programs named; all where none is. Raises ValueError for a name that is not there."""
    known = {program.name: program for program in CATALOGUE}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no such program: {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names] or list(CATALOGUE)

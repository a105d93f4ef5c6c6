"""Owns the Markdown form of the results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

Row = dict[str, Any]


def geometric_mean(values: Iterable[float | None]) -> float | None:
    """The geometric mean of what is there; None of nothing."""
    listed = [value for value in values if value]
    return math.exp(sum(map(math.log, listed)) / len(listed)) if listed else None


def _times(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.1f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others numbers."""
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines)


def programs_table(rows: list[Row]) -> str:
    keys = ("settrace", "monitoring", "monitoring C", "run", "total")
    body = [
        [
            row["program"] + (" (regular)" if row["regular"] else ""),
            _number((row["plain_s"] or 0) * 1e3, 0),
            *(_times(row.get(key)) for key in keys),
            f"{row.get('lines', 0):,}",
            _number(row.get("bytes_per_line")),
        ]
        for row in rows
    ]
    means = [_times(geometric_mean(row.get(key) for row in rows)) for key in keys]
    body.append(["**geometric mean**", "", *(f"**{mean}**" for mean in means), "", ""])
    head = [
        "program",
        "plain, ms",
        "settrace",
        "monitoring",
        "monitoring in C",
        "recording",
        "with the log",
        "lines",
        "bytes/line",
    ]
    return table(head, body)


def _heap_table(rows: list[Row]) -> str:
    body = []
    for row in rows:
        good = [one for one in row["sizes"] if "error" not in one]
        for one in row["sizes"]:
            if "error" in one:
                body.append([row["kind"], f"{one['size']:,}", "-", one["error"], "-", "-"])
                continue
            first = good[0]
            body.append(
                [
                    row["kind"],
                    f"{one['size']:,}",
                    _number(one["plain_ns"], 0),
                    _number(one["ns"], 0),
                    _number(one["ns"] / first["ns"], 2),
                    f"{one['bytes']:.2f} ({one['bytes'] / first['bytes']:.2f})"
                    if first["bytes"]
                    else _number(one["bytes"]),
                ]
            )
    return table(
        [
            "heap",
            "elements",
            "plain, ns a round",
            "recorded, ns a round",
            "to 10 elements",
            "bytes a round (to 10 elements)",
        ],
        body,
    )


def _memory_lines(rows: list[Row]) -> str:
    lines = []
    for row in rows:
        if "error" in row:
            lines.append(f"- {row['lines']:,} lines: {row['error']}")
        else:
            lines.append(
                f"- {row['lines']:,} executed lines, {row['events']:,} events: {_megabytes(row['extra'])} MB more "
                f"than plain (log {_megabytes(row['bytes'])} MB)"
            )
    return "\n".join(lines)


def peers_table(results: dict[str, list[Row]]) -> str:
    """One column per peer, each with ours at the same size beside it."""
    parts = []
    for name, rows in results.items():
        body = [
            [
                row["program"],
                str(row["size"]),
                _times(row["theirs"]) if "error" not in row else row["error"].replace("|", "/"),
                _times(row["ours"]),
                f"{row['their_bytes'] or 0:,}",
                f"{row['our_bytes'] or 0:,}",
            ]
            for row in rows
        ]
        good = [row for row in rows if "error" not in row]
        means = [_times(geometric_mean(row[key] for row in good)) for key in ("theirs", "ours")]
        body.append(["**geometric mean**", "", *(f"**{mean}**" for mean in means), "", ""])
        head = ["program", "SIZE", f"{name}, times plain", "ours, times plain", "their bytes", "our bytes"]
        parts.append(f"#### {name}\n\n{table(head, body)}")
    return "\n\n".join(parts)


def _host(name: str, found: Row) -> str:
    parts = [f"## {name}"]
    if found.get("programs"):
        parts += ["Times are CPU time over plain execution.", programs_table(found["programs"])]
    fixed = found.get("fixed")
    if fixed and "error" not in fixed:
        parts.append(
            f"Fixed cost: {fixed['ms_per_100_lines']:.1f} ms per 100 lines of source "
            f"({fixed['lines_of_source']} lines of which only definitions run); "
            f"{fixed['empty_ms']:.1f} ms for an empty program."
        )
    if found.get("heap"):
        parts += ["### While the heap grows", _heap_table(found["heap"])]
    if found.get("sights"):
        rows = [
            [r["kind"], _number(r.get("bytes_per_element")) if "error" not in r else r["error"]]
            for r in found["sights"]
        ]
        parts += ["### First sight of a container of 100,000", table(["elements", "bytes per element"], rows)]
    if found.get("memory"):
        parts += ["### Memory", _memory_lines(found["memory"])]
    if found.get("peers"):
        parts += ["### Peers, at sizes they can bear (fixed costs included)", peers_table(found["peers"])]
    return "\n\n".join(parts)


def markdown(results: Row) -> str:
    """The whole report."""
    runs = "; ".join(f"{run['date']} at {run['commit']} ({run['parts']})" for run in results["runs"])
    rounds = f"{results['rounds']} round{'s' if results['rounds'] > 1 else ''}"
    parts = ["# Benchmark results", f"Written by `make bench`: {runs}. {results['machine']}, {rounds}."]
    parts += [_host(name, found) for name, found in results["hosts"].items()]
    if results["skipped"]:
        parts += ["## Skipped", "\n".join(f"- {name}: {why}" for name, why in results["skipped"].items())]
    return "\n\n".join(parts) + "\n"

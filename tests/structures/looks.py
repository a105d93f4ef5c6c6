"""Owns what the pictures of `programs/` must show: runs each program, plain and recorded, and says what is there.

A line of a program that ends in `# look: VIEW EXPRESSION [name=value ...]` (more of them after `;;`) is one where the
expression's value must be drawn in that view. What must be drawn is read off the real objects, in the untraced program,
just before the line runs. Prints JSON: the trace of each program, and all looks with what must be drawn.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from dstruct_harness import safe_exec

PROGRAMS = Path(__file__).parent / "programs"
#: A line that is reached often is looked at the first few times, and then ever more seldom.
OFTEN = 3


def looks_of(source: str) -> dict[int, list[tuple[str, str, dict[str, list[str]]]]]:
    looks: dict[int, list[tuple[str, str, dict[str, list[str]]]]] = {}
    for number, line in enumerate(source.splitlines(), 1):
        for part in line.partition("# look: ")[2].split(" ;; ") if "# look: " in line else []:
            view, expression, *options = part.split()
            named = {key: value.split(",") for key, _, value in (o.partition("=") for o in options)}
            looks.setdefault(number, []).append((view, expression, named))
    return looks


def follow(start: Any, names: list[str]) -> Iterator[tuple[Any, Any, str]]:
    """Every link from object to object: the attribute's own value, or what the container in it holds."""
    seen: set[int] = set()
    queue = [start]
    while queue:
        one = queue.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        for name in names:
            held = getattr(one, name)
            if isinstance(held, dict):
                members = list(held.items())
            else:
                members = [("", m) for m in held] if isinstance(held, (list, tuple)) else [(name, held)]
            for label, other in members:
                if other is not None:
                    yield one, other, str(label)
                    queue.append(other)


def linked(start: Any, options: dict[str, list[str]]) -> dict[str, Any]:
    (value,) = options["value"]
    names = options.get("links") or [*options["next"], *options.get("back", [])]
    links = list(follow(start, names))
    nodes = {id(start): start}
    for _, other, _ in links:
        nodes[id(other)] = other
    text = lambda one: repr(getattr(one, value))  # noqa: E731
    return {
        "nodes": sorted(text(one) for one in nodes.values()),
        "links": sorted([text(a), text(b)] for a, b, _ in links),
        "field": value,
    }


def trie(start: Any, options: dict[str, list[str]]) -> dict[str, Any]:
    (end,) = options["end"]
    words: list[str] = []
    links: list[list[str]] = []

    def walk(node: Any, prefix: str) -> None:
        inside = node if isinstance(node, dict) else getattr(node, options["links"][0])
        if end in node if isinstance(node, dict) else getattr(node, end):
            words.append(prefix)
        if isinstance(inside, list):
            inside = {chr(ord("a") + i): kid for i, kid in enumerate(inside) if kid is not None}
        for sign, below in inside.items():
            if sign != end:
                links.append([prefix, prefix + sign])
                walk(below, prefix + sign)

    walk(start, "")
    return {"links": sorted(links), "words": sorted(words)}


def graph(start: Any, options: dict[str, list[str]]) -> dict[str, Any]:
    if "value" in options:
        return linked(start, options)
    text = lambda key: key if isinstance(key, str) else repr(key)  # noqa: E731
    links: list[list[str]] = []
    if isinstance(start, list) and all(len(row) == len(start) for row in start):
        links = [
            [str(r), str(c), repr(w)]
            for r, row in enumerate(start)
            for c, w in enumerate(row)
            if w != 0 and r != c
        ]
        return {"nodes": sorted(map(str, range(len(start)))), "links": sorted(links)}
    rows = list(start.items() if isinstance(start, dict) else enumerate(start))
    for key, row in rows:
        for other in row:
            weight = [repr(row[other])] if isinstance(row, dict) else []
            links.append([text(key), text(other), *weight])
    return {"nodes": sorted(text(key) for key, _ in rows), "links": sorted(links)}


def union(start: Any, _: dict[str, list[str]]) -> dict[str, Any]:
    pairs = list(start.items()) if isinstance(start, dict) else list(enumerate(start))
    text = lambda key: key if isinstance(key, str) else repr(key)  # noqa: E731
    return {
        "nodes": sorted(text(key) for key, _ in pairs),
        "roots": sorted(text(key) for key, up in pairs if key == up),
        "links": sorted([text(key), text(up)] for key, up in pairs if key != up),
    }


def boxes(start: Any, _: dict[str, list[str]]) -> dict[str, Any]:
    seen: dict[int, Any] = {}
    links = 0
    queue = [start]
    while queue:
        one = queue.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        for inner in one.values() if isinstance(one, dict) else one:
            if isinstance(inner, (list, dict)):
                links += 1
                queue.append(inner)
    return {"boxes": sorted(type(one).__name__ for one in seen.values()), "arrows": links}


def heap(start: Any, _: dict[str, list[str]]) -> dict[str, Any]:
    links = [[repr(start[(i - 1) // 2]), repr(start[i])] for i in range(1, len(start))]
    return {"cells": [repr(v) for v in start], "links": sorted(links)}


def flat(value: Any, depth: int = 0) -> list[str]:
    """All that stands in rows and tables, in order."""
    if isinstance(value, dict):
        return [text for key, held in value.items() for text in [repr(key), *flat(held, depth + 1)]]
    if isinstance(value, list):
        return [text for held in value for text in flat(held, depth + 1)]
    return [repr(value)]


TRUTHS: dict[str, Callable[[Any, dict[str, list[str]]], Any]] = {
    "array": lambda v, _: {"cells": [repr(one) for one in v]},
    "stack": lambda v, _: {"cells": [repr(one) for one in v]},
    "queue": lambda v, _: {"cells": [repr(one) for one in v]},
    "string": lambda v, _: {"cells": list(v)},
    "matrix": lambda v, _: {"rows": [[repr(cell) for cell in row] for row in v]},
    "dict": lambda v, _: {"entries": [[repr(key), repr(held)] for key, held in v.items()]},
    "set": lambda v, _: {"members": sorted(map(repr, v))},
    "rows": lambda v, _: {"flat": flat(v)},
    "linked-list": linked,
    "tree": linked,
    "trie": trie,
    "graph": graph,
    "heap": heap,
    "union-find": union,
    "boxes": boxes,
}


def watch(source: str, name: str) -> list[dict[str, Any]]:
    """What must be seen at each look, from the plain program."""
    looks = looks_of(source)
    visits: dict[int, int] = {}
    seen: list[dict[str, Any]] = []

    def on_line(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != name:
            return None
        if event == "line" and frame.f_lineno in looks:
            line = frame.f_lineno
            visits[line] = visit = visits.get(line, 0) + 1
            if visit <= OFTEN or visit & (visit - 1) == 0:
                for view, expression, options in looks[line]:
                    if visit <= int(options.get("after", ["0"])[0]):
                        continue
                    value = eval(expression, frame.f_globals, frame.f_locals)
                    at = {n: eval(n, frame.f_globals, frame.f_locals) for n in options.get("at", [])}
                    truth = TRUTHS[view](value, options)
                    seen.append(
                        {"line": line, "visit": visit, "view": view, "of": expression, "at": at, **truth}
                    )
        return on_line

    code = compile(source, name, "exec")
    with contextlib.redirect_stdout(io.StringIO()):
        sys.settrace(on_line)
        try:
            exec(code, {"__name__": "__main__"})
        finally:
            sys.settrace(None)
    return seen


def programs(which: str) -> dict[str, str]:
    """The programs to draw, by name: ours, or those of public packages."""
    if which == "public":
        from public_code import texts

        return texts()
    return {path.stem: re.sub(r"\r\n?", "\n", path.read_text()) for path in sorted(PROGRAMS.glob("*.py"))}


def main(which: str) -> None:
    report = []
    for name, source in programs(which).items():
        filename = f"{name}.py"
        result = safe_exec(source, filename=filename)
        if result.error is not None:
            raise RuntimeError(f"{name}: {result.error.stack}")
        trace = base64.b64encode(result.trace).decode()
        report.append({"name": name, "trace": trace, "looks": watch(source, filename)})
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:] or ["own"])

"""Owns how each peer is made to trace a program, as its own documentation says. Runs in the peer's environment."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sides import FILENAME, Clock, as_main


def json_tracer(source: str, clock: Clock) -> dict[str, Any]:
    """dodona-json-tracer: the whole trace as JSON."""
    from tracer import JSONTracer  # type: ignore[import-not-found]

    with as_main(sys.modules["__main__"]) as output:
        started = clock()
        trace = JSONTracer().runscript(source)
        cpu = clock() - started
    last = json.loads(trace)[-1]
    if last.get("event") in ("uncaught_exception", "exception"):
        raise RuntimeError(f"its trace ends with {last.get('exception_msg')!r}")
    return {"cpu": cpu, "text": output.getvalue(), "bytes": len(trace)}


def _as_module(source: str, directory: str) -> tuple[types.ModuleType, Any]:
    """The program as an importable file, with its last line (the call) cut off."""
    path = Path(directory, "bench_program.py")
    path.write_text(source.replace("print(main())\n", ""), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("bench_program", path)
    assert spec is not None
    assert spec.loader is not None
    return importlib.util.module_from_spec(spec), spec.loader


def _own_functions(module: types.ModuleType) -> list[tuple[Any, str, Any]]:
    found: list[tuple[Any, str, Any]] = []
    for name, value in list(vars(module).items()):
        if isinstance(value, types.FunctionType) and value.__module__ == module.__name__:
            found.append((module, name, value))
        elif isinstance(value, type) and value.__module__ == module.__name__:
            found += [(value, n, f) for n, f in vars(value).items() if isinstance(f, types.FunctionType)]
    return found


def _decorated(
    source: str, clock: Clock, decorate: Callable[[Any], Any], finish: Callable[[], Any]
) -> dict[str, Any]:
    """Import the program, decorate all its functions, call `main`."""
    with tempfile.TemporaryDirectory() as directory:
        module, loader = _as_module(source, directory)
        sys.modules["bench_program"] = module
        started = clock()
        loader.exec_module(module)
        for owner, name, function in _own_functions(module):
            setattr(owner, name, decorate(function))
        with as_main(sys.modules["__main__"]) as output:
            print(module.main())
        size = finish()
        return {"cpu": clock() - started, "text": output.getvalue(), "bytes": size}


def snoop(source: str, clock: Clock) -> dict[str, Any]:
    """snoop: a line of text for each line executed and each variable changed, in all functions."""
    import snoop as peer  # type: ignore[import-not-found]

    text = io.StringIO()
    peer.install(out=text, color=False)
    return _decorated(source, clock, peer.snoop, lambda: len(text.getvalue()))


def birdseye(source: str, clock: Clock) -> dict[str, Any]:
    """birdseye: the values of all expressions, to its SQLite database; of loops it keeps the first and last rounds."""
    with tempfile.TemporaryDirectory() as directory:
        database = Path(directory, "birdseye.db")
        os.environ["BIRDSEYE_DB"] = f"sqlite:///{database}"
        from birdseye.bird import BirdsEye  # type: ignore[import-not-found]

        eye = BirdsEye(f"sqlite:///{database}")
        return _decorated(source, clock, eye, lambda: database.stat().st_size)


def memory_graph(source: str, clock: Clock) -> dict[str, Any]:
    """memory-graph: the graph of the call stack's data at each line (its text; nothing is drawn)."""
    import memory_graph as peer  # type: ignore[import-not-found]

    size = 0
    code = compile(source, FILENAME, "exec", dont_inherit=True)
    module = types.ModuleType("__main__")

    def trace(frame: Any, event: str, _arg: Any) -> Any:
        nonlocal size
        if frame.f_code.co_filename != FILENAME:
            return None
        if event == "line":
            size += len(peer.create_graph(_stack(frame)).source)
        return trace

    started = clock()
    with as_main(module) as output:
        sys.settrace(trace)
        try:
            exec(code, module.__dict__)
        finally:
            sys.settrace(None)
    return {"cpu": clock() - started, "text": output.getvalue(), "bytes": size}


def _stack(frame: Any) -> dict[str, Any]:
    """What `memory_graph.stack()` gives, without `inspect.stack()` reading source files at each line."""
    frames: list[Any] = []
    here = frame
    while here is not None and here.f_code.co_filename == FILENAME:
        frames.append(here)
        here = here.f_back
    return {f"{level}: {f.f_code.co_name}": dict(f.f_locals) for level, f in enumerate(reversed(frames))}


PEERS: dict[str, Callable[[str, Clock], dict[str, Any]]] = {
    "json-tracer": json_tracer,
    "snoop": snoop,
    "birdseye": birdseye,
    "memory-graph": memory_graph,
}

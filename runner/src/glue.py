"""Owns Python's side of the runner's worker: a request in, chunks and an answer out, the interpreter as it was before.

Runs inside Pyodide only; the worker calls `run` for each program and `tidy` after its answer is sent.
"""

import builtins
import gc
import os
import sys
from contextlib import contextmanager
from json import dumps, loads

import pyodide_js
from dstruct_harness import Limits, safe_exec
from dstruct_harness.memory import memory_poll
from pyodide.ffi import to_js


def run(request, send_chunk, ended):
    """Run the program of `request` (JSON text) and return its result as JSON text, all but the trace.

    `send_chunk` gets each chunk of the trace as bytes of JavaScript's own; `ended` is called once the program is over.
    """
    wanted = loads(request)
    with unchanged():
        result = safe_exec(
            wanted["code"],
            wanted.get("args"),
            entry=wanted.get("entry"),
            limits=Limits(**wanted["limits"]),
            on_chunk=lambda chunk: send_chunk(to_js(chunk)),
            poll=memory_poll(lambda: pyodide_js._module.HEAP8.length),
        )
    ended()
    return dumps(result.to_json(trace=False, callstack_steps=wanted["callstackSteps"]))


def tidy():
    """Let go of what the last program left behind, so that its finalizers do not run during the next."""
    gc.collect()


@contextmanager
def unchanged():
    """Undo what a program changed that the next one would notice."""
    own = vars(builtins)
    names = dict(own)
    path, directory, limit = sys.path[:], os.getcwd(), sys.getrecursionlimit()
    modules = set(sys.modules)
    environment = dict(os.environ)
    try:
        yield
    finally:
        own.clear()
        own.update(names)
        sys.path[:] = path
        os.chdir(directory)
        sys.setrecursionlimit(limit)
        os.environ.clear()
        os.environ.update(environment)
        for name in set(sys.modules) - modules:
            # A module of the program's own making: the next program may write another of that name.
            if not str(getattr(sys.modules[name], "__file__", "/lib/")).startswith("/lib/"):
                del sys.modules[name]

"""Runs the doctest examples of modules, plainly or through the transform, and tells what each one gave.

    python examples.py plain|traced < request

The request is JSON: `modules` (names), `path` (directories to import from), `skip` (docstrings not to run). A line of the
answer is `[module, docstring's name, seconds, results]`; a result is what an example printed, then the exception's type,
message and line numbers in the module. What the documentation expects plays no part: plain execution is the measure.
The last line has the module null: the recorder's fault, if there was one, and the size of its log.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import json
import random
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from through import Through, compile_single, through_imports

Compile = Callable[[str, str], Any]

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


def plain_single(text: str, filename: str) -> Any:
    return compile(text, filename, "single", dont_inherit=True)


def told(text: str) -> str:
    """Text without addresses, and no longer than needed to tell it from another."""
    text = _ADDRESS.sub("0x", text)
    return text if len(text) < 4_000 else f"{text[:2_000]}...{hash_of(text)}"


def hash_of(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def failure(error: BaseException, filename: str) -> list[Any]:
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename
    ]
    try:
        message = told(str(error))
    except Exception as second:
        message = f"unprintable: {type(second).__name__}"
    return [type(error).__name__, message, lines]


def run_docstring(test: doctest.DocTest, filename: str, compile_one: Compile) -> list[list[Any]]:
    """What each example of a docstring gave."""
    results: list[list[Any]] = []
    random.seed(0)
    globs = dict(test.globs)
    for number, example in enumerate(test.examples):
        if example.options.get(doctest.SKIP):
            continue
        output, error = io.StringIO(), None
        with contextlib.redirect_stdout(output):
            try:
                exec(compile_one(example.source, f"<example {number}>"), globs)
            except Exception as raised:
                error = failure(raised, filename)
        results.append([told(output.getvalue()), error])
    return results


def docstrings(module: ModuleType) -> Iterator[doctest.DocTest]:
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, module.__name__):
        if test.examples:
            yield test


def run_module(name: str, skip: set[str], compile_one: Compile, tell: Callable[..., None]) -> None:
    try:
        module = importlib.import_module(name)
    except BaseException as error:
        tell(name, "import", 0.0, [["", [type(error).__name__, told(str(error)), []]]])
        return
    tell(name, "import", 0.0, [["", None]])
    for test in docstrings(module):
        if test.name in skip:
            continue
        started = time.process_time()
        results = run_docstring(test, module.__file__ or "", compile_one)
        tell(name, test.name, time.process_time() - started, results)


def main(tell: Callable[..., None]) -> None:
    request = json.load(sys.stdin)
    sys.path[:0] = request["path"]
    names, skip = request["modules"], set(request["skip"])
    for name in request.get("before", ()):
        importlib.import_module(name)
    if sys.argv[1] == "plain":
        for name in names:
            run_module(name, skip, plain_single, tell)
        tell(None, "", 0.0, 0)
        return
    through = Through(names)
    with through_imports(through, set(names).__contains__):
        for name in names:
            run_module(name, skip, lambda text, filename: compile_single(through, text, filename), tell)
    tell(None, through.finish() or "", 0.0, through.size)


if __name__ == "__main__":
    real = sys.stdout

    def tell(*row: Any) -> None:
        print(json.dumps(row), file=real, flush=True)

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        main(tell)

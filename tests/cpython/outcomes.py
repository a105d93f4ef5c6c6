"""Runs one of CPython's test modules, plainly or through the transform; prints each test's outcome as a line of JSON.

    python outcomes.py plain|traced MODULE [--also MODULE,...] [--match TEXT]

A line is `[test id, outcome, why]`, written at once, so that a hang loses only what follows. The last line has the id
null: the recorder's fault, if there was one, and the size of its log.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import sys
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

Tell = Callable[[str | None, str, Any], None]


class Outcomes(unittest.TestResult):
    """Tells the outcome of each test by its id: ok, fail, error, skip; with the last line of what went wrong."""

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self.tell = tell
        self.outcome = ("ok", "")

    def startTest(self, test: Any) -> None:
        self.outcome = ("ok", "")
        super().startTest(test)

    def stopTest(self, test: Any) -> None:
        super().stopTest(test)
        self.tell(test.id(), *self.outcome)

    @staticmethod
    def _why(err: Any) -> str:
        return f"{err[0].__name__}: {err[1]}"[-3000:]

    def addFailure(self, test: Any, err: Any) -> None:
        self.outcome = ("fail", self._why(err))

    def addError(self, test: Any, err: Any) -> None:
        self.outcome = ("error", self._why(err))
        if not isinstance(test, unittest.TestCase):  # a class or module that could not be set up
            self.tell(test.id(), *self.outcome)

    def addSkip(self, test: Any, reason: str) -> None:
        self.outcome = ("skip", reason)
        if not isinstance(test, unittest.TestCase):
            self.tell(test.id(), *self.outcome)

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        self.outcome = ("expected failure", "")

    def addUnexpectedSuccess(self, test: Any) -> None:
        self.outcome = ("unexpected success", "")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        if err is not None:
            kind = "fail" if issubclass(err[0], test.failureException) else "error"
            self.outcome = (kind, f"{subtest._subDescription()} {self._why(err)}")


def run_tests(module: str, match: str, tell: Tell) -> None:
    result = Outcomes(tell)
    pending: list[Any] = [unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(module))]
    while pending:
        item = pending.pop(0)
        if isinstance(item, unittest.TestSuite):
            pending[:0] = list(item)
        elif match in item.id():
            unittest.TestSuite([item]).run(result)


def main(tell: Tell) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["plain", "traced"])
    parser.add_argument("module")
    parser.add_argument("--also", default="")
    parser.add_argument("--match", default="")
    options = parser.parse_args()
    if options.mode == "plain":
        run_tests(options.module, options.match, tell)
        tell(None, "", 0)
        return
    from through import Through, through_doctests, through_imports

    names = {options.module, *options.also.split(",")} - {""}
    through = Through(names)
    with through_imports(through, names.__contains__), through_doctests(through):
        run_tests(options.module, options.match, tell)
    tell(None, through.finish() or "", through.size)


if __name__ == "__main__":
    real = sys.stdout

    def tell(name: str | None, outcome: str, why: Any) -> None:
        print(json.dumps([name, outcome, why]), file=real, flush=True)

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        main(tell)

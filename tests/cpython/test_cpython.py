"""CPython's own tests of containers and syntax run through the transform, each with the outcome it has without.

The tests are those of the interpreter at hand (its `test` package), each module in a process of its own, plainly and
traced, doctest examples included. `DIFFERENCES` lists what comes out otherwise, and why; in the slow
tier an entry that no longer holds fails too, and every interpreter found is asked, not only the running one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "support"))

from pythons import has_module, interpreters  # noqa: E402

HARNESS = HERE.parent.parent / "harness"
SECONDS = 600

MODULES: dict[str, str] = {
    "test.test_deque": "test.seq_tests",
    "test.test_dict": "test.mapping_tests",
    "test.test_generators": "",
    "test.test_grammar": "",
    "test.test_heapq": "heapq",
    "test.test_list": "test.list_tests,test.seq_tests",
    "test.test_listcomps": "",
    "test.test_named_expressions": "",
    "test.test_patma": "",
    "test.test_scope": "",
    "test.test_set": "",
    "test.test_unpack": "",
    "test.test_unpack_ex": "",
    "test.test_userdict": "collections,test.mapping_tests",
    "test.test_userlist": "collections,test.list_tests,test.seq_tests",
}
"""Test modules, and what they import that goes through the transform with them."""

QUICK = (
    "test.test_generators",
    "test.test_grammar",
    "test.test_list",
    "test.test_listcomps",
    "test.test_named_expressions",
    "test.test_patma",
    "test.test_scope",
    "test.test_unpack",
    "test.test_unpack_ex",
)

OWN_TRACE = "it sets `sys.settrace` and compares the lines told; ours tells of the function's first line, too"
LATE = "the object dies at the next flush of the log, not at once"
CLEAN_UP = (
    "a dropped generator, or an object with `__del__`, cleans up at the next flush of the log, not at once"
)

DIFFERENCES: dict[str, str] = {
    "test.test_dict.DictTest.test_container_iterator": LATE,
    "test.test_dict.DictTest.test_free_after_iterating": LATE,
    "test.test_dict.DictTest.test_oob_indexing_dictiter_iternextitem": CLEAN_UP,
    "test.test_generators.FinalizationTest.test_frame_resurrect": CLEAN_UP,
    "test.test_generators.FinalizationTest.test_refcycle": LATE,
    "test.test_generators.__test__.coroutine": CLEAN_UP,
    "test.test_generators.__test__.refleaks": CLEAN_UP,
    "test.test_patma.TestTracing.test_default_capture": OWN_TRACE,
    "test.test_patma.TestTracing.test_default_wildcard": OWN_TRACE,
    "test.test_patma.TestTracing.test_no_default": OWN_TRACE,
    "test.test_patma.TestTracing.test_only_default_capture": OWN_TRACE,
    "test.test_patma.TestTracing.test_only_default_wildcard": OWN_TRACE,
    "test.test_patma.TestTracing.test_unreachable_code": OWN_TRACE,
    "test.test_scope.ScopeTests.testCellLeak": LATE,
    "test.test_scope.ScopeTests.testLeaks": LATE,
}
"""What has another outcome through the transform, and why. One line for each."""


FAULTS: dict[str, str] = {
    # A `__del__` that the collector runs in the middle of encoding appends to what is being packed.
    "test.test_scope": "ValueError: zip() argument 2",
}
"""Known faults that end the recording of a module (its program runs on): how the message begins."""


def differences(module: str) -> dict[str, str]:
    return {name: why for name, why in DIFFERENCES.items() if name.startswith(f"{module}.")}


@dataclass(frozen=True)
class Run:
    """Outcomes by test id; how the recording went."""

    outcomes: dict[str, tuple[str, str]]
    failure: str
    size: int
    ended: str


def outcomes(python: Path, mode: str, module: str) -> Run:
    command = [python, HERE / "outcomes.py", mode, module, "--also", MODULES[module]]
    environment = {**os.environ, "PYTHONPATH": str(HARNESS), "PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, env=environment)
        text, ended = (
            done.stdout,
            "" if done.returncode == 0 else done.stderr.decode()[-2000:] or str(done.returncode),
        )
    except subprocess.TimeoutExpired as late:
        text, ended = late.stdout or b"", f"not done after {SECONDS} s"
    rows: list[list[Any]] = [json.loads(line) for line in text.decode().splitlines()]
    found = {name: (outcome, why) for name, outcome, why in rows if name is not None}
    last = next(((outcome, size) for name, outcome, size in rows if name is None), ("", 0))
    return Run(found, last[0], last[1], ended)


def compare(python: Path, module: str, *, stale: bool = False) -> None:
    """Compare a module's outcomes; where `stale` is asked for, entries that no longer hold fail, too."""
    plain, traced = outcomes(python, "plain", module), outcomes(python, "traced", module)
    assert plain.outcomes, plain.ended
    found = {
        name: f"{outcome} -> {told}: {why}"
        for name, (outcome, _) in plain.outcomes.items()
        for told, why in [traced.outcomes.get(name, ("not reached", traced.ended))]
        if told != outcome
    }
    listed = {name for name in differences(module) if name in plain.outcomes}
    unlisted = {name: why for name, why in found.items() if name not in listed}
    assert not unlisted, "\n".join(f"{name}: {why}" for name, why in unlisted.items())
    assert not stale or listed <= found.keys(), f"no longer different: {sorted(listed - found.keys())}"
    assert set(traced.outcomes) <= set(plain.outcomes)
    assert traced.failure == "" or traced.failure.startswith(FAULTS.get(module, "no fault is known"))
    assert not traced.ended
    assert traced.size > 1_000, "nothing was recorded: the module did not go through the transform"
    same = len(plain.outcomes) - len(found)
    print(f"{module}: {len(plain.outcomes)} tests, {same} with the same outcome, {len(found)} listed")


def python_with_tests() -> Path:
    """The running interpreter, or where that has no `test` package another one that does."""
    for version, python in interpreters().items():
        if has_module(python, "test.test_list"):
            if python != Path(sys.executable):
                print(f"the running interpreter has no `test` package; using {version}")
            return python
    raise AssertionError(
        "no interpreter found that has CPython's `test` package: install one (libpython3-testsuite)"
    )


@pytest.mark.parametrize("module", QUICK)
def test_same_outcome(module: str) -> None:
    compare(python_with_tests(), module)


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_same_outcome_everywhere(module: str) -> None:
    able = {v: p for v, p in interpreters().items() if has_module(p, "test.test_list")}
    assert able, "no interpreter found that has CPython's `test` package"
    for version, python in able.items():
        print(f"Python {version}:", end=" ")
        compare(python, module, stale=True)


def test_every_difference_is_of_a_module_that_is_run() -> None:
    assert all(any(name.startswith(f"{module}.") for module in MODULES) for name in DIFFERENCES)

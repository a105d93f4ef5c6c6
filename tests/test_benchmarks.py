"""The benchmarks measure what they say: each side runs the same program to the same output, and the report adds up."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def bench() -> Iterator[Any]:
    """The modules of `benchmarks/`, importable for one test."""
    names = ("catalogue", "sides", "seam", "report", "experiments", "environments")
    sys.path.insert(0, str(FOLDER))
    try:
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})
    finally:
        sys.path.remove(str(FOLDER))
        for name in (*names, "peers"):
            sys.modules.pop(name, None)


def test_each_side_runs_every_program_to_the_same_output(bench: Any) -> None:
    for program in bench.catalogue.CATALOGUE:
        source = program.source(program.small)
        sides = ["plain", "settrace", "dstruct"]
        if hasattr(sys, "monitoring"):
            sides += ["monitoring", "monitoring C"]
        answers = [bench.sides.answer({"side": side, "source": source}) for side in sides]
        assert [one.get("error") for one in answers] == [None] * len(answers), program.name
        assert len({one["output"] for one in answers}) == 1, program.name


def test_the_seam_finds_the_encoder(bench: Any) -> None:
    """Otherwise "recording only" would quietly vanish from the report."""
    source = bench.catalogue.CATALOGUE[0].source(20)
    answer = bench.sides.answer({"side": "dstruct", "source": source})
    assert answer["encode"] is not None
    assert 0 < answer["encode"] < answer["cpu"]


def test_an_error_of_a_side_is_told(bench: Any) -> None:
    answer = bench.sides.answer({"side": "dstruct", "source": "1 / 0"})
    assert "ZeroDivisionError" in answer["error"]


def test_generated_programs_have_the_size_they_say(bench: Any) -> None:
    catalogue, sides = bench.catalogue, bench.sides
    for kind in catalogue.GROWING:
        lines = [sides.executed_lines(catalogue.growing_heap(kind, 10, n)) for n in (100, 200)]
        assert 300 <= lines[1] - lines[0] <= 600, kind
    assert 90_000 <= sides.executed_lines(catalogue.long_run(100_000)) <= 110_000
    text, lines = catalogue.idle_source()
    assert lines > 300
    assert sides.executed_lines(text) < 100


class Fake:
    """A host whose answers are made up: plain takes a tenth of a second, each reference twice that, we a second."""

    name = "CPython fake"

    def rounds(self, requests: Any, _rounds: int) -> list[dict[str, Any]]:
        return [self.answer(request["side"]) for request in requests]

    def answer(self, side: str) -> dict[str, Any]:
        if side == "dstruct":
            more = {"encode": 0.4, "bytes": 500, "steps": 9, "events": 12}
            return {"cpu": 1.0, "output": "x", "peak": 3_000_000, **more}
        return {
            "cpu": 0.1 if side == "plain" else 0.2,
            "output": "y" if side == "monitoring" else "x",
            "peak": 1_000_000,
        }


def test_ratios_and_the_report(bench: Any) -> None:
    program = bench.catalogue.CATALOGUE[0]
    (row,) = bench.experiments.programs(Fake(), [program], 1, {program.name: 1000})
    assert row["settrace"] == pytest.approx(2)
    assert row["total"] == pytest.approx(10)
    assert row["run"] == pytest.approx(6)
    assert row["bytes_per_line"] == 0.5
    assert row["errors"] == {"monitoring": "other output"}
    results = {
        "runs": [{"date": "2026-01-02", "commit": "c", "parts": "programs"}],
        "machine": "m",
        "rounds": 1,
        "hosts": {"CPython fake": {"programs": [row]}},
        "skipped": {"json-tracer": "needs Python 3.12"},
    }
    text = bench.report.markdown(results)
    assert "`make bench`: 2026-01-02 at c (programs). m, 1 round." in text
    assert "| bubble_sort | 100 | 2.0 |" in text
    assert "- json-tracer: needs Python 3.12" in text
    assert bench.report.geometric_mean([2.0, 8.0, None]) == pytest.approx(4)
    assert bench.report.geometric_mean([]) is None


def test_unknown_programs_are_refused(bench: Any) -> None:
    with pytest.raises(ValueError, match="no such program: nope"):
        bench.experiments.select(["nope"])

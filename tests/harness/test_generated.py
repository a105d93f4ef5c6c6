"""Generated programs: the same output and exception as plain Python, and at every line the same heap as a live one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

sys.path.insert(0, str(Path(__file__).parent))

from dstruct_harness import safe_exec
from programs import programs
from reference import line_snapshots, reference

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def compare(source: str) -> None:
    expected, output, error = reference(source)
    result = safe_exec(source)
    assert (result.output, result.error and result.error.name) == (output, error)
    assert "recorder" not in (result.timeline().tables.end or {})
    told = line_snapshots(result.timeline())
    assert [snapshot[0] for snapshot in told] == [snapshot[0] for snapshot in expected]
    for number, (ours, live) in enumerate(zip(told, expected, strict=True)):
        assert ours == live, f"line event {number}, line {live[0]}"


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=CHECKS)
@given(programs())
def test_generated_programs(source: str) -> None:
    compare(source)


@pytest.mark.slow
@settings(max_examples=3_000, deadline=None, suppress_health_check=CHECKS)
@given(programs())
def test_many_generated_programs(source: str) -> None:
    compare(source)

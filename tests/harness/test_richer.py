"""Generated programs that use the whole language: recorded, they do what they do plain."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

sys.path.insert(0, str(Path(__file__).parent))

from plain import check_transparent
from richer import rich_programs

CHECKS = list(HealthCheck)


def compare(source: str) -> None:
    try:
        compile(source, "<program>", "exec", dont_inherit=True)
    except SyntaxError:
        assume(False)  # a name bound twice in a pattern and the like: rare, and nothing to compare
    check_transparent(source)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=CHECKS)
@given(rich_programs())
def test_rich_programs(source: str) -> None:
    compare(source)


@pytest.mark.slow
@settings(max_examples=1_000, deadline=None, suppress_health_check=CHECKS)
@given(rich_programs())
def test_many_rich_programs(source: str) -> None:
    compare(source)

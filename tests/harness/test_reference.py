"""The replayed state equals a live snapshot taken by an independent tracer, at every line of every golden program."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from dstruct_harness import safe_exec
from goldens import PROGRAMS
from reference import line_snapshots, reference

SHORT = [program for program in PROGRAMS if program.stem != "long_run"]


@pytest.mark.parametrize("program", SHORT, ids=lambda p: p.stem)
def test_every_line_of_a_golden_program(program: Path) -> None:
    source = program.read_text()
    result = safe_exec(source)
    expected, output, error = reference(source)
    assert (result.output, result.error and result.error.name) == (output, error)
    told = line_snapshots(result.timeline())
    assert [snapshot[0] for snapshot in told] == [snapshot[0] for snapshot in expected]
    for number, (ours, live) in enumerate(zip(told, expected, strict=True)):
        assert ours == live, f"line event {number}"

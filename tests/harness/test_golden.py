"""Golden programs: the recorder tells the same story as before, and the committed traces still replay to it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from goldens import FOLDER, PROGRAMS, run, story

UPDATE = bool(os.environ.get("DSTRUCT_UPDATE_GOLDENS"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_story(program: Path) -> None:
    result = run(program)
    told = json.loads(json.dumps(story(result.trace)))
    expected = FOLDER / f"{program.stem}.json"
    if UPDATE:
        (FOLDER / f"{program.stem}.trace").write_bytes(result.trace)
        expected.write_text(json.dumps(told, separators=(",", ":")) + "\n")
    assert told == json.loads(expected.read_text())


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_committed_trace_replays_to_the_story(program: Path) -> None:
    trace = (FOLDER / f"{program.stem}.trace").read_bytes()
    assert json.loads(json.dumps(story(trace))) == json.loads((FOLDER / f"{program.stem}.json").read_text())

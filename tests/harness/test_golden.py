"""Golden programs: the recorder tells the same story as before, and the committed traces still replay to it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from dstruct_harness import recorder
from goldens import FOLDER, LONG, OPERATIONS, PROGRAMS, operations, renumbered, run, story

UPDATE = bool(os.environ.get("DSTRUCT_UPDATE_GOLDENS"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_story(program: Path) -> None:
    result = run(program)
    told = json.loads(json.dumps(story(result.trace)))
    expected = FOLDER / f"{program.stem}.json"
    if UPDATE:
        (FOLDER / f"{program.stem}.trace").write_bytes(result.trace)
        expected.write_text(json.dumps(told, separators=(",", ":")) + "\n")
    assert renumbered(told) == renumbered(json.loads(expected.read_text()))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_committed_trace_replays_to_the_story(program: Path) -> None:
    trace = (FOLDER / f"{program.stem}.trace").read_bytes()
    assert json.loads(json.dumps(story(trace))) == json.loads((FOLDER / f"{program.stem}.json").read_text())


@pytest.mark.parametrize("program", [*PROGRAMS, *OPERATIONS], ids=lambda p: p.stem)
def test_committed_trace_has_these_operations(program: Path) -> None:
    """As the page works them out, too (runner/test/operations.test.ts)."""
    folder = program.parent if program in OPERATIONS else FOLDER
    trace, frames = folder / f"{program.stem}.trace", folder / f"{program.stem}.frames"
    if UPDATE:
        if program in OPERATIONS:
            trace.write_bytes(run(program).trace)
        told = operations(trace.read_bytes())
        frames.write_text("".join(json.dumps(frame) + "\n" for frame in told))
    told = [json.loads(line) for line in frames.read_text().splitlines()]
    assert json.loads(json.dumps(operations(trace.read_bytes()))) == told
    if program in OPERATIONS:
        assert [each["name"] for each in operations(run(program).trace)] == [each["name"] for each in told]


@pytest.mark.parametrize("entries", [1, 7, 4000])
@pytest.mark.parametrize("program", [p for p in PROGRAMS if p.stem not in LONG], ids=lambda p: p.stem)
def test_story_does_not_depend_on_when_the_log_is_encoded(
    program: Path, entries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pad(self: recorder.Recorder) -> None:
        self._padding = recorder.TICK_CODES - entries
        self.path[:0] = recorder._PADDING[: self._padding]

    monkeypatch.setattr(recorder.Recorder, "_pad", pad)
    told = json.loads(json.dumps(story(run(program).trace)))
    assert renumbered(told) == renumbered(json.loads((FOLDER / f"{program.stem}.json").read_text()))

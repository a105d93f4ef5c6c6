"""Owns the runs that the looks of the viewer are judged by: records programs, and says when marked lines are reached.

A line that ends in `# shot: NAME` is one where somebody looks at the picture; so is one with a `# look: VIEW` in the
programs of `tests/structures`. Prints JSON: by program its trace, and by name the steps at which the line is reached.
Arguments name the programs; without any, all are recorded.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from pathlib import Path
from typing import Any

from dstruct_harness import ExecutionResult, safe_exec

TESTS = Path(__file__).parent.parent
FOLDERS = (TESTS / "looks" / "programs", TESTS / "structures" / "programs")
MARK = re.compile(r"# (?:shot|look): (\S+)")
#: Nobody looks at more visits of a line than this.
VISITS = 64


def steps_of(result: ExecutionResult, source: str) -> dict[str, list[int]]:
    """By name of a mark, the steps at which its line is reached."""
    marks = {
        number: found[1] for number, line in enumerate(source.splitlines(), 1) if (found := MARK.search(line))
    }
    steps: dict[str, list[int]] = {name: [] for name in marks.values()}
    timeline = result.timeline()
    for event in timeline.events():
        if event.kind == "line":
            _, _, line, *_ = timeline.tables.sites[event.site]
            if line in marks and len(steps[marks[line]]) < VISITS:
                steps[marks[line]].append(event.step)
    return steps


def record(path: Path) -> dict[str, Any]:
    """A program's trace and steps; raises RuntimeError where the recording is not whole."""
    source = path.read_text()
    result = safe_exec(source, filename=path.name)
    if result.recorder_error:
        raise RuntimeError(f"{path.name}: {result.recorder_error}")
    return {
        "trace": base64.b64encode(result.trace).decode(),
        "steps": {"end": [result.steps], **steps_of(result, source)},
    }


def main(names: list[str]) -> None:
    paths = [path for folder in FOLDERS for path in sorted(folder.glob("*.py"))]
    json.dump({path.stem: record(path) for path in paths if not names or path.stem in names}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Makes the traces that the viewer's benchmark opens: `python benchmarks/viewer/traces.py FOLDER [NAME ...]`.

Each program runs for ever; what ends it is a million steps, or the default limits for those named `endless*`.
A trace that is there already is kept.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "harness"))

from dstruct_harness import Limits, safe_exec  # noqa: E402

PROGRAMS = Path(__file__).resolve().parent / "programs"
STEPS = 1_000_000


def make(program: Path, folder: Path) -> None:
    """Record one program."""
    path = folder / f"{program.stem}.trace"
    if path.exists():
        return
    began = time.monotonic()
    limits = Limits() if program.stem.startswith("endless") else Limits(steps=STEPS, seconds=None)
    result = safe_exec(program.read_text("utf-8"), limits=limits, filename=f"{program.stem}.py")
    if result.stop_reason not in ("step-limit", "timeout", "log-limit"):
        sys.exit(f"{program.name} ended by itself: {result.stop_reason} {result.error}")
    path.write_bytes(result.trace)
    seconds = time.monotonic() - began
    print(f"{path.name}: {result.steps:,} steps, {len(result.trace):,} bytes, {seconds:.1f} s", flush=True)


def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for program in sorted(PROGRAMS.glob("*.py")):
        if not names or program.stem in names:
            make(program, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

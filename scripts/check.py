"""Runs the named stages of lint and tests, all of them whatever fails, and ends by repeating closing lines.

    python scripts/check.py STAGE ...

Standard library only. The exit code is 1 if any stage failed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = (".venv/bin/python", "-m", "pytest")
BROWSER = ("npx", "playwright", "test", "--config", "tests/e2e/playwright.config.ts")

VITEST = ("npm", "run", "--silent", "test", "--workspace", "viewer", "--")

#: The Makefile says which make up a target, cheap ones first.
STAGES: dict[str, tuple[str, ...]] = {
    "ruff": (".venv/bin/ruff", "check", "."),
    "format": (".venv/bin/ruff", "format", "--check", "."),
    "mypy": (".venv/bin/mypy",),
    "biome": ("npm", "run", "--silent", "lint"),
    "types": ("npm", "run", "--silent", "typecheck"),
    "js": ("npm", "run", "--silent", "test"),
    "py": (*PYTEST, "-m", "not slow"),
    "py-slow": (*PYTEST, "-m", "slow"),
    "js-slow": (
        "env",
        "DSTRUCT_HOSTILE=20000",
        "DSTRUCT_STRUCTURES=public",
        *VITEST,
        "hostile",
        "structures",
    ),
    "e2e": (*BROWSER, "--project", "browser"),
    "e2e-slow": (*BROWSER, "--project", "slow"),
}

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
#: Like pytest's "== 12 passed in 3.4s ==", vitest's "Tests  8 passed (8)", Playwright's "5 passed (2m)".
_SUMMARY = re.compile(r"\b\d+ (passed|failed|error|errors|flaky|deselected)\b")


@dataclass(frozen=True)
class Outcome:
    """How one stage went; `summary` are the closing lines of the programs it ran."""

    stage: str
    code: int
    seconds: float
    summary: tuple[str, ...]


def run_stage(stage: str) -> Outcome:
    """Run a stage, passing its output on."""
    print(f"\n==> {stage}: {' '.join(STAGES[stage])}", flush=True)
    started = time.monotonic()
    process = subprocess.Popen(
        STAGES[stage], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    assert process.stdout is not None
    summary = []
    for line in process.stdout:
        print(line, end="", flush=True)
        text = _ANSI.sub("", line).strip()
        if _SUMMARY.search(text) and not text.startswith(("Test Files", "collected")):
            summary.append(text)
    # What a test prints may look like a closing line; the real ones come last, one or two a program.
    return Outcome(stage, process.wait(), time.monotonic() - started, tuple(summary[-3:]))


def main(stages: list[str]) -> int:
    """Run the stages and tell how each went."""
    unknown = [stage for stage in stages if stage not in STAGES]
    if unknown or not stages:
        print(f"usage: check.py {'|'.join(STAGES)} ...", file=sys.stderr)
        return 2
    outcomes = [run_stage(stage) for stage in stages]
    print("\n==> Summary")
    for outcome in outcomes:
        print(f"{outcome.stage:9} {'ok' if outcome.code == 0 else 'FAILED':6} {outcome.seconds:6.1f} s")
        for text in outcome.summary:
            print(f"          {text}")
    return int(any(outcome.code for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

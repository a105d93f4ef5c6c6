"""Owns the differential run: the examples of many modules, plain against traced, and the counts of what came out.

Each docstring is run plainly twice and traced once, all in processes of their own with a time limit. What differs
between the two plain runs (addresses, clocks, random numbers) says nothing about us and is counted as unstable; what takes
too long plain to be traced in reasonable time is counted as slow.

    python differential.py DIRECTORY ...
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
HARNESS = ROOT / "harness"
SLOW = 0.25
"""Seconds of a docstring, plain, above which it is left out."""
BATCH = 12


@dataclass
class Counts:
    """What a differential run found."""

    modules: int = 0
    docstrings: int = 0
    examples: int = 0
    raised: int = 0
    slow: int = 0
    unstable: int = 0
    log: int = 0
    differences: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        for name in ("modules", "docstrings", "examples", "raised", "slow", "unstable", "log"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.differences += other.differences

    def __str__(self) -> str:
        return (
            f"{self.examples} examples in {self.docstrings} docstrings of {self.modules} modules compared, "
            f"{self.raised} of them raise; {self.slow} docstrings slow, {self.unstable} unstable; "
            f"{len(self.differences)} differences; log {self.log / 1e6:.1f} MB"
        )


Found = dict[tuple[str, str], tuple[float, list[Any]]]


def run(
    mode: str, names: Sequence[str], path: Sequence[str], skip: Iterable[str], seconds: float
) -> tuple[Found, Any]:
    """Results by module and docstring; then (recorder's fault, size of the log), or None where the run was cut short."""
    request = {"modules": list(names), "path": list(path), "skip": sorted(skip)}
    environment = {**os.environ, "PYTHONPATH": str(HARNESS), "PYTHONHASHSEED": "0"}
    command = [sys.executable, Path(__file__).with_name("examples.py"), mode]
    try:
        done = subprocess.run(
            command, input=json.dumps(request).encode(), capture_output=True, timeout=seconds, env=environment
        )
        text = done.stdout
    except subprocess.TimeoutExpired as late:
        text = late.stdout or b""
    rows = [json.loads(line) for line in text.decode().splitlines() if line.endswith("]")]
    found = {(row[0], row[1]): (row[2], row[3]) for row in rows if row[0] is not None}
    ends = [(row[1], row[3]) for row in rows if row[0] is None]
    return found, ends[0] if ends else None


def compare(names: Sequence[str], path: Sequence[str], seconds: float) -> Counts:
    """Compare one batch of modules."""
    counts = Counts()
    first, _ = run("plain", names, path, (), seconds)
    slow = {doc for (_, doc), (took, _) in first.items() if took > SLOW}
    second, _ = run("plain", names, path, slow, seconds)
    stable = {key: value[1] for key, value in first.items() if key in second and value[1] == second[key][1]}
    unstable = {doc for (_, doc) in second.keys() - stable.keys()}
    traced, end = run("traced", names, path, slow, seconds)
    counts.slow, counts.unstable = len(slow), len(unstable)
    for key, plain in stable.items():
        module, doc = key
        if doc == "import":
            counts.modules += 1
        else:
            counts.docstrings += 1
            counts.examples += len(plain)
            counts.raised += sum(result[1] is not None for result in plain)
        if key not in traced:
            counts.differences.append(f"{module}: {doc}: not reached")
        else:
            counts.differences += [
                f"{module}: {doc}: example {number}: {a!r} -> {b!r}"
                for number, (a, b) in enumerate(zip(plain, traced[key][1], strict=True))
                if a != b
            ]
    if end is None:
        counts.differences.append(f"{', '.join(names)}: the traced run did not end within {seconds} s")
    else:
        counts.log = end[1]
        if end[0]:
            counts.differences.append(f"{', '.join(names)}: recorder: {end[0]}")
    return counts


def compare_all(
    names: Sequence[str], path: Sequence[str], *, batch: int = BATCH, seconds: float = 300.0
) -> Counts:
    """Compare modules batch by batch; the batch of a traced run that was cut short is repeated one by one."""
    total = Counts()
    for start in range(0, len(names), batch):
        chosen = names[start : start + batch]
        counts = compare(chosen, path, seconds)
        if len(chosen) > 1 and any("did not end" in text for text in counts.differences):
            counts = Counts()
            for name in chosen:
                counts.add(compare([name], path, seconds / 3))
        total.add(counts)
    return total


def modules_with_examples(root: Path, prefix: str = "") -> list[str]:
    """Importable names of the modules under `root` that have doctest examples; tests and command lines left out."""
    found = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if any(
            not part.isidentifier() or part in ("tests", "test", "__main__", "conftest") for part in parts
        ):
            continue
        if b">>> " not in path.read_bytes():
            continue
        if parts[-1] == "__init__":
            parts = parts[:-1]
        if parts:
            found.append(".".join((*([prefix] if prefix else []), *parts)))
    return found


def main(directories: Sequence[str]) -> int:
    """Compare the modules below each directory (like a checkout of TheAlgorithms/Python); 1 if any differs."""
    total = Counts()
    for place in directories:
        total.add(compare_all(modules_with_examples(Path(place)), [place]))
    print(total, *total.differences, sep="\n")
    return int(bool(total.differences))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What a process of its own costs before the program starts, beside the same run in this process and a bare Python.

python benchmarks/isolation-start.py [ROUNDS]

Wall time, because a learner waits for it; sides interleaved, the median and the least of the rounds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from dstruct_harness import safe_exec

from dstruct_lite.isolation import isolated_exec

PROGRAM = "numbers = [3, 1, 2]\nnumbers.sort()\n"
OBJECTS = 10_000


def measured() -> dict[str, Callable[[], Any]]:
    """The sides, by what is said of them."""
    notebook = {"__name__": "__main__", "many": [[i] for i in range(OBJECTS)]}
    return {
        "a bare Python": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        "a Python that imports the recorder": lambda: subprocess.run(
            [sys.executable, "-c", "import dstruct_harness"], check=True
        ),
        "run in this process": lambda: safe_exec(PROGRAM),
        "run in a process of its own": lambda: isolated_exec(PROGRAM),
        f"the same, taking {OBJECTS:,} lists in": lambda: isolated_exec(
            PROGRAM + "len(many)\n", namespace=notebook
        ),
    }


def main(rounds: int) -> None:
    """Measure and print a table."""
    sides = measured()
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds + 1):
        for name, side in sides.items():
            started = time.perf_counter()
            side()
            times[name].append(time.perf_counter() - started)
    base = statistics.median(times["a Python that imports the recorder"][1:])
    print(f"Python {sys.version.split()[0]}, {rounds} rounds\n")
    print("| | median ms | least ms | x import |\n|---|---|---|---|")
    for name, all_of_it in times.items():
        taken = all_of_it[1:]  # the first round warms the file cache
        middle = statistics.median(taken)
        print(f"| {name} | {middle * 1000:.1f} | {min(taken) * 1000:.1f} | {middle / base:.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)

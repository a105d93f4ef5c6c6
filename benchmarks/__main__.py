"""Owns the command line of the benchmarks: what to measure where, and writing the results down.

python benchmarks [--quick] [--only programs,heap,...] [--programs fib,...] [--pythons 3.11,3.13,pyodide]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import experiments
from environments import CACHE, PEERS, ROOT, Skipped, interpreters, peer_python, pyodide_core
from experiments import Host, Native, Pyodide, say
from report import markdown

PARTS = ("programs", "fixed", "heap", "sights", "memory", "peers")
PEER_SECONDS = 120.0


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python benchmarks", description="Both sides in one run, as ratios."
    )
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts to measure, of {', '.join(PARTS)}")
    parser.add_argument("--programs", default="", help="programs to measure; all where none is named")
    parser.add_argument(
        "--pythons", default="", help="like 3.11,3.13,pyodide; all that are found where none is named"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="each side is measured so often; the least time counts"
    )
    parser.add_argument("--quick", action="store_true", help="one round, no peers, no long runs")
    parser.add_argument(
        "--keep", action="store_true", help="what was measured before, and is not now, stays in the results"
    )
    parser.add_argument(
        "--out", type=Path, default=ROOT / "benchmarks" / "results", help="directory for the results"
    )
    return parser.parse_args(argv)


def commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    return done.stdout.strip() or "an unknown commit"


def hosts(wanted: list[str], skipped: dict[str, str]) -> list[Host]:
    """Interpreters and Pyodide as wished for; what is not there goes into `skipped`."""
    found: list[Host] = []
    pythons = interpreters()
    for version in wanted or [*pythons, "pyodide"]:
        if version == "pyodide":
            try:
                found.append(Pyodide("Pyodide", pyodide_core()))
            except Skipped as why:
                skipped["Pyodide"] = str(why)
        elif version in pythons:
            found.append(Native(f"CPython {version}", pythons[version]))
        else:
            skipped[f"CPython {version}"] = "not found"
    if "3.12" not in pythons and "3.13" not in pythons and "3.14" not in pythons:
        skipped["sys.monitoring natively"] = "needs Python 3.12 or newer"
    return found


def measure_host(
    host: Host, options: argparse.Namespace, parts: list[str], found: dict[str, Any], done: Callable[[], None]
) -> None:
    """All parts but the peers, into `found`; `done` is called after each."""
    chosen = experiments.select([name for name in options.programs.split(",") if name])
    if "programs" in parts:
        lines = experiments.executed_lines(host, chosen)
        found["programs"] = []
        for program in chosen:
            found["programs"] += experiments.programs(host, [program], options.rounds, lines)
            done()
    if "fixed" in parts:
        found["fixed"] = experiments.fixed_cost(host, options.rounds)
        done()
    if "heap" in parts:
        found["heap"] = experiments.heap_growth(host, options.rounds)
        done()
    if "sights" in parts:
        found["sights"] = experiments.first_sights(host)
        done()
    if "memory" in parts:
        again = (
            partial(Native, host.name, host.python, 3600.0) if isinstance(host, Native) else (lambda: host)
        )
        sizes = [1_000_000] if options.quick else [1_000_000, 10_000_000]
        found["memory"] = [experiments.memory(host, again, size) for size in sizes]
        done()


def measure_peers(
    found: dict[str, Any], options: argparse.Namespace, skipped: dict[str, str], with_pyodide: bool
) -> None:
    """Each peer in an environment of its own, then the same packages inside Pyodide."""
    pythons = interpreters()
    chosen = experiments.select([name for name in options.programs.split(",") if name])
    for peer in PEERS:
        try:
            python, version = peer_python(peer, pythons)
        except Skipped as why:
            skipped[peer.name] = str(why)
            continue
        host = Native(f"CPython {version}", python, PEER_SECONDS)
        place = found.setdefault(host.name, {}).setdefault("peers", {})
        place[peer.name] = experiments.peer(host, peer.name, chosen)
        if not with_pyodide:
            continue
        packages = next((python.parent.parent / "lib").glob("python3.*/site-packages"))
        browser = Pyodide("Pyodide", pyodide_core(), packages, PEER_SECONDS)
        rows = experiments.peer(browser, peer.name, chosen)
        if all("error" in row for row in rows):
            skipped[f"{peer.name} in Pyodide"] = rows[0]["error"]
        else:
            found.setdefault("Pyodide", {}).setdefault("peers", {})[peer.name] = rows


def started(options: argparse.Namespace) -> dict[str, Any]:
    """Results with nothing of this run in them yet; with `--keep` those of earlier runs."""
    before = options.out / "results.json"
    kept = json.loads(before.read_text(encoding="utf-8")) if options.keep and before.exists() else {}
    runs = kept.get("runs", [])
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "runs": [*runs, {"date": time.strftime("%Y-%m-%d"), "commit": commit(), "parts": options.only}],
        "rounds": options.rounds,
        "hosts": kept.get("hosts", {}),
        "skipped": kept.get("skipped", {}),
    }


def main(argv: list[str]) -> int:
    options = arguments(argv)
    parts = [part for part in options.only.split(",") if part]
    if options.quick:
        options.rounds = 1
        parts = [part for part in parts if part != "peers"]
    if unknown := set(parts) - set(PARTS):
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    CACHE.mkdir(parents=True, exist_ok=True)
    results = started(options)
    skipped = results["skipped"]
    chosen_hosts = hosts([name for name in options.pythons.split(",") if name], skipped)
    for host in chosen_hosts:
        say(host.name)
        found = results["hosts"].setdefault(host.name, {})
        measure_host(host, options, parts, found, partial(write, results, options.out))
    if "peers" in parts:
        with_pyodide = any(isinstance(host, Pyodide) for host in chosen_hosts)
        measure_peers(results["hosts"], options, skipped, with_pyodide)
        write(results, options.out)
    print(markdown(results))
    return 0


def write(results: dict[str, Any], place: Path) -> None:
    """Both forms, after each part of each host, so that what was measured is there even if the rest is cut short."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (place / "README.md").write_text(markdown(results), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

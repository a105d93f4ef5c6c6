"""How a run hears that it shall stop: the page's switches, waiting cells, signals, and memory that grows."""

from __future__ import annotations

import asyncio
import builtins
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dstruct_harness import Limits, safe_exec
from dstruct_harness.memory import memory_poll

from dstruct_lite import cancel
from dstruct_lite.cancel import Switches

ROOT = Path(__file__).parents[2]


def test_a_switch_counts_once_and_the_next_is_the_next_one() -> None:
    there = {"a", "b"}
    switches = Switches(there.__contains__)
    switches.replace(["a", "b"])
    assert not switches.pulled()
    there.remove("a")
    assert switches.pulled()
    assert not switches.pulled()
    there.remove("b")
    assert switches.pulled()
    assert not switches.pulled()


def test_a_switch_pulled_before_the_run_was_not_meant_for_it() -> None:
    there = {"b"}
    switches = Switches(there.__contains__)
    switches.replace(["a", "b"])
    switches.ready()
    assert not switches.pulled()
    there.clear()
    assert switches.pulled()


def test_a_program_looks_at_most_every_fifty_milliseconds() -> None:
    looks: list[str] = []
    switches = Switches(lambda address: bool(looks.append(address) or True))
    switches.replace(["a"])

    result = safe_exec(
        "n = 0\nwhile True: n += 1",
        limits=Limits(seconds=0.5),
        poll=lambda: "interrupted" if switches.look() else None,
    )
    assert result.stop_reason == "timeout"
    assert 1 < len(looks) <= 11


def test_what_the_page_says_is_checked() -> None:
    before = cancel.switches._addresses
    try:
        cancel.on_page(["blob:x"], None)
        cancel.on_page("blob:y", 7)
        cancel.on_page(["blob:z", 1], "")
        assert cancel.switches._addresses == ["blob:x"]
    finally:
        cancel.switches.replace(before)


# -- signals -----------------------------------------------------------------------------------

INTERRUPTED = """
import os, signal, sys, threading
from dstruct_harness import Limits, safe_exec
from dstruct_harness.memory import memory_poll
from dstruct_lite.cancel import cancellable

before = signal.getsignal(signal.SIGINT)
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
with cancellable() as poll:
    result = safe_exec({program!r}, limits=Limits(seconds=20), poll=poll)
assert signal.getsignal(signal.SIGINT) is before
print(result.stop_reason, result.recorder_error, result.timeline().stop_reason, result.runtime < 5000)
"""

PROGRAMS = {
    "loop": "n = 0\nwhile True: n += 1",
    "swallows": "n = 0\nwhile True:\n  try:\n    n += 1\n  except BaseException: pass",
    "sleeps": "import time\ntime.sleep(15)",
    "in C": "x = sum(i for i in iter(int, 1))",
}


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends a process there")
@pytest.mark.parametrize("name", PROGRAMS)
def test_an_interrupt_ends_a_run_in_an_ordinary_kernel(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(program=PROGRAMS[name])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["interrupted", "None", "interrupted", "True"], done.stderr


def test_an_interrupt_in_our_own_code_waits_for_the_next_tick() -> None:
    with cancel.cancellable() as poll:
        handler: Any = signal.getsignal(signal.SIGINT)
        here = sys._getframe()
        with pytest.raises(KeyboardInterrupt):
            handler(signal.SIGINT, here)
        frames: list[Any] = []
        safe_exec("a = [1]\na.append(2)", on_chunk=lambda _: frames.append(sys._getframe(1)))
        handler(signal.SIGINT, frames[0])
        assert poll() == "interrupted"


# -- cells that wait ---------------------------------------------------------------------------


def waits(what: str) -> BaseException | None:
    """Cancel a cell that awaits `what`; gives what it ended with."""

    async def cell() -> None:
        cancel._cell_begins()
        try:
            await eval(what, {"asyncio": asyncio})
        finally:
            cancel._cell_ends()

    async def main() -> BaseException | None:
        task = asyncio.ensure_future(cell())
        await asyncio.sleep(0.02)
        cancel.cancel_waiting()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        return ended

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("what", "ended"),
    [
        ("asyncio.sleep(30)", KeyboardInterrupt),
        ("asyncio.wait_for(asyncio.sleep(30), 60)", KeyboardInterrupt),
        ("asyncio.Event().wait()", KeyboardInterrupt),
        ("asyncio.gather(asyncio.sleep(30), asyncio.sleep(30))", asyncio.CancelledError),
    ],
)
def test_a_cell_that_awaits_is_cancelled(what: str, ended: type[BaseException]) -> None:
    try:
        assert isinstance(waits(what), ended)
    except KeyboardInterrupt:  # a loop lets it through at once
        assert ended is KeyboardInterrupt


def test_a_cell_that_does_not_wait_is_left_alone() -> None:
    cancel._cell_ends()
    cancel.cancel_waiting()


def test_input_answered_only_to_stop_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"a"}
    switches = Switches(there.__contains__)
    switches.replace(["a"])
    prompts: list[str] = []

    def reply(prompt: str = "") -> str:
        prompts.append(prompt)
        return "text"

    monkeypatch.setattr(cancel, "switches", switches)
    monkeypatch.setattr(builtins, "input", reply)
    cancel._guard_input()
    guarded = builtins.input
    cancel._guard_input()
    assert builtins.input is guarded
    assert input("name? ") == "text"
    there.clear()
    with pytest.raises(KeyboardInterrupt):
        input("again? ")
    assert prompts == ["name? ", "again? "]


# -- memory ------------------------------------------------------------------------------------


def test_growth_counts_and_size_does_not() -> None:
    size = 3000
    poll = memory_poll(lambda: size, 100)
    assert poll() is None
    size = 3100
    assert poll() is None
    size = 3101
    assert poll() == "memory-limit"


def test_memory_that_is_nearly_full_ends_a_run_that_still_takes_more() -> None:
    size = 3584 * 1024 * 1024
    poll = memory_poll(lambda: size, 1 << 30)
    assert poll() is None
    size += 1
    assert poll() == "memory-limit"

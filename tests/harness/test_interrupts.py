"""Ctrl+C waits while something must not be left half done, whichever thread the signal reaches."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from dstruct_harness import Timeline, safe_exec
from dstruct_harness.interrupts import HeldInterrupts


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl+C is KeyboardInterrupt; a shell ignores it for what it starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_waits_for_the_end_of_the_block() -> None:
    other = threading.Thread(target=time.sleep, args=(0.3,))
    other.start()  # takes the signal where the main thread masks it
    done = False
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - where it comes is what is tested
        with HeldInterrupts():
            os.kill(os.getpid(), signal.SIGINT)
            until = time.monotonic() + 0.1
            while time.monotonic() < until:
                pass
            done = True
        pytest.fail("the interrupt was lost")
    other.join()
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_nested_blocks_hold_until_the_outer_one_ends() -> None:
    reached = []
    with pytest.raises(KeyboardInterrupt), HeldInterrupts():  # noqa: PT012 - where it comes is what is tested
        with HeldInterrupts():
            os.kill(os.getpid(), signal.SIGINT)
            reached.append("inner")
        reached.append("outer")
    assert reached == ["inner", "outer"]


def test_other_threads_and_ignored_signals_are_left_alone() -> None:
    def elsewhere() -> None:
        with HeldInterrupts():
            seen.append(signal.getsignal(signal.SIGINT))

    seen: list[Any] = []
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with HeldInterrupts():
        seen.append(signal.getsignal(signal.SIGINT))
    assert seen == [signal.default_int_handler, signal.SIG_IGN]


@pytest.mark.parametrize("delay", [n / 997 for n in range(1, 40, 3)])
def test_an_interrupted_log_can_be_read_to_its_end(delay: float) -> None:
    chunks: list[bytes] = []
    timer = threading.Timer(0.05 + delay, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    result = safe_exec("a = []\nwhile True:\n    a.append(len(a))", on_chunk=chunks.append)
    timer.join()
    assert result.stop_reason == "interrupted"
    assert b"".join(chunks) == result.trace
    timeline = Timeline(result.trace)
    assert timeline.state(len(timeline) - 1).frames[0].name == "<module>"

"""A process of its own: whatever a program does there, the kernel gets what was recorded and nothing is left behind."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from dstruct_harness import Limits, Timeline, safe_exec

from dstruct_lite.isolation import (
    IsolationUnavailableError,
    ProcessLimits,
    api,
    isolated_exec,
    limits,
    outcome,
    process,
)

ROOT = Path(__file__).parents[2]
MEBIBYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl+C is KeyboardInterrupt, as in a kernel; a shell ignores it for what it starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def here() -> tuple[int, list[Any], int]:
    """What a run could leave behind: open descriptors, child processes (zombies too), threads."""
    me = psutil.Process()
    return me.num_fds(), me.children(recursive=True), threading.active_count()


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    gc.collect()  # what earlier tests left open closes now, not in between
    before = here()
    yield
    assert here() == before


def run(source: str, seconds: float = 20, **may_use: Any) -> Any:
    return isolated_exec(
        textwrap.dedent(source), limits=Limits(seconds=seconds), process_limits=ProcessLimits(**may_use)
    )


PROGRAM = """
    class Node:
        def __init__(self, val, next=None):
            self.val, self.next = val, next
    head = None
    for i in range(20):
        head = Node(i, head)
    print(head.val, 'ä', '\\ud800')
    {}[head.val]
"""


def test_the_result_is_that_of_safe_exec() -> None:
    apart, within = run(PROGRAM), safe_exec(textwrap.dedent(PROGRAM))
    assert [apart.timeline().state(step) for step in range(apart.steps + 1)] == [
        within.timeline().state(step) for step in range(within.steps + 1)
    ]
    for name in ("output", "stop_reason", "steps", "events", "result", "recorder_error"):
        assert getattr(apart, name) == getattr(within, name), name
    assert (apart.error.name, apart.error.stack) == (within.error.name, within.error.stack)
    assert apart.to_json().keys() == within.to_json().keys()


def test_an_entry_is_called_with_its_arguments() -> None:
    code = "class Solution:\n    def count(self, root):\n        return 1 + self.count(root.left) if root else 0\n"
    result = isolated_exec(code, [{"type": "binaryTree", "value": [1, 2]}], limits=Limits(seconds=20))
    assert (result.error, result.output, result.value) == (None, "2", None)


def test_the_log_arrives_while_the_program_runs() -> None:
    arrived: list[float] = []
    started: list[float] = []
    result = isolated_exec(
        "while True: pass",
        limits=Limits(seconds=1),
        on_start=lambda _: started.append(
            time.monotonic()
        ),  # a busy machine takes its time to start a process
        on_chunk=lambda _: arrived.append(time.monotonic()),
    )
    assert (result.stop_reason, len(Timeline(result.trace)) - 1) == ("timeout", result.steps)
    assert sum(at < started[0] + 1 for at in arrived) >= 3


DEATHS = {
    "os._exit": ("import os\nprint('here')\nseen = [1]\nseen[0] = 2\nos._exit(3)", "killed", "exit code 3"),
    "segfault": ("import ctypes\nprint('here')\nseen = [1]\nseen[0] = 2\nctypes.string_at(0)", "killed", "SIGSEGV"),
    "kill": ("import os\nprint('here')\nseen = [1]\nseen[0] = 2\nos.kill(os.getpid(), 9)", "killed", "SIGKILL"),
    "abort": ("import os\nprint('here')\nseen = [1]\nseen[0] = 2\nos.abort()", "killed", "SIGABRT"),
    "pipe closed": (
        "import os\nprint('here')\nseen = [1]\nseen[0] = 2\nos.closerange(3, 100)\nwhile True: pass",
        "killed",
        "broke the pipe",
    ),
    "garbage in the pipe": (
        "import os\nprint('here')\nseen = [1]\nseen[0] = 2\n"
        "for fd in range(3, 20):\n    try: os.write(fd, b'garbage' * 9)\n    except OSError: pass\nwhile True: pass",
        "killed",
        "broke the pipe",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEATHS)
def test_a_dead_process_leaves_its_recording(name: str) -> None:
    source, reason, message = DEATHS[name]
    result = run(source)
    assert result.stop_reason == reason
    assert result.error.name == "ProcessDied"
    assert message in result.error.message
    assert "dstruct" not in result.error.stack
    timeline = result.timeline()
    assert (len(timeline) - 1, timeline.stop_reason) == (result.steps, None)
    last = timeline.state(result.steps)
    (seen,) = (heap for heap in last.heap.values() if heap.type == "list")
    assert (result.output, last.output, seen.items) == ("here\n", "here\n", (2,))
    assert result.events["line"] >= 4


def test_a_segfault_says_on_which_line() -> None:
    result = run("import ctypes\n\ndef crash():\n    ctypes.string_at(0)\n\ncrash()\n")
    assert 'File "<program>", line 4 in crash' in result.error.stack


def test_a_chunk_cut_off_by_death_is_left_out() -> None:
    source = """
        import os, fcntl
        real = os.write
        written = []
        def write(fd, data):
            written.append(len(data))
            if len(written) > 5 and len(data) > 200:
                real(fd, bytes(data)[:len(data) // 2])
                os._exit(1)
            return real(fd, data)
        os.write = write
        import random
        while True:
            x = random.random()
    """
    result = run(source)
    assert (result.stop_reason, result.error.name) == ("killed", "ProcessDied")
    assert result.timeline().state(result.steps).frames


@pytest.mark.parametrize(
    "source",
    [
        "import time\nfor wait in (0.01, 100):\n    try: time.sleep(wait)\n    except BaseException: pass",
        "(10**9) ** (10**8)",
        "import signal\nfor s in range(1, 32):\n    try: signal.signal(s, signal.SIG_IGN)\n    except OSError: pass\n"
        "(10**9) ** (10**8)",
        "import os, time\nif os.fork():\n    time.sleep(100)\nelse:\n    time.sleep(100)",
    ],
    ids=["sleep", "one operation", "deaf", "fork"],
)
def test_what_does_not_stop_by_itself_is_ended(source: str) -> None:
    result = run("kept = [1]\nkept[0] = 2\n" + source, seconds=0.3)
    assert (result.stop_reason, result.error) == ("timeout", None)
    assert result.timeline().state(result.steps).frames[0].variables.keys() >= {"kept"}


def test_processes_the_program_started_end_with_it() -> None:
    sleeper = "[sys.executable, '-c', 'import time; time.sleep(60)']"
    pid = int(run(f"import subprocess, sys\np = subprocess.Popen({sleeper})\nprint(p.pid)").output)
    wait_for_the_end_of(pid)


def wait_for_the_end_of(pid: int) -> None:
    """Until the process is gone, or is left for someone else to reap."""
    late = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < late
        time.sleep(0.02)


def test_a_process_that_got_away_does_not_keep_the_kernel_waiting() -> None:
    source = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(1.5)\n    os._exit(0)\nos._exit(1)\n"
    started = time.monotonic()
    assert run(source).stop_reason == "killed"
    left = max(0, started + 3 - time.monotonic())
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(left)


MEMORY = {
    "many objects": "kept = [1]\nx = []\nwhile True: x.append(bytearray(10**6))",
    "one object": "kept = [1]\nx = [0] * 10**12",
    "a string": "kept = [1]\ns = 'ab'\nwhile True: s += s",
}


@pytest.mark.parametrize("name", MEMORY)
def test_memory_is_limited(name: str) -> None:
    result = run(MEMORY[name], memory_bytes=200 * MEBIBYTE)
    assert result.stop_reason == "memory-limit"
    assert "kept" in result.timeline().state(result.steps).frames[0].variables


def test_files_are_limited(tmp_path: Path) -> None:
    target = tmp_path / "big"
    result = run(
        f"with open({str(target)!r}, 'wb') as f:\n    f.write(bytes(3_000_000))", file_bytes=1_000_000
    )
    assert (result.stop_reason, result.error.name) == ("error", "OSError")
    assert target.stat().st_size <= 1_000_000


def test_cpu_time_is_limited() -> None:
    result = run("while True: pass", cpu_seconds=0.2)
    assert (result.stop_reason, result.error) == ("timeout", None)
    assert result.steps > 1000


def interrupt_after(seconds: float) -> threading.Timer:
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    return timer


@pytest.mark.parametrize(
    "source",
    [
        "n = 0\nwhile True: n += 1",
        "n = 0\nimport time\nwhile True:\n    try: time.sleep(100)\n    except BaseException: n += 1",
        "n = 0\n(10**9) ** (10**8)",
    ],
    ids=["loop", "swallowed", "one operation"],
)
def test_an_interrupt_of_the_kernel_ends_the_child(source: str) -> None:
    timers: list[threading.Timer] = []
    result = isolated_exec(
        source, limits=Limits(seconds=20), on_start=lambda _: timers.append(interrupt_after(0.5))
    )
    timers[0].join()
    assert result.stop_reason == "interrupted"
    assert result.error is None or result.error.name == "KeyboardInterrupt"
    assert "n" in result.timeline().state(result.steps).frames[0].variables


def test_an_interrupt_before_the_program_starts(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(process, "_BOOT", "import time; time.sleep(100)")
    timer = interrupt_after(0.3)
    result = run("x = 1")
    timer.join()
    assert (result.stop_reason, result.steps, result.trace, result.output) == ("interrupted", 0, b"", "")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("step", ["Popen", "_start", "ask"])
def test_an_interrupt_at_any_moment_of_the_start(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(process.subprocess if step == "Popen" else process.Child, step, interrupted)
    assert run("x = 1").stop_reason == "interrupted"


def test_an_interrupt_while_a_chunk_is_passed_on_ends_the_child() -> None:
    def sink(_: bytes) -> None:
        raise KeyboardInterrupt

    result = isolated_exec("while True: pass", limits=Limits(seconds=20), on_chunk=sink)
    assert result.stop_reason == "interrupted"


def test_a_fault_of_who_listens_ends_the_child_too() -> None:
    def sink(_: bytes) -> None:
        raise RuntimeError("nobody listens")

    with pytest.raises(RuntimeError, match="nobody listens"):
        isolated_exec("while True: pass", limits=Limits(seconds=20), on_chunk=sink)


def test_the_child_ends_with_the_kernel() -> None:
    program = (
        "import sys\n"
        "from dstruct_lite.isolation import isolated_exec, process\n"
        "start = process.subprocess.Popen\n"
        "def told(*args, **keys):\n"
        "    child = start(*args, **keys)\n"
        "    print(child.pid, flush=True)\n"
        "    return child\n"
        "process.subprocess.Popen = told\n"
        "isolated_exec('(10**9) ** (10**8)', on_chunk=lambda _: print('hangs', flush=True))\n"
    )
    path = os.pathsep.join([str(ROOT / "harness"), str(ROOT)])
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    ) as kernel:
        assert kernel.stdout is not None
        child = int(kernel.stdout.readline())
        assert kernel.stdout.readline() == "hangs\n"
        kernel.kill()
    wait_for_the_end_of(child)


def test_output_past_pythons_streams_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("import os\nos.system('echo from the shell')\nprint('recorded')").output == "recorded\n"
    assert capfd.readouterr().err == "from the shell\n"


def test_input_says_why_it_cannot_be_answered() -> None:
    result = run("name = input('Name? ')")
    assert (result.error.name, result.error.message) == (
        "EOFError",
        "input() cannot be answered in a process of its own: run this without isolation",
    )


def test_the_oom_killer_is_told_from_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    counter = tmp_path / "vmstat"
    counter.write_text("nr_free_pages 5\noom_kill 7\n")
    monkeypatch.setattr(outcome, "_OOM_COUNTER", counter)
    assert outcome.oom_kills() == 7
    assert outcome.death(-signal.SIGKILL, 6, "") == ("memory-limit", None)
    assert outcome.death(-signal.SIGKILL, 7, "")[0] == "killed"


@pytest.mark.parametrize("told", [b"", b"{", b"[]", b'{"error": 3}', b'{"stopReason": "ok"}', b"\xff"])
def test_a_result_that_is_no_result_is_not_believed(told: bytes) -> None:
    assert outcome.told(outcome.Record((), 0.0, 0.0), told) is None
    assert outcome.broken(told) == ("killed", "")


def test_a_child_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_BOOT", "raise SystemExit('no such module')")
    with pytest.raises(RuntimeError, match=r"did not start:\n.*no such module"):
        run("x = 1")


def test_a_fault_of_ours_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = "from dstruct_lite.isolation import child\nchild.safe_exec = lambda *a, **k: 1 / 0\n"
    monkeypatch.setattr(process, "_BOOT", process._BOOT.replace("from dstruct", f"{broken}from dstruct"))
    with pytest.raises(RuntimeError, match=r"a fault of dstruct-lite[\s\S]*ZeroDivisionError"):
        run("x = 1")


def test_a_child_that_takes_nothing_in_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_BOOT", "import time; time.sleep(100)")
    monkeypatch.setattr(api, "START_SECONDS", 0.3)
    with pytest.raises(RuntimeError, match="did not start within"):
        isolated_exec("x = 1", namespace={"x": bytes(10**7)})


def test_where_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "emscripten")
    with pytest.raises(IsolationUnavailableError, match="runs in the browser"):
        run("x = 1")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(IsolationUnavailableError, match=r"sys\.executable"):
        run("x = 1")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(IsolationUnavailableError, match="cannot be started"):
        run("x = 1")


def test_limits_that_nothing_enforces_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.unenforced() == ()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert limits.unenforced() == ("memory",)
    monkeypatch.setattr(limits, "_resource", lambda: None)
    assert limits.unenforced() == ("CPU time", "memory", "file size")
    limits.apply(ProcessLimits(), 1.0)
    limits.release_reserve()


@pytest.mark.parametrize("bad", [{"memory_bytes": 0}, {"file_bytes": 1.5}, {"cpu_seconds": float("nan")}])
def test_bad_limits_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"ProcessLimits.{next(iter(bad))} must be a positive"):
        ProcessLimits(**bad)

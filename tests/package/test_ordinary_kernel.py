"""In an ordinary kernel (ipykernel, a process): recorded, streamed, interrupted, and in a process of its own.

A real kernel, started by jupyter_client as a server does; what its page would hear is read from the messages. What
the page does with them is in tests/e2e/jupyterlab.spec.ts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
import pytest

from .ordinary_kernel import Kernel, Told, started

SPIN = "%%dstruct --seconds 100\nseen = [0]\nwhile True:\n    seen[0] += 1"
STUCK = "x = (10**9) ** (10**8)"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for all tests here: each has to leave it alive for the next, which is half of what they show."""
    home = tmp_path_factory.mktemp("kernel")
    places = {"IPYTHONDIR": home, "JUPYTER_RUNTIME_DIR": home, "JUPYTER_CONFIG_DIR": home}
    with pytest.MonkeyPatch.context() as patch:
        for name, place in places.items():
            patch.setenv(name, str(place))
        patch.delenv("DSTRUCT_EXEC_MODE", raising=False)
        with started(home) as kernel:
            yield kernel


def last_status(told: Told) -> dict[str, object]:
    return told.statuses()[-1]


def test_a_cell_is_recorded_and_its_names_stay(kernel: Kernel) -> None:
    kernel.run("start = [3, 1, 2]")
    told = kernel.run("%%dstruct\nitems = list(start)\nitems.sort()\nprint(items)")
    assert (told.error(), "display_data" in told.kinds()) == (None, True)
    timeline, status = told.timeline(), last_status(told)
    assert (status["state"], status["stopReason"], status["error"]) == ("done", "ok", None)
    assert (status["steps"], timeline.stop_reason) == (timeline.steps, "ok")
    last = timeline.state(timeline.steps)
    assert last.output == "[1, 2, 3]\n"
    assert (1, 2, 3) in [one.items for one in last.heap.values()]
    opened, closed = told.watched()
    assert (opened[0], opened[1]["interruptible"], opened[1]["seconds"]) == ("open", True, 30.0)
    assert (closed[0], closed[1]["stopReason"]) == ("close", "ok")
    assert kernel.run("print(items, type(items) is list)").text() == "[1, 2, 3] True\n"


def test_a_function_of_an_earlier_cell_is_stepped_into(kernel: Kernel) -> None:
    kernel.run("def double(values):\n    return [2 * value for value in values]")
    told = kernel.run(
        "from dstruct_lite import visualize\nviz = visualize(double, [1, 2])\nprint(viz.result.value)"
    )
    assert told.text() == "[2, 4]\n"
    assert {frame.name for frame in told.timeline().state(3).frames} >= {"double"}


def test_chunks_come_while_the_kernel_is_busy_and_an_interrupt_ends_the_run(kernel: Kernel) -> None:
    kernel.run("kept = 41")
    told = kernel.start(SPIN)
    kernel.listen(told, lambda told: told.steps() > 10_000)
    kernel.manager.interrupt_kernel()
    # What came so far came while the loop was spinning, and can be walked through already.
    assert "comm_close" not in told.kinds()
    assert last_status(told)["state"] == "running"
    streamed = told.timeline()
    assert streamed.state(streamed.steps).frames[0].variables["seen"] is not None

    kernel.listen(told)
    status = last_status(told)
    assert (status["state"], status["stopReason"]) == ("done", "interrupted")
    assert told.timeline().stop_reason == "interrupted"
    assert told.timeline().steps == status["steps"] > streamed.steps
    assert told.watched()[-1][1]["stopReason"] == "interrupted"
    assert told.error() is None
    assert kernel.run("print(kept + 1, seen[0] > 0)").text() == "42 True\n"


@pytest.mark.parametrize(
    "waits",
    [
        "import time\ntime.sleep(100)",
        "while True:\n    try:\n        a.pop()\n    except BaseException:\n        a.append(1)",
    ],
)
def test_an_interrupt_ends_what_sleeps_and_what_swallows_it(kernel: Kernel, waits: str) -> None:
    told = kernel.start(f"%%dstruct --seconds 100\na = [1]\n{waits}")
    kernel.listen(told, lambda told: bool(told.watched()))
    time.sleep(0.5)
    kernel.manager.interrupt_kernel()
    kernel.listen(told)
    assert last_status(told)["stopReason"] == "interrupted"
    assert kernel.run("print(kept + 1)").text() == "42\n"


def test_its_own_limit_ends_a_loop(kernel: Kernel) -> None:
    told = kernel.run("%%dstruct --seconds 0.5\nwhile True: pass")
    assert (last_status(told)["stopReason"], told.timeline().stop_reason) == ("timeout", "timeout")
    told = kernel.run("%%dstruct --steps 1_000\nwhile True: pass")
    assert last_status(told)["stopReason"] == "step-limit"


def test_the_pages_settings_are_the_limits_of_what_names_none(kernel: Kernel) -> None:
    kernel.tell("dstruct-lite.settings", {"seconds": 0.5, "steps": 2_000})
    told = kernel.run("%%dstruct\nn = 0\nwhile True:\n    n += 1")
    assert last_status(told)["stopReason"] == "step-limit"
    assert last_status(told)["limits"]["steps"] == 2_000  # type: ignore[index]
    kernel.tell("dstruct-lite.settings", {"seconds": 30, "steps": None})


def test_a_process_of_its_own_is_ended_and_the_kernel_lives_on(kernel: Kernel) -> None:
    kernel.run("import threading\nvalues = [1, 2]\nlock = threading.Lock()")
    told = kernel.start(
        f"%%dstruct --isolation process --seconds 2\nvalues.append(3)\nif not values:\n    lock.acquire()\n{STUCK}"
    )
    kernel.listen(told, lambda told: bool(told.chunks()))
    (child,) = isolated_children(kernel)
    kernel.listen(told)
    status = last_status(told)
    assert (status["state"], status["stopReason"]) == ("done", "timeout")
    assert told.timeline().steps == status["steps"] > 0
    # What went in and what could not is said; nothing came back; the process is gone, the kernel has its names.
    assert "values went in as a copy" in told.text()
    assert "Left out: lock" in told.text()
    assert not child.is_running()
    assert isolated_children(kernel) == []
    assert kernel.run("print(kept + 1, values, 'x' in globals())").text() == "42 [1, 2] False\n"


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os\nos._exit(3)", "killed"),
        ("a = []\nwhile True:\n    a.append(bytes(10_000_000))", "memory-limit"),
        ("open('big', 'wb').write(bytes(300 * 2**20))", "error"),
    ],
)
def test_what_breaks_a_process_of_its_own_breaks_nothing_else(
    kernel: Kernel, program: str, reason: str
) -> None:
    told = kernel.run(f"%%dstruct --isolation process --seconds 30 --memory 500\nvalues[0] = 9\n{program}")
    assert last_status(told)["stopReason"] == reason
    assert told.timeline().steps == last_status(told)["steps"] >= 2
    assert kernel.run("print(kept + 1, values)").text() == "42 [1, 2]\n"


def test_an_interrupt_ends_a_process_of_its_own(kernel: Kernel) -> None:
    told = kernel.start(f"%%dstruct --isolation process --seconds 100\nvalues[0] = 9\n{STUCK}")
    kernel.listen(told, lambda told: bool(told.chunks()))
    kernel.manager.interrupt_kernel()
    kernel.listen(told)
    assert last_status(told)["stopReason"] == "interrupted"
    assert isolated_children(kernel) == []
    assert kernel.run("print(kept + 1, values)").text() == "42 [1, 2]\n"


def test_a_restarted_kernel_answers_and_knows_nothing(kernel: Kernel) -> None:
    """What the page does when an interrupt is not heard: here, in one operation in C that never looks."""
    told = kernel.start(f"%%dstruct --seconds 100\nseen = [1]\n{STUCK}")
    kernel.listen(told, lambda told: bool(told.watched()))
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=120)
    assert kernel.run("%load_ext dstruct_lite\nprint('kept' in globals())").text() == "False\n"
    assert last_status(kernel.run("%%dstruct\na = [1]"))["stopReason"] == "ok"


def isolated_children(kernel: Kernel) -> list[psutil.Process]:
    """Processes that the kernel started for isolated runs."""
    found = psutil.Process(kernel.pid).children(recursive=True)
    return [one for one in found if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]

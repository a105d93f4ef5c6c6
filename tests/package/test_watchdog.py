"""What Python says to the page's watchdog and hears from it, over comms that record what they publish."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm, CommManager

from dstruct_lite import watchdog

ROOT = Path(__file__).parents[2]


@dataclass
class Kernel:
    """A kernel as comms see it: what was published, and whether publishing works at all."""

    manager: CommManager = field(default_factory=CommManager)
    published: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    can_publish: bool = True

    def open_comms(self, target: str) -> list[str]:
        """What the kernel would answer to a `comm_info_request`."""
        return [id_ for id_, each in self.manager.comms.items() if each.target_name == target]

    def tell(self, target: str, data: Any) -> None:
        """A comm message from the page to the only open comm of the target."""
        (comm_id,) = self.open_comms(target)
        self.manager.comm_msg(None, "", {"content": {"comm_id": comm_id, "data": data}})  # type: ignore[arg-type]


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    kernel = Kernel()

    class RecordingComm(BaseComm):
        def publish_msg(self, msg_type: str, data: Any = None, *args: Any, **keys: Any) -> None:
            if not kernel.can_publish:
                raise TypeError("'NoneType' object is not callable")
            kernel.published.append((msg_type, {"target": self.target_name, "data": data}))

    monkeypatch.setattr(comm, "create_comm", RecordingComm)
    monkeypatch.setattr(comm, "get_comm_manager", lambda: kernel.manager)
    monkeypatch.setattr(watchdog, "_settings", watchdog._Settings())
    yield kernel
    kernel.can_publish = True


def run_messages(kernel: Kernel) -> list[tuple[str, Any]]:
    return [
        (kind, said["data"]) for kind, said in kernel.published if said["target"] == watchdog.WATCHDOG_TARGET
    ]


def test_a_run_is_announced_and_called_off(kernel: Kernel) -> None:
    handle = watchdog.watch("r1", 5)
    opened = {"run": "r1", "seconds": 5.0, "interruptible": True}
    assert run_messages(kernel) == [("comm_open", opened)]
    handle.end("timeout")
    assert run_messages(kernel) == [
        ("comm_open", opened),
        ("comm_close", {"run": "r1", "stopReason": "timeout"}),
    ]
    assert kernel.open_comms(watchdog.WATCHDOG_TARGET) == []


def test_an_end_is_told_once(kernel: Kernel) -> None:
    with watchdog.watch("r1", 5) as handle:
        handle.end("step-limit")
        handle.end("ok")
    assert [said for kind, said in run_messages(kernel) if kind == "comm_close"] == [
        {"run": "r1", "stopReason": "step-limit"}
    ]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (None, "ok"),
        (ValueError(), "error"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_leaving_the_block_ends_the_run(kernel: Kernel, error: BaseException | None, reason: str) -> None:
    handle = watchdog.watch("r1", 5)
    assert handle.__enter__() is handle
    handle.__exit__(type(error) if error else None, error, None)
    assert run_messages(kernel)[-1] == ("comm_close", {"run": "r1", "stopReason": reason})


def test_nested_runs_are_told_apart(kernel: Kernel) -> None:
    with watchdog.watch("outer", 9), watchdog.watch("inner", 3):
        pass
    assert [(kind, said["run"]) for kind, said in run_messages(kernel)] == [
        ("comm_open", "outer"),
        ("comm_open", "inner"),
        ("comm_close", "inner"),
        ("comm_close", "outer"),
    ]


def test_a_browser_kernel_says_that_it_cannot_be_interrupted(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "emscripten")
    watchdog.watch("r1", 5).end("ok")
    assert run_messages(kernel)[0][1]["interruptible"] is False


def test_a_run_that_cannot_be_announced_still_runs(kernel: Kernel) -> None:
    kernel.can_publish = False
    with watchdog.watch("r1", 5):
        ran = True
    assert ran
    assert kernel.published == []
    assert kernel.open_comms(watchdog.WATCHDOG_TARGET) == []


def test_an_end_that_cannot_be_told_does_not_raise(kernel: Kernel) -> None:
    handle = watchdog.watch("r1", 5)
    kernel.can_publish = False
    handle.end("ok")
    assert [kind for kind, _ in run_messages(kernel)] == ["comm_open"]


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_limit_the_page_would_ignore_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        watchdog.watch("r1", seconds)


def test_a_run_needs_an_id() -> None:
    with pytest.raises(ValueError, match="run_id"):
        watchdog.watch("", 1)


def test_plain_python_is_left_alone() -> None:
    """No kernel: no output, no error, and no Jupyter module before it is needed."""
    program = (
        "import sys\n"
        "import dstruct_lite\n"
        "before = set(sys.modules)\n"
        "from dstruct_lite import watchdog\n"
        "heavy = {'comm', 'IPython', 'ipywidgets', 'anywidget'} & (set(sys.modules) - before)\n"
        "assert not heavy, heavy\n"
        "watchdog.listen_for_settings()\n"
        "with watchdog.watch('r1', 1) as run: run.end('ok')\n"
        "assert watchdog.default_seconds() == 30.0\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_the_comm_package_a_run_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "comm", None)
    monkeypatch.setattr(watchdog, "_settings", watchdog._Settings())
    watchdog.listen_for_settings()
    with watchdog.watch("r1", 1) as run:
        assert run.seconds == 1.0


def test_the_default_limit_is_thirty_seconds_until_told(kernel: Kernel) -> None:
    watchdog.listen_for_settings()
    assert watchdog.default_seconds() == 30.0
    kernel.tell(watchdog.SETTINGS_TARGET, {"seconds": 5})
    assert watchdog.default_seconds() == 5.0
    kernel.tell(watchdog.SETTINGS_TARGET, {"seconds": 0.5})
    assert watchdog.default_seconds() == 0.5


def test_a_notebook_may_set_all_limits_and_take_them_back(kernel: Kernel) -> None:
    watchdog.listen_for_settings()
    ours = watchdog.default_limits()
    kernel.tell(watchdog.SETTINGS_TARGET, {"seconds": 5, "steps": 1000, "bytes": 2e6})
    told = watchdog.default_limits()
    assert (told.seconds, told.steps, told.log_bytes) == (5.0, 1000, 2_000_000)
    for nonsense in (None, "many", True, 0, -3, float("inf")):
        kernel.tell(watchdog.SETTINGS_TARGET, {"seconds": 30, "steps": nonsense, "bytes": nonsense})
        assert watchdog.default_limits() == ours


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"seconds": "5"}, {"seconds": True}, {"seconds": 0}, {"seconds": -1}, {"seconds": None}],
)
def test_settings_of_another_shape_are_ignored(kernel: Kernel, data: Any) -> None:
    watchdog.listen_for_settings()
    kernel.tell(watchdog.SETTINGS_TARGET, {"seconds": 7})
    kernel.tell(watchdog.SETTINGS_TARGET, data)
    assert watchdog.default_seconds() == 7.0


def test_a_page_that_comes_later_finds_the_comm(kernel: Kernel) -> None:
    """While a kernel starts, nothing can be published."""
    kernel.can_publish = False
    watchdog.listen_for_settings()
    kernel.can_publish = True
    assert kernel.open_comms(watchdog.SETTINGS_TARGET) == [watchdog.SETTINGS_COMM]
    kernel.tell(watchdog.SETTINGS_TARGET, {"seconds": 2})
    assert watchdog.default_seconds() == 2.0


def test_a_page_that_is_there_is_told_of_the_comm(kernel: Kernel) -> None:
    watchdog.listen_for_settings()
    assert [(kind, said["target"]) for kind, said in kernel.published] == [
        ("comm_open", watchdog.SETTINGS_TARGET)
    ]


def test_loading_twice_opens_one_comm(kernel: Kernel) -> None:
    watchdog.listen_for_settings()
    watchdog.listen_for_settings()
    assert len(kernel.open_comms(watchdog.SETTINGS_TARGET)) == 1
    assert len(kernel.published) == 1

"""Where code runs: `DSTRUCT_EXEC_MODE`, `isolation`, and the same result from every place."""

from __future__ import annotations

import os
import sys

import pytest
from dstruct_harness import Limits

from dstruct_lite import execution
from dstruct_lite.execution import exec_mode, execute, isolated
from dstruct_lite.isolation import IsolationUnavailableError

TELL = "import os\nprint(os.getpid())\nx = [1]\nx.append(2)\nx"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(execution.MODE_VARIABLE, raising=False)


def test_the_platform_chooses_where_nobody_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert exec_mode() == "server"
    monkeypatch.setenv(execution.MODE_VARIABLE, "")
    assert exec_mode() == "server"
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert exec_mode() == "pyodide"


def test_both_modes_give_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    server = execute(TELL, limits=Limits(seconds=20))
    assert int(server.output) != os.getpid()
    monkeypatch.setattr(sys, "platform", "emscripten")
    pyodide = execute(TELL, limits=Limits(seconds=20))
    assert int(pyodide.output) == os.getpid()
    for name in ("stop_reason", "error", "steps", "events", "result"):
        assert getattr(server, name) == getattr(pyodide, name), name
    assert server.timeline().state(server.steps).heap == pyodide.timeline().state(pyodide.steps).heap


def test_a_mode_that_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(execution.MODE_VARIABLE, "pyodide")
    with pytest.raises(
        IsolationUnavailableError, match="DSTRUCT_EXEC_MODE=pyodide, but this Python does not run"
    ):
        execute("x = 1")
    with pytest.raises(IsolationUnavailableError, match="DSTRUCT_EXEC_MODE=pyodide"):
        isolated(None)
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setenv(execution.MODE_VARIABLE, "server")
    with pytest.raises(IsolationUnavailableError, match="runs in the browser"):
        execute("x = 1")
    with pytest.raises(IsolationUnavailableError, match="runs in the browser"):
        isolated("process")
    monkeypatch.setenv(execution.MODE_VARIABLE, "cloud")
    with pytest.raises(ValueError, match="DSTRUCT_EXEC_MODE=cloud names no mode"):
        exec_mode()
    with pytest.raises(ValueError, match="mode='cloud' names no mode"):
        execute("x = 1", mode="cloud")  # type: ignore[arg-type]


def test_a_notebook_runs_in_its_kernel_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (isolated(None), isolated("none"), isolated("process")) == (False, False, True)
    monkeypatch.setenv(execution.MODE_VARIABLE, "server")
    assert (isolated(None), isolated("none"), isolated("process")) == (True, False, True)
    with pytest.raises(ValueError, match="isolation must be 'process' or 'none', not 'thread'"):
        isolated("thread")

"""`dstruct-lite run`: what it prints, and how its exit code tells success."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dstruct_lite.cli import main


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(
        "def add(a, b):\n    return a + b\n\n\nnumbers = [2, 1]\nnumbers.sort()\nprint(numbers)\n"
    )
    return path


def test_plain_output_by_default(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(program)]) == 0
    assert capsys.readouterr().out == "[1, 2]\n"


def test_json_frames_and_summary(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(program), "--json", "--entry", "add", "--args", "[3, 4]"]) == 0
    form = json.loads(capsys.readouterr().out)
    assert (form["result"], form["output"], form["stopReason"]) == ("7", "[1, 2]\n7", "ok")
    assert main(["run", str(program), "--frames"]) == 0
    names = [json.loads(row)["name"] for row in capsys.readouterr().out.splitlines()]
    assert names == ["addArray", "addArrayItem", "addArrayItem", "consoleLog"]
    assert main(["run", str(program), "--summary", "--steps", "3"]) == 1
    told = capsys.readouterr()
    assert "step-limit" in told.out
    assert "steps      3" in told.out
    assert told.err == "stopped: step-limit\n"


def test_failure_shows_in_the_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("x = [1]\nx[3]\n")
    assert main(["run", str(broken)]) == 1
    assert "line 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["missing.py"], "cannot read missing.py"),
        (["PROGRAM", "--args", "{"], "--args is not JSON"),
        (["PROGRAM", "--args", "{}"], "must be a JSON list"),
        (["PROGRAM", "--seconds", "0"], "--seconds must be a positive number"),
    ],
)
def test_bad_options(
    program: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *(str(program) if option == "PROGRAM" else option for option in options)]) == 2
    assert message in capsys.readouterr().err

"""`dstruct-lite run`: what it prints, and how its exit code tells success."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dstruct_lite.cli import main

ROOT = Path(__file__).parents[2]


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
    assert main(["run", str(program), "--entry", "add", "--args", "[3, 4]"]) == 0
    assert capsys.readouterr().out == "[1, 2]\n7\n"


def test_a_step_limit_that_a_failing_program_passes_is_why_it_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "p.py", b"x = [1]\nx[0]\n1 / 0\n")
    assert main(["run", path, "--steps", "3", "--json"]) == 1
    form = json.loads(capsys.readouterr().out)
    assert (form["stopReason"], form["steps"], form["error"]) == ("step-limit", 3, None)


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_what_goes_to_stderr_goes_to_stderr(
    tmp_path: Path, isolation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "p.py", b"import sys\nprint('a')\nprint('b', file=sys.stderr)\n")
    assert main(["run", path, "--isolation", isolation]) == 0
    assert capsys.readouterr() == ("a\n", "b\n")


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
        (["PROGRAM", "--args", "[1, 2"], "--args is not JSON"),
        (["PROGRAM", "--seconds", "0"], "--seconds must be a positive number"),
        (["PROGRAM", "--steps", "-1"], "--steps must be a positive whole number"),
        (["PROGRAM", "--memory", "-1"], "--memory must be a positive number"),
        (["."], "cannot read .: Is a directory"),
    ],
)
def test_bad_options(
    program: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *(str(program) if option == "PROGRAM" else option for option in options)]) == 2
    assert message in capsys.readouterr().err


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize(
    "data",
    [
        "print('ä')".encode(),
        b"\xef\xbb\xbf" + "print('ä')".encode(),
        "# -*- coding: latin-1 -*-\nprint('ä')".encode("latin-1"),
        "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\r\nprint('ä')\r\n".encode("cp1252"),
    ],
    ids=["utf-8", "byte order mark", "latin-1", "cp1252"],
)
@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_program_is_read_as_python_reads_it(
    tmp_path: Path, data: bytes, isolation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", written(tmp_path / "p.py", data), "--isolation", isolation]) == 0
    assert capsys.readouterr().out == "ä\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = 1\n\n\ny = '\xe4'\n", "line 4 is not utf-8 text"),
        (b"x = '\xe4'\n", "Save the file as UTF-8, or name its encoding"),
        (b"# coding: klingon\nx = 1\n", "unknown encoding: klingon"),
        (b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", "encoding problem"),
    ],
)
def test_what_is_no_text_is_refused(
    tmp_path: Path, data: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "p.py", data)
    assert main(["run", path]) == 2
    told = capsys.readouterr().err
    assert f"cannot read {path}" in told
    assert message in told


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_program_finds_its_neighbours_and_its_name(
    tmp_path: Path, isolation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "neighbour_of_it.py").write_text("value = 41\n")
    path = written(
        tmp_path / "p.py",
        b"import sys\nfrom neighbour_of_it import value\nprint(value + 1, sys.argv, __file__)",
    )
    assert main(["run", path, "--isolation", isolation]) == 0
    assert capsys.readouterr().out == f"42 {[path]} {path}\n"


def test_a_program_may_come_from_standard_input() -> None:
    def run(data: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "dstruct_lite.cli", "run", "-", *options]
        path = os.pathsep.join([str(ROOT / "harness"), str(ROOT)])
        return subprocess.run(
            command, input=data, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": path}
        )

    done = run(b"print(1 + 1)\n{}['x']\n")
    assert (done.returncode, done.stdout.split()) == (1, [b"2"])
    assert b'File "<stdin>", line 2' in done.stderr
    assert run(b"'\xff'").returncode == 2
    done = run(b"print('a' * 100_000)\nprint(chr(0xd800))", "--frames")
    assert done.returncode == 0
    assert run(b"print(chr(0xd800))").stdout.split() == [b"\\ud800"]


def test_a_reader_that_has_seen_enough_is_no_error(program: Path) -> None:
    program.write_text("for i in range(20_000):\n    print(i, 'x' * 50)\n")
    path = os.pathsep.join([str(ROOT / "harness"), str(ROOT)])
    command = f"{sys.executable} -m dstruct_lite.cli run {program} | head -1"
    done = subprocess.run(
        command, shell=True, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": path}
    )
    assert (done.stdout, done.stderr) == (b"0 " + b"x" * 50 + b"\n", b"")


def test_a_process_of_its_own(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apart = ["--isolation", "process"]
    assert main(["run", str(program), *apart, "--entry", "add", "--args", "[3, 4]", "--json"]) == 0
    form = json.loads(capsys.readouterr().out)
    assert (form["result"], form["output"], form["stopReason"]) == ("7", "[1, 2]\n7", "ok")
    program.write_text("print('here')\nimport os\nos._exit(0)\n")
    assert main(["run", str(program), *apart]) == 1
    told = capsys.readouterr()
    assert told.out == "here\n"
    assert "ended its process itself, with exit code 0" in told.err
    program.write_text("x = []\nwhile True: x.append(bytes(10**6))")
    assert main(["run", str(program), *apart, "--memory", "200", "--summary"]) == 1
    assert "memory-limit" in capsys.readouterr().out

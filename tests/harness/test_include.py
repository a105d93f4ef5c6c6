"""Owns the tests of `include`: modules whose functions are stepped into."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dstruct_harness import ExecutionResult, Timeline, safe_exec, trace_call

from dstruct_lite.cli import main

SHAPES = '''
"""Shapes."""
MADE = 0
SEEN = {}
EVEN = [n for n in range(5) if n % 2 == 0]


class Box:
    side = 1

    def __init__(self, width):
        self.width = width

    def grow(self):
        global MADE
        MADE += 1
        SEEN[self.width] = MADE
        self.width += 1
        return self.width

    @property
    def area(self):
        return self.width * self.width


def make(count):
    boxes = []
    for i in range(count):
        boxes.append(Box(i))
    return boxes


def doubled(items):
    for item in items:
        yield item * 2


def fail(items):
    return items[10]


START = make(2)
'''

PROGRAM = """
import shapes_to_include as shapes
MADE = "mine"
boxes = shapes.make(3)
width = boxes[1].grow()
area = boxes[1].area
twice = list(shapes.doubled([1, 2]))
print(width, area, twice, shapes.MADE, shapes.SEEN, shapes.EVEN, len(shapes.START))
"""


@pytest.fixture
def shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "shapes_to_include.py"
    path.write_text(SHAPES)
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("print('pack is imported')")
    (tmp_path / "pack" / "inner.py").write_text("def twice(x):\n    return x * 2\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield path
    for name in ("shapes_to_include", "pack.inner", "pack"):
        sys.modules.pop(name, None)


def _calls(result: ExecutionResult) -> list[str]:
    """The functions of all frames that were ever at the top, each time anew."""
    timeline, seen = Timeline(result.trace), [""]
    for step in range(len(timeline)):
        frames = timeline.state(step).frames
        if frames and frames[-1].name != seen[-1]:
            seen.append(frames[-1].name)
    return seen[1:]


def test_functions_of_an_included_module_are_stepped_into(shapes: Path) -> None:
    plain = safe_exec(PROGRAM)
    sys.modules.pop("shapes_to_include")
    result = safe_exec(PROGRAM, include=["shapes_to_include"])
    assert result.output == plain.output == "2 4 [2, 4] 1 {1: 1} [0, 2, 4] 2\n"
    calls = _calls(result)
    assert {"make", "Box.__init__", "Box.grow", "Box.area", "doubled"} <= set(calls)
    assert set(_calls(plain)) == {"<module>"}
    last = Timeline(result.trace).state(result.steps)
    assert last.frames[0].variables["MADE"] == "mine"  # theirs has the same name, and is another variable
    boxes = [x for x in last.heap.values() if x.type == "Box"]
    assert sorted(dict(x.items)["width"] for x in boxes) == [0, 2, 2]


def test_a_module_that_is_loaded_already_has_its_plain_code_back_afterwards(shapes: Path) -> None:
    module = importlib.import_module("shapes_to_include")
    before = module.make.__code__, module.Box.grow.__code__
    first = safe_exec(PROGRAM, include=["shapes_to_include"])
    assert {"make", "Box.grow", "doubled"} <= set(_calls(first))
    assert (module.make.__code__, module.Box.grow.__code__) == before


def test_a_module_loaded_by_the_run_has_plain_code_afterwards(shapes: Path) -> None:
    finders = list(sys.meta_path)
    safe_exec(PROGRAM, include=["shapes_to_include"])
    module = sys.modules["shapes_to_include"]
    plain = compile(SHAPES, str(shapes), "exec")
    make = next(c for c in plain.co_consts if getattr(c, "co_name", "") == "make")
    assert module.make.__code__.co_code == make.co_code
    assert "get_code" not in vars(module.__loader__)
    assert sys.meta_path == finders


def test_packages_are_not_imported_before_the_program_does(
    shapes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = safe_exec("print('first')\nimport pack.inner\npack.inner.twice(4)", include=["pack.inner"])
    assert result.output == "first\npack is imported\n"
    assert "twice" in _calls(result)
    assert capsys.readouterr().out == ""


def test_a_failure_inside_an_included_module_has_its_line_and_no_frame_of_ours(shapes: Path) -> None:
    program = "import traceback, shapes_to_include as s\ntry:\n    s.fail([1])\nexcept IndexError:\n    print(traceback.format_exc())"
    result = safe_exec(program, include=["shapes_to_include"])
    line = SHAPES.splitlines().index("    return items[10]") + 1
    assert f'{shapes}", line {line}, in fail' in result.output
    assert "dstruct_harness" not in result.output


def test_a_call_steps_into_included_modules(shapes: Path) -> None:
    module = importlib.import_module("shapes_to_include")

    def run() -> int:
        return len(module.make(2))

    result = trace_call(run, include=["shapes_to_include"])
    assert result.value == 2
    assert "Box.__init__" in _calls(result)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_module", "there is no module named 'no_such_module'"),
        ("pack.nothing", "there is no module named 'pack.nothing'"),
        ("math", "'math' cannot be stepped into"),
        ("broken_to_include", "'broken_to_include' cannot be read"),
    ],
)
def test_what_cannot_be_included_is_told_before_anything_runs(
    shapes: Path, name: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (shapes.parent / "broken_to_include.py").write_text("def f(:")
    with pytest.raises(ValueError, match=message):
        safe_exec("print('ran')", include=[name])
    program = shapes.parent / "program.py"
    program.write_text("print('ran')")
    assert main(["run", str(program), "--include", name]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "ran" not in captured.out


@pytest.mark.parametrize("extra", [[], ["--isolation", "process"]])
def test_run_includes_modules_beside_the_program(
    shapes: Path, extra: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    program = shapes.parent / "program.py"
    program.write_text(PROGRAM)
    assert main(["run", str(program), "--frames", *extra]) == 0
    without = capsys.readouterr().out
    assert main(["run", str(program), "--include", "shapes_to_include", "--frames", *extra]) == 0
    within = capsys.readouterr().out
    assert '"width"' in within
    assert '"width"' not in without

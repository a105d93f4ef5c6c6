"""Rules of the house that a machine can check: who may import whom, and what two languages must agree on."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
from dstruct_harness.chunks import MAGIC
from dstruct_harness.events import FORMAT_VERSION, OPERANDS, STOPS

from dstruct.checks import OTHER_WORDS, VIEWS

ROOT = Path(__file__).parent.parent
HARNESS = ROOT / "harness" / "dstruct_harness"
MODULES = sorted(
    [*HARNESS.glob("*.py"), *(ROOT / "dstruct_lite").rglob("*.py"), *(ROOT / "dstruct").glob("*.py")]
)


def imported(module: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("module", sorted(HARNESS.glob("*.py")), ids=lambda p: p.stem)
def test_the_harness_needs_the_standard_library_only(module: Path) -> None:
    assert imported(module) <= sys.stdlib_module_names


@pytest.mark.parametrize("module", sorted((ROOT / "dstruct").glob("*.py")), ids=lambda p: p.stem)
def test_the_annotation_calls_need_the_harness_only(module: Path) -> None:
    assert imported(module) <= {"dstruct_harness", *sys.stdlib_module_names}


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_what_it_owns_and_stays_small(module: Path) -> None:
    text = module.read_text()
    assert ast.get_docstring(ast.parse(text)), "a module opens by saying what it owns"
    assert text.count("\n") <= 400


def test_only_the_encoder_writes_the_log() -> None:
    callers = {m.stem for m in HARNESS.glob("*.py") if re.search(r"\bpack_(chunk|path)\(", m.read_text())}
    assert callers == {"encoder", "chunks", "columns"}


def test_both_languages_and_the_documentation_agree_on_the_format() -> None:
    viewer = "\n".join(path.read_text() for path in (ROOT / "viewer" / "src").rglob("*.ts"))
    assert re.search(rf"VERSION = {FORMAT_VERSION}\b", viewer)
    documented = (ROOT / "docs" / "trace-format.md").read_text()
    assert MAGIC.decode() in documented
    events = documented.partition("\n## Events\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)(\*?)` \|", events, re.MULTILINE))
    assert rows.keys() == OPERANDS.keys()
    assert {event for event, star in rows.items() if star} == STOPS
    for event in OPERANDS:
        assert re.search(rf"['\"]?\b{event}\b['\"]?\s*:|['\"]{event}['\"]", viewer), event


def test_a_program_can_ask_for_every_view_there_is_and_no_other() -> None:
    texts = [path.read_text() for path in (ROOT / "viewer" / "src" / "views").glob("*.tsx")]
    views = "\n".join(text for text in texts if "StructureView<" in text)
    registered = set(re.findall(r'StructureView<\w+> = \{\s*name: "([a-z-]+)"', views))
    assert registered == set(VIEWS)
    classify = (ROOT / "viewer" / "src" / "classify.ts").read_text()
    words = classify.partition("OTHER_WORDS")[2].partition("};")[0]
    pairs = re.findall(r'^\s*"?([a-z-]+)"?: "([a-z-]+)",$', words, re.MULTILINE)
    assert dict(pairs) == OTHER_WORDS

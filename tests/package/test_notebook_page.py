"""Notebooks as HTML: the runs are in the page with one viewer, nothing comes from elsewhere, nothing can act."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from notebooks import STATES, VIEW, saved_notebook  # noqa: E402

from dstruct_lite.export import page_script  # noqa: E402
from dstruct_lite.notebook_page import DstructHTMLExporter  # noqa: E402


class Scripts(HTMLParser):
    """The scripts of a page: their attributes and texts; and every address a page would fetch by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.fetched: list[str] = []
        self.tags: set[str] = set()
        self._open = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        self._open = tag == "script"
        if self._open:
            self.scripts.append((found, ""))
        wanted = found.get("src") or (found.get("href") if tag == "link" else None)
        if wanted:
            self.fetched.append(wanted)

    def handle_endtag(self, tag: str) -> None:
        self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)


@pytest.fixture(scope="module")
def page() -> str:
    body, _ = DstructHTMLExporter().from_notebook_node(saved_notebook())
    return body


def test_the_page_holds_every_run_and_one_viewer(page: str) -> None:
    scripts = Scripts(page).scripts
    (states,) = [json.loads(text)["state"] for found, text in scripts if found.get("type") == STATES]
    views = [json.loads(text)["model_id"] for found, text in scripts if found.get("type") == VIEW]
    assert len(views) == 2
    run, comparison = (states[number] for number in views)
    assert run["state"]["_status"]["stopReason"] == "ok"
    sides = [states[comparison["state"][side].removeprefix("IPY_MODEL_")] for side in ("left", "right")]
    for model in (run, *sides):
        assert any(buffer["path"][0] == "_saved" for buffer in model["buffers"])
    assert [text for _, text in scripts].count(page_script()) == 1
    assert not any(key in model["state"] for model in states.values() for key in ("_module", "_esm"))


def test_the_page_asks_nobody_for_anything(page: str) -> None:
    assert Scripts(page).fetched == []
    own = page_script()
    runs = [
        text
        for found, text in Scripts(page).scripts
        if "json" not in (found.get("type") or "") and text != own
    ]
    assert not [text for text in runs if re.search(r"https?:|import\b", text)]


def test_nothing_of_a_program_is_a_script(page: str) -> None:
    found = Scripts(page)
    data = [attributes["type"] for attributes, _ in found.scripts if "json" in (attributes.get("type") or "")]
    assert sorted(filter(None, data)) == sorted([STATES, VIEW, VIEW])
    other = [text for attributes, text in found.scripts if "json" not in (attributes.get("type") or "")]
    assert not [text for text in other if "window.evil" in text]
    assert "img" not in found.tags


def test_the_notebook_itself_is_left_as_it_is() -> None:
    notebook = saved_notebook()
    before = json.dumps(notebook)
    DstructHTMLExporter().from_notebook_node(notebook)
    assert json.dumps(notebook) == before


def test_a_notebook_without_runs_is_a_page_too() -> None:
    import nbformat

    body, _ = DstructHTMLExporter().from_notebook_node(nbformat.v4.new_notebook())
    assert Scripts(body).fetched == []


def test_nbconvert_finds_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = project["entry-points"]["nbconvert.exporters"]
    assert named == {"dstruct_html": f"{DstructHTMLExporter.__module__}:{DstructHTMLExporter.__name__}"}

"""A run as one HTML file: whole, from the command line too, and nothing a program contains can act in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from dstruct_harness import safe_exec

from dstruct_lite import save_html, visualize
from dstruct_lite.cli import main
from dstruct_lite.export import RUN_MIME, run_page
from dstruct_lite.widget import Visualizer

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)><!--"


class Page(HTMLParser):
    """The elements of a page, each with its attributes and its text, as a browser's parser would make them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")
        self.open = True

    def handle_endtag(self, tag: str) -> None:
        self.open = False

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[-1] += data

    def of(self, tag: str, **attrs: str) -> list[str]:
        return [
            text
            for (name, found), text in zip(self.elements, self.texts, strict=True)
            if name == tag and attrs.items() <= found.items()
        ]


def run_of(page: Page) -> dict[str, Any]:
    (data,) = page.of("script", type=RUN_MIME)
    run: dict[str, Any] = json.loads(data)
    return run


def test_a_page_holds_the_whole_run() -> None:
    result = safe_exec("a = [3, 1]\na.sort()\nprint(a)")
    run = run_of(Page(run_page(result, title="sort", step=2)))
    assert base64.b64decode(run["trace"]) == result.trace
    assert (run["status"]["stopReason"], run["status"]["steps"], run["step"]) == ("ok", result.steps, 2)


def test_nothing_of_a_program_acts_in_the_page() -> None:
    source = f"evil = {EVIL!r}\nprint(evil)\nraise type(evil, (ValueError,), {{}})(evil)"
    result = safe_exec(source, filename=EVIL)
    assert result.error is not None
    text = run_page(result, title=EVIL)
    page = Page(text)
    tags = [tag for tag, _ in page.elements]
    assert sorted(set(tags)) == ["body", "h1", "head", "html", "main", "meta", "script", "style", "title"]
    assert tags.count("script") == 2
    assert page.of("h1") == [EVIL]
    assert run_of(page)["status"]["error"]["message"] == EVIL
    assert "alert(1)</script><script>" not in text


def test_the_page_lets_only_the_viewer_run_and_fetches_nothing() -> None:
    page = Page(run_page(safe_exec("x = 1")))
    (policy,) = [
        attrs["content"] or ""
        for tag, attrs in page.elements
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policy
    (script,) = [
        text
        for (tag, attrs), text in zip(page.elements, page.texts, strict=True)
        if tag == "script" and not attrs
    ]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert not any({"src", "href"} & attrs.keys() for _, attrs in page.elements)


def test_a_page_speaks_the_language_asked_for() -> None:
    text = run_page(safe_exec("x = 1"), language_tag="de")
    assert '<html lang="de">' in text
    assert run_of(Page(text))["language"]["texts"]["viewer.next"] == "Nächster Schritt"
    with pytest.raises(ValueError, match="only en, de"):
        run_page(safe_exec("x = 1"), language_tag="klingon")


def test_a_widget_saves_its_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Visualizer, "show", lambda self: None)

    def work(items: list[int]) -> None:
        items.sort()

    viz = visualize(work, [2, 1])
    viz.step = 3
    path = viz.save(tmp_path / "run.html", language="fr")
    run = run_of(Page(path.read_text(encoding="utf-8")))
    assert viz.result is not None
    assert base64.b64decode(run["trace"]) == viz.result.trace
    assert (run["step"], run["language"]["tag"]) == (3, "fr")
    viz.close()
    with pytest.raises(RuntimeError, match="still runs"):
        Visualizer("running", 5.0).save(tmp_path / "none.html")
    assert not (tmp_path / "none.html").exists()


def test_a_title_that_no_file_can_hold(tmp_path: Path) -> None:
    path = save_html(safe_exec("x = chr(0xd800)"), tmp_path / "run.html", title="a\ud800b")
    assert re.search(r"<title>a\?b</title>", path.read_text(encoding="utf-8"))


def test_the_command_line_writes_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "prog.py"
    program.write_text("a = [2, 1]\na.sort()\nprint(a)\n")
    out = tmp_path / "out.html"
    assert main(["run", str(program), "--html", str(out), "--language", "de"]) == 0
    assert capsys.readouterr().out == "[1, 2]\n"
    page = Page(out.read_text(encoding="utf-8"))
    assert page.of("title") == ["prog.py"]
    assert run_of(page)["language"]["tag"] == "de"
    program.write_text("1 / 0\n")
    assert main(["run", str(program), "--html", str(out)]) == 1
    assert run_of(Page(out.read_text(encoding="utf-8")))["status"]["error"]["name"] == "ZeroDivisionError"


def test_the_command_line_says_what_it_cannot_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "prog.py"
    program.write_text("print(1)\n")
    assert main(["run", str(program), "--html", str(tmp_path / "no" / "out.html")]) == 1
    told = capsys.readouterr()
    assert told.out == "1\n"
    assert "cannot write" in told.err
    assert main(["run", str(program), "--html", "x.html", "--language", "klingon"]) == 2
    assert "only en, de" in capsys.readouterr().err

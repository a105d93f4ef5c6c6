"""The Content-Security-Policy: what it allows, which inline scripts, and how it gets to the browser."""

from __future__ import annotations

import http.client
import threading
from pathlib import Path

import pytest

from dstruct_lite.serve import SiteServer, read_headers
from dstruct_lite.site.csp import ALLOWED, Allowed, inline_hashes, policy, write_policy

PAGE = """<!doctype html>
<html>
<head lang="en">
    <meta charset="utf-8">
    <script id="data" type="application/json">{}</script>
    <script>go();</script>
    <script src="app.js"></script>
</head><body></body></html>
"""


def directives(line: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (part.split() for part in line.split(";"))}


def test_nothing_is_allowed_that_is_not_named() -> None:
    said = directives(policy())
    assert said["default-src"] == ["'none'"]
    for each in ALLOWED:
        assert each.source in said[each.directive]
        assert each.reason
    assert sum(map(len, said.values())) == len(ALLOWED)
    assert not any("*" in source or "http" in source for sources in said.values() for source in sources)
    assert "'unsafe-inline'" not in said["script-src"]


def test_the_guide_gives_every_reason() -> None:
    guide = Path(__file__).parents[2].joinpath("docs/security.md").read_text(encoding="utf-8")
    for each in ALLOWED:
        assert f"| `{each.directive}` | `{each.source}` | {each.reason} |" in guide


def test_inline_scripts_are_allowed_one_by_one() -> None:
    assert len(inline_hashes(PAGE)) == 1
    assert inline_hashes(PAGE + PAGE) == inline_hashes(PAGE)
    assert inline_hashes(PAGE.replace("go();", "go() ;")) != inline_hashes(PAGE)
    assert inline_hashes("<script type=module>import 'x'</script>")
    assert inline_hashes("<p>no script</p>") == ()


def test_every_page_carries_its_own_and_the_headers_those_of_all(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "files").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "lab" / "index.html").write_text(PAGE.replace("go", "run"))
    (tmp_path / "files" / "mine.html").write_text(PAGE)
    write_policy(tmp_path, "./static/pyodide.mjs")
    once = (tmp_path / "index.html").read_text()
    write_policy(tmp_path, "./static/pyodide.mjs")
    page = (tmp_path / "index.html").read_text()
    assert page == once
    (own,) = inline_hashes(PAGE)
    (other,) = inline_hashes(PAGE.replace("go", "run"))
    assert page.index("Content-Security-Policy") < page.index("<script")
    assert own in page
    assert other not in page
    assert (tmp_path / "files" / "mine.html").read_text() == PAGE
    ((name, line),) = read_headers(tmp_path / "_headers")
    assert name == "Content-Security-Policy"
    assert {own, other} <= set(directives(line)["script-src"])


def test_another_origin_for_pyodide_is_allowed_where_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(PAGE)
    write_policy(tmp_path, "https://files.example/pyodide/pyodide.mjs")
    said = directives(read_headers(tmp_path / "_headers")[0][1])
    allowing = {name for name, sources in said.items() if "https://files.example" in sources}
    assert allowing == {"script-src", "connect-src"}


def test_a_shorter_list_makes_a_tighter_policy() -> None:
    assert policy(["'sha256-x'"], (), [Allowed("default-src", "'none'", "")]) == (
        "default-src 'none'; script-src 'sha256-x'; connect-src"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("/*\n  A: b\n\tC: d: e\n", (("A", "b"), ("C", "d: e"))),
        ("/lab/*\n  A: b\n/*\n  C: d\n/x\n  E: f\n", (("C", "d"),)),
        ("/*\n  no header\n", ()),
    ],
)
def test_headers_as_static_hosts_read_them(tmp_path: Path, text: str, expected: object) -> None:
    path = tmp_path / "_headers"
    assert read_headers(path) == ()
    path.write_text(text)
    assert read_headers(path) == expected


def test_the_server_sends_them_with_every_file(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "_headers").write_text("/*\n  Content-Security-Policy: default-src 'none'\n")
    server = SiteServer(tmp_path, "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1])
        connection.request("GET", "/index.html")
        reply = connection.getresponse()
        assert reply.getheader("Content-Security-Policy") == "default-src 'none'"
        connection.close()
    finally:
        server.shutdown()
        server.server_close()

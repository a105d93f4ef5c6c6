"""The server of a built site: types, compression, caching, prefixes, and errors a person can act on."""

from __future__ import annotations

import gzip
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dstruct_lite import cli
from dstruct_lite.serve import FOREVER, REVALIDATE, SiteServer, cache_control, content_type, locate
from dstruct_lite.site.errors import SiteError

SCRIPT = "export const answer = 42;\n" * 200


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    (root / "lab").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html><title>root</title>")
    (root / "lab" / "index.html").write_text("<!doctype html><title>lab</title>")
    (root / "lab" / "main.mjs").write_text(SCRIPT)
    (root / "empty").mkdir()
    (tmp_path / "secret.txt").write_text("not for the page")
    return root


@contextmanager
def serving(root: Path, prefix: str = "/") -> Iterator[SiteServer]:
    server = SiteServer(root, "127.0.0.1", 0, prefix)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(
    server: SiteServer, target: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1])
    try:
        connection.request(method, target, headers=headers or {})
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pyodide.asm.wasm", "application/wasm"),
        ("pyodide.mjs", "text/javascript; charset=utf-8"),
        ("a/b.JS", "text/javascript; charset=utf-8"),
        ("x-1.0-py3-none-any.whl", "application/zip"),
        ("lesson.ipynb", "application/json; charset=utf-8"),
        ("python_stdlib.zip", "application/zip"),
        ("snapshot.data", "application/octet-stream"),
        ("noextension", "application/octet-stream"),
    ],
)
def test_content_types_do_not_depend_on_the_machine(name: str, expected: str) -> None:
    assert content_type(name) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("build/100.1d14ca44a3cc8849349f.js", FOREVER),
        ("static/pyodide/00bfd6cea438/pyodide.asm.wasm", FOREVER),
        ("static/pyodide/00bfd6cea438/anywidget-0.11.0-py3-none-any.whl", FOREVER),
        ("extensions/x/static/pypi/piplite-0.8.6-py3-none-any.whl", FOREVER),
        ("static/pyodide/00bfd6cea438/pyodide-lock.json", REVALIDATE),
        ("index.html", REVALIDATE),
        ("config-utils.js", REVALIDATE),
        ("build/lab/bundle.js", REVALIDATE),
        ("files/01-sorting.ipynb", REVALIDATE),
        ("files/deadbeef.txt", REVALIDATE),
    ],
)
def test_only_what_is_named_by_its_content_is_cached_for_ever(path: str, expected: str) -> None:
    assert cache_control(path) == expected


def test_a_file_comes_with_its_type_and_without_isolation_headers(site: Path) -> None:
    with serving(site) as server:
        status, headers, body = ask(server, "/lab/main.mjs?v=1")
    assert (status, body.decode()) == (200, SCRIPT)
    assert headers["Content-Type"].startswith("text/javascript")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Cross-Origin-Opener-Policy" not in headers
    assert "Cross-Origin-Embedder-Policy" not in headers


def test_compression_is_asked_for_and_gives_the_same_bytes(site: Path) -> None:
    with serving(site) as server:
        _, plain, _ = ask(server, "/lab/main.mjs")
        _, zipped, body = ask(server, "/lab/main.mjs", {"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain
    assert zipped["Content-Encoding"] == "gzip"
    assert gzip.decompress(body).decode() == SCRIPT
    assert plain["ETag"] != zipped["ETag"]
    assert "Accept-Encoding" in plain["Vary"]


def test_a_changed_file_is_served_anew_and_an_unchanged_one_not_at_all(site: Path) -> None:
    accept = {"Accept-Encoding": "gzip"}
    with serving(site) as server:
        _, headers, _ = ask(server, "/lab/main.mjs", accept)
        again = ask(server, "/lab/main.mjs", {**accept, "If-None-Match": headers["ETag"]})
        (site / "lab" / "main.mjs").write_text(SCRIPT + "// changed\n")
        changed = ask(server, "/lab/main.mjs", {**accept, "If-None-Match": headers["ETag"]})
    assert (again[0], again[2]) == (304, b"")
    assert changed[0] == 200
    assert gzip.decompress(changed[2]).endswith(b"// changed\n")


def test_head_says_what_get_would_send(site: Path) -> None:
    with serving(site) as server:
        status, headers, body = ask(server, "/lab/main.mjs", method="HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", str(len(SCRIPT)))


def test_a_directory_leads_to_its_page(site: Path) -> None:
    with serving(site) as server:
        status, headers, _ = ask(server, "/lab?path=a.ipynb")
        assert (status, headers["Location"]) == (301, "lab/?path=a.ipynb")
        assert b"<title>lab" in ask(server, "/lab/")[2]
        assert ask(server, "/empty/")[0] == 404


def test_nothing_outside_the_site_is_served(site: Path) -> None:
    (site / "leak").symlink_to(site.parent / "secret.txt")
    with serving(site) as server:
        for target in ("/../secret.txt", "/%2e%2e/secret.txt", "/lab/../../secret.txt", "/leak", "/%00"):
            assert ask(server, target)[0] == 404, target


def test_the_site_can_live_under_a_path(site: Path) -> None:
    (site / "favicon.ico").write_bytes(b"icon")
    with serving(site, "a/course") as server:
        assert server.url.endswith("/a/course/")
        assert b"<title>root" in ask(server, "/a/course/")[2]
        assert b"<title>lab" in ask(server, "/a/course/lab/index.html")[2]
        assert ask(server, "/lab/index.html")[0] == 404
        assert ask(server, "/favicon.ico")[2] == b"icon"
        status, headers, _ = ask(server, "/a/course")
        assert (status, headers["Location"]) == (301, "course/")


def test_locate_refuses_what_is_not_under_the_prefix(site: Path) -> None:
    assert locate(site, "/a/", "/a/lab/main.mjs") == site / "lab" / "main.mjs"
    assert locate(site, "/a/", "/b/lab/main.mjs") is None


def test_a_taken_port_is_named_with_a_way_out(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(site) as server:
        port = server.server_address[1]
        assert cli.main(["serve", str(site), "--port", str(port), "--no-browser"]) == 1
    told = capsys.readouterr().err
    assert f"Port {port} " in told
    assert f"PORT={port + 1}" in told


def test_a_directory_without_a_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="make site"):
        SiteServer(tmp_path, "127.0.0.1", 0)

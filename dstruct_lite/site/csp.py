"""Owns the site's Content-Security-Policy: each thing it allows with the reason, and how it gets to the browser.

Every page carries the policy as a `<meta>`, for hosts on which nobody can set headers; a file `_headers` carries it
for those that read one (Netlify, Cloudflare Pages, `dstruct-lite serve`), where it holds for workers, too. What is not
listed here was tried without and is not needed; a slow test takes each of them away and sees the site fail.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

__all__ = ["ALLOWED", "Allowed", "inline_hashes", "policy", "write_policy"]

HEADERS_FILE: Final = "_headers"


@dataclass(frozen=True)
class Allowed:
    """One source that one directive allows, and why."""

    directive: str
    source: str
    reason: str


ALLOWED: Final = (
    Allowed("default-src", "'none'", "what is not named below is refused: frames, plug-ins, media"),
    Allowed("script-src", "'self'", "the applications, the extensions, Pyodide: all files of the site"),
    Allowed(
        "script-src", "'unsafe-eval'", "JupyterLab compiles the schemas of its settings (ajv); WebAssembly"
    ),
    Allowed("script-src", "blob:", "anywidget imports each widget's module from a blob"),
    Allowed("style-src", "'self'", "style sheets of the site"),
    Allowed(
        "style-src", "'unsafe-inline'", "JupyterLab's editor and layout write style elements and attributes"
    ),
    Allowed("img-src", "'self'", "icons of the site"),
    Allowed("img-src", "data:", "icons inside style sheets; pictures that Python shows"),
    Allowed("font-src", "'self'", "JupyterLab's fonts"),
    Allowed("connect-src", "'self'", "files of the site; the service worker's answers to Python"),
    Allowed("connect-src", "blob:", "the stop switches at which a running program looks"),
    Allowed("worker-src", "'self'", "the kernel's worker and the service worker, but no blobs"),
    Allowed("manifest-src", "'self'", "the site can be installed"),
    Allowed("base-uri", "'none'", "no page of ours has a base; injected markup must not give it one"),
    Allowed("form-action", "'none'", "nothing is ever submitted"),
)

_INLINE = re.compile(r"<script(?![^>]*\ssrc=)([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
_CHARSET = re.compile(r"""\s*<meta charset=["']?utf-8["']?\s*/?>""", re.IGNORECASE)


def policy(
    hashes: Iterable[str] = (), origins: Iterable[str] = (), allowed: Iterable[Allowed] = ALLOWED
) -> str:
    """The policy in one line.

    Args:
        hashes: of inline scripts, as from `inline_hashes`.
        origins: other origins from which Pyodide comes.
        allowed: what is allowed.
    """
    directives: dict[str, list[str]] = {}
    for each in allowed:
        directives.setdefault(each.directive, []).append(each.source)
    directives.setdefault("script-src", []).extend([*hashes, *origins])
    directives.setdefault("connect-src", []).extend(origins)
    return "; ".join(" ".join((name, *sources)) for name, sources in directives.items())


def inline_hashes(page: str) -> tuple[str, ...]:
    """What allows the inline scripts of a page, and no others. Data blocks need no permission."""
    scripts = [text for attributes, text in _INLINE.findall(page) if "application/json" not in attributes]
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    return tuple(dict.fromkeys(f"'sha256-{digest}'" for digest in digests))


def write_policy(output: Path, pyodide_url: str) -> None:
    """Write the policy into every page of the site at `output`, and its `_headers`.

    Args:
        output: the site's root.
        pyodide_url: where Pyodide comes from; absolute where that is another origin.
    """
    url = urlsplit(pyodide_url)
    origins = (f"{url.scheme}://{url.netloc}",) if url.netloc else ()
    every: dict[str, None] = {}
    for path in _pages(output):
        page = path.read_text(encoding="utf-8")
        hashes = inline_hashes(page)
        every.update(dict.fromkeys(hashes))
        path.write_text(_with_meta(page, policy(hashes, origins)), encoding="utf-8")
    line = policy(every, origins)
    (output / HEADERS_FILE).write_text(f"/*\n  Content-Security-Policy: {line}\n", encoding="utf-8")


def _pages(output: Path) -> Iterator[Path]:
    # Files of the learners' are theirs: the pages of the applications are all there is to protect.
    return (path for path in sorted(output.rglob("*.html")) if "files" not in path.relative_to(output).parts)


def _with_meta(page: str, content: str) -> str:
    """The page with the policy ahead of everything it shall hold for; one written by an earlier build is replaced."""
    page = re.sub(r"""\s*<meta http-equiv="Content-Security-Policy"[^>]*>""", "", page)
    head = _HEAD.search(page)
    if head is None:
        return page
    charset = _CHARSET.match(page, head.end())
    at = charset.end() if charset else head.end()
    return f'{page[:at]}\n    <meta http-equiv="Content-Security-Policy" content="{content}">{page[at:]}'

"""Owns serving a built site on this machine: static files with right types, compression and cache headers.

It sends no cross-origin isolation headers on purpose: with today's kernel an isolated page soon hangs.
"""

from __future__ import annotations

import errno
import gzip
import os
import re
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import MimeTypes
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .site.csp import HEADERS_FILE
from .site.errors import SiteError

#: Said outright: a machine's own tables differ, and a browser refuses modules and wasm of the wrong type.
TYPES = {
    ".css": "text/css",
    ".data": "application/octet-stream",
    ".html": "text/html",
    ".ipynb": "application/json",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".whl": "application/zip",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}

_FALLBACK = MimeTypes(filenames=())
_TEXTUAL = re.compile(r"text/|application/(json|manifest\+json)$|image/svg\+xml$")
_COMPRESSIBLE = re.compile(
    r"text/|application/(json|wasm|manifest\+json|octet-stream)$|image/svg\+xml$|font/(ttf|otf)$"
)
#: Below this many bytes the headers outweigh what compression saves.
_WORTH_COMPRESSING = 1024

#: Names that change with what is in them: a hash of at least 8 hex digits, or a wheel's version.
_HASHED = re.compile(r"(^|[.\-_/])(?=[0-9a-f]*[0-9])[0-9a-f]{8,}([.\-/]|$)|\.whl$")
_DATA = re.compile(r"\.(json|html|ipynb)$")

FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"


def content_type(path: str) -> str:
    """The media type for a file name, with its charset where it is text."""
    suffix = os.path.splitext(path)[1].lower()
    found = TYPES.get(suffix) or _FALLBACK.guess_type(path)[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if _TEXTUAL.match(found) else found


def cache_control(path: str) -> str:
    """How long a browser may keep a file: for ever if its path (relative to the site) names its content."""
    return FOREVER if _HASHED.search(path) and not _DATA.search(path) else REVALIDATE


def compressible(path: str) -> bool:
    """Whether gzip is worth trying on a file of this name."""
    return bool(_COMPRESSIBLE.match(content_type(path)))


def locate(root: Path, prefix: str, target: str) -> Path | None:
    """The file or directory a request target names; None outside the prefix or the root, or if not there.

    `prefix` starts and ends with "/".
    """
    path = unquote(urlsplit(target).path)
    if path == "/favicon.ico":
        # Browsers ask for it at the host's root, wherever the site is.
        path = f"{prefix}favicon.ico"
    if not f"{path}/".startswith(prefix) or "\0" in path:
        return None
    found = (root / path[len(prefix) :].lstrip("/")).resolve()
    return found if found.is_relative_to(root) and found.exists() else None


def read_headers(path: Path) -> tuple[tuple[str, str], ...]:
    """The headers that a file as static hosts read it names for every file (`/*`); none where it is not there."""
    if not path.is_file():
        return ()
    found: list[tuple[str, str]] = []
    everywhere = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line[:1].strip():
            everywhere = line.strip() == "/*"
        elif everywhere and ":" in line:
            name, _, value = line.partition(":")
            found.append((name.strip(), value.strip()))
    return tuple(found)


@dataclass
class GzipCache:
    """Compressed bodies by file and modification, so that each is made once. A site's worth is some 16 MB."""

    _made: dict[tuple[str, int], bytes] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, path: Path, modified: int) -> bytes:
        """The file compressed; `modified` is its modification time in nanoseconds."""
        key = (str(path), modified)
        with self._lock:
            if key not in self._made:
                self._made[key] = gzip.compress(path.read_bytes(), compresslevel=5, mtime=0)
            return self._made[key]


class SiteServer(ThreadingHTTPServer):
    """Serves `root` under `prefix`, with the headers that the file `headers` (default: the site's own) names.

    Raises SiteError if the port is taken or not ours to have.
    """

    daemon_threads = True

    def __init__(
        self, root: Path, host: str, port: int, prefix: str = "/", headers: Path | None = None
    ) -> None:
        self.root = root.resolve()
        self.headers = read_headers(headers or root / HEADERS_FILE)
        self.prefix = f"/{prefix.strip('/')}/" if prefix.strip("/") else "/"
        self.gzipped = GzipCache()
        if not (self.root / "index.html").is_file():
            raise SiteError(
                f"{root} holds no built site (no index.html). Build it: `make site` or `dstruct-lite site`."
            )
        try:
            super().__init__((host, port), SiteHandler)
        except OSError as error:
            raise _cannot_listen(host, port, error) from error

    @property
    def url(self) -> str:
        """Where the site is, as a person types it."""
        host, port = self.server_address[:2]
        name = str(host)
        return f"http://{'127.0.0.1' if name == '0.0.0.0' else name}:{port}{self.prefix}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that closes a connection early is no error worth a traceback."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class SiteHandler(BaseHTTPRequestHandler):
    """One connection to a SiteServer."""

    server: SiteServer
    protocol_version = "HTTP/1.1"
    server_version = "dstruct-lite"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer with a file, a redirect to a directory's canonical URL, or why not."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """As GET, without the body."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not worth a line each; what fails is."""

    def log_error(self, format: str, *args: object) -> None:
        """Say on stderr which request failed."""
        print(f"{self.requestline}: {format % args}", file=sys.stderr)

    def _answer(self, with_body: bool) -> None:
        found = locate(self.server.root, self.server.prefix, self.path)
        if found is None:
            self._nothing(HTTPStatus.NOT_FOUND, with_body)
            return
        if found.is_dir():
            url = urlsplit(self.path)
            if not url.path.endswith("/"):
                query = f"?{url.query}" if url.query else ""
                self._redirect(f"{url.path.rsplit('/', 1)[-1]}/{query}")
                return
            found = found / "index.html"
            if not found.is_file():
                self._nothing(HTTPStatus.NOT_FOUND, with_body)
                return
        self._file(found, with_body)

    def _file(self, path: Path, with_body: bool) -> None:
        stat = path.stat()
        name = path.relative_to(self.server.root).as_posix()
        accepts = "gzip" in self.headers.get("Accept-Encoding", "")
        zipped = accepts and stat.st_size >= _WORTH_COMPRESSING and compressible(name)
        etag = f'"{stat.st_size:x}-{stat.st_mtime_ns:x}{"-gz" if zipped else ""}"'
        if etag in self.headers.get("If-None-Match", ""):
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self._common(name, etag)
            self.end_headers()
            return
        body = self.server.gzipped.get(path, stat.st_mtime_ns) if zipped else path.read_bytes()
        self.send_response(HTTPStatus.OK)
        self._common(name, etag)
        self.send_header("Content-Type", content_type(name))
        self.send_header("Content-Length", str(len(body)))
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _common(self, name: str, etag: str) -> None:
        self.send_header("ETag", etag)
        self.send_header("Cache-Control", cache_control(name))
        self.send_header("X-Content-Type-Options", "nosniff")
        for header, value in self.server.headers:
            self.send_header(header, value)
        if compressible(name):
            self.send_header("Vary", "Accept-Encoding")

    def _redirect(self, location: str) -> None:
        self.send_response(HTTPStatus.MOVED_PERMANENTLY)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _nothing(self, status: HTTPStatus, with_body: bool) -> None:
        # No line on stderr: JupyterLite probes for files that a site may lack.
        body = f"{status.value} {status.phrase}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def _cannot_listen(host: str, port: int, error: OSError) -> SiteError:
    if error.errno == errno.EADDRINUSE:
        return SiteError(f"Port {port} on {host} is taken. Choose another: `make serve PORT={port + 1}`.")
    if error.errno == errno.EACCES:
        return SiteError(f"Port {port} is not for this user. Choose one above 1023: `make serve PORT=8765`.")
    return SiteError(f"Cannot listen on {host}:{port}: {error.strerror or error}.")


def _say(text: str) -> None:
    print(text, flush=True)


def serve(server: SiteServer, browser: bool, say: Callable[[str], None] = _say) -> None:
    """Serve until interrupted. `browser`: open the site once it is up, unless BROWSER=none says otherwise."""
    say(f"Serving at {server.url}  (Ctrl-C stops)")
    if browser and os.environ.get("BROWSER") != "none":
        threading.Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say("Stopped.")
    finally:
        server.server_close()

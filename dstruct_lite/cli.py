"""The command `dstruct-lite`: builds a site, serves one, runs a program. Wiring only."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .run_program import add_run_command
from .serve import SiteServer, serve
from .site.errors import SiteError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code is 0, or another after an error that was told."""
    options = _parser().parse_args(argv)
    try:
        code: int = options.run(options)
    except SiteError as error:
        print(f"dstruct-lite: {error}", file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dstruct-lite", description="Sites that step through Python.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    site = commands.add_parser("site", help="build a JupyterLite site with dstruct-lite in it")
    site.add_argument(
        "lite_dir", nargs="?", type=Path, default=Path(), help="the JupyterLite project (default: here)"
    )
    site.add_argument(
        "--output", type=Path, default=Path("_site"), help="where the site goes (default: _site)"
    )
    site.add_argument(
        "--index-url", default=None, help="Pyodide: a directory or a URL (default: an own copy)"
    )
    site.set_defaults(run=_site)

    server = commands.add_parser("serve", help="serve a built site on this machine")
    server.add_argument(
        "directory", nargs="?", type=Path, default=Path("_site"), help="the site (default: _site)"
    )
    server.add_argument("--port", type=int, default=8000, help="0 picks a free one (default: 8000)")
    server.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (default: this machine only)"
    )
    server.add_argument("--prefix", default="/", help="the path to serve under, like /course/ (default: /)")
    server.add_argument(
        "--no-browser", action="store_true", help="do not open a browser (so does BROWSER=none)"
    )
    server.add_argument(
        "--headers",
        type=Path,
        help="send the headers this file names (the format of _headers; default: the site's own _headers)",
    )
    server.set_defaults(run=_serve)
    add_run_command(commands)
    return parser


def _site(options: argparse.Namespace) -> int:
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    command += ["--lite-dir", str(options.lite_dir), "--output-dir", str(options.output.resolve())]
    if options.index_url is not None:
        command.append(f"--pyodide-index-url={options.index_url}")
    return subprocess.run(command, check=False).returncode


def _serve(options: argparse.Namespace) -> int:
    server = SiteServer(options.directory, options.host, options.port, options.prefix, options.headers)
    serve(server, not options.no_browser)
    return 0


if __name__ == "__main__":
    sys.exit(main())

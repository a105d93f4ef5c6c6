"""Owns a run as one HTML file: the viewer, the log and the texts in it, nothing outside of it, opened from disk.

Everything a program made (its name, its values, its output) is data here: JSON in which no `<` is left, or text that is
escaped. The page's own policy lets one script run, the viewer, and lets nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from os import PathLike
from pathlib import Path
from typing import Any, Final

from dstruct_harness import ExecutionResult

from .language import Language, language

STATIC: Final = Path(__file__).parent / "static"
RUN_MIME: Final = "application/vnd.dstruct-lite.run+json"

_PAGE: Final = """\
<!doctype html>
<html lang="{tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
<main></main>
<script type="{mime}">{run}</script>
<script>{script}</script>
</body>
</html>
"""

_STYLE: Final = (
    "body{margin:0 auto;max-width:1500px;padding:clamp(8px,2vw,24px);"
    "font:15px system-ui,sans-serif;background:#fff;color:#1d2430}"
    "h1{margin:0 0 12px;font-size:1.15rem;font-weight:600;overflow-wrap:anywhere}"
    "@media(prefers-color-scheme:dark){body{background:#0e1116;color:#e7ebf1}}"
)


def page_script() -> str:
    """The viewer as a script that shows the runs of the page it stands in; fit to stand between script tags."""
    script = (STATIC / "page.js").read_text(encoding="utf-8")
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def run_page(
    result: ExecutionResult,
    *,
    title: str = "",
    step: int = 0,
    language_tag: str | None = None,
) -> str:
    """A recorded run as a self-contained HTML page.

    Args:
        result: the run.
        title: the page's heading; anything, it is escaped.
        step: the step to open at.
        language_tag: of the viewer's texts (`"de"`); default the chosen one.

    Raises:
        ValueError: there is no such language.
    """
    spoken = language(language_tag)
    script = page_script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )
    return _PAGE.format(
        tag=html.escape(spoken.tag),
        policy=policy,
        title=html.escape(title or "dstruct-lite"),
        style=_STYLE,
        mime=RUN_MIME,
        run=_data(result, title, step, spoken),
        script=script,
    )


def save_html(
    result: ExecutionResult,
    path: str | PathLike[str],
    *,
    title: str = "",
    step: int = 0,
    language: str | None = None,
) -> Path:
    """Write a recorded run as one HTML file that opens from disk, with no network, in the viewer.

    Args:
        result: the run, as `safe_exec` or a widget's `result` gives it.
        path: the file; an existing one is replaced.
        title: the page's heading.
        step: the step to open at.
        language: of the viewer's texts (`"de"`); default the chosen one.

    Returns:
        The file's path.

    Raises:
        OSError: the file cannot be written.
        ValueError: there is no such language.
    """
    target = Path(path)
    page = run_page(result, title=title, step=step, language_tag=language)
    # A title may hold halves of surrogate pairs, which no file can.
    target.write_text(page, encoding="utf-8", errors="replace")
    return target


def _data(result: ExecutionResult, title: str, step: int, spoken: Language) -> str:
    run: dict[str, Any] = {
        "status": {
            "state": "done",
            "title": title,
            "steps": result.steps,
            "stopReason": result.stop_reason,
            "error": result.error.to_json() if result.error else None,
        },
        "step": max(0, step),
        "language": {"tag": spoken.tag, "texts": spoken.texts},
        "trace": base64.b64encode(result.trace).decode("ascii"),
    }
    return json.dumps(run).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

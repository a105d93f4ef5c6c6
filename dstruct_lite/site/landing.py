"""Owns the page at the site's root, which leads to the first lesson."""

from __future__ import annotations

import html
import json

# JupyterLite's applications read the element `jupyter-config-data` from this very page: it must stay.
_PAGE = """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>dstruct-lite</title>
    <link rel="icon" href="lab/favicon.ico">
    <script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{{}}</script>
    <script>location.replace(new URL({script}, location.href));</script>
  </head>
  <body><noscript>This site needs JavaScript. Then it starts <a href="{href}">here</a>.</noscript></body>
</html>
"""


def landing_page(target: str) -> str:
    """The HTML of a page that replaces itself by `target`, a URL relative to the site's root."""
    return _PAGE.format(script=json.dumps(target).replace("<", "\\u003c"), href=html.escape(target))

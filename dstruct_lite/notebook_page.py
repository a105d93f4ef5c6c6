"""Owns notebooks turned into HTML: an exporter for nbconvert whose pages hold the viewer and ask no server.

`jupyter nbconvert --to dstruct_html notebook.ipynb`. nbconvert's own HTML shows widgets by scripts from other
origins, which know nothing of ours. The viewer's half is `viewer/src/page.ts`: it finds the models in the page.
"""

from __future__ import annotations

from typing import Any, Final

from nbconvert.exporters.html import HTMLExporter
from traitlets import default

from .export import page_script

_STATES: Final = "application/vnd.jupyter.widget-state+json"

_TEMPLATE: Final = """\
{%- extends 'index.html.j2' -%}
{%- block html_head_js_requirejs -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block footer_js -%}<script>{{ resources.dstruct_viewer }}</script>{%- endblock -%}
"""


class DstructHTMLExporter(HTMLExporter):
    """A notebook as one HTML page in which its recorded runs can be walked, with no kernel and no network.

    Other widgets, formulas and diagrams need scripts of other origins; they stand in the page as text.
    """

    export_from_notebook = "HTML with recorded runs"

    @default("raw_template")
    def _page(self) -> str:
        return _TEMPLATE

    def from_notebook_node(  # type: ignore[override]  # as HTMLExporter has it
        self, nb: Any, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page of a notebook, as any exporter gives it. Raises FileNotFoundError: the front ends were not built."""
        found = {**(resources or {}), "dstruct_viewer": page_script()}
        page: tuple[str, dict[str, Any]] = super().from_notebook_node(_without_modules(nb), found, **kw)
        return page


def _without_modules(nb: Any) -> Any:
    """A copy whose models carry no module: the page has the viewer already, and once is enough."""
    saved = nb.metadata.get("widgets", {}).get(_STATES)
    if not saved:
        return nb
    models = {
        number: {
            **model,
            "state": {k: v for k, v in model.get("state", {}).items() if k not in ("_module", "_esm")},
        }
        for number, model in saved.get("state", {}).items()
    }
    copy = nb.copy()
    copy.metadata = nb.metadata.copy()
    copy.metadata["widgets"] = {**nb.metadata["widgets"], _STATES: {**saved, "state": models}}
    return copy

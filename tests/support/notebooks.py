"""Owns a notebook as a kernel would have saved it, with recorded runs in it, and its HTML page.

python tests/support/notebooks.py FILE.html
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from ipywidgets import Widget

from dstruct_lite import compare, visualize

EVIL = "</script><script>window.evil = 1</script><img src=x onerror='window.evil = 1'>"
VIEW = "application/vnd.jupyter.widget-view+json"
STATES = "application/vnd.jupyter.widget-state+json"


def bubble(numbers: list[int]) -> list[int]:
    for end in range(len(numbers) - 1, 0, -1):
        for i in range(end):
            if numbers[i] > numbers[i + 1]:
                numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]
    return numbers


def reading(words: dict[str, str]) -> str:
    return words["evil"]


def saved_notebook() -> Any:
    """A notebook with a run whose data is hostile, a comparison, and a widget that is not ours."""
    first = visualize(reading, {"evil": EVIL, EVIL: "key"})
    both = compare(bubble, sorted_by_hand, [3, 1, 2])
    cells = [nbformat.v4.new_markdown_cell("# Runs\n\nwith $x^2$")]
    for widget in (first, both):
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        output = nbformat.v4.new_output("display_data", {VIEW: view, "text/plain": "a widget"})
        cells.append(nbformat.v4.new_code_cell("visualize(...)", outputs=[output]))
    notebook = nbformat.v4.new_notebook(cells=cells)
    state = Widget.get_manager_state()
    state["state"]["other"] = {"model_name": "Other", "model_module": "other", "state": {"left": EVIL}}
    notebook.metadata["widgets"] = {STATES: state}
    nbformat.validate(notebook)
    return notebook


def sorted_by_hand(numbers: list[int]) -> list[int]:
    for i in range(1, len(numbers)):
        while i and numbers[i - 1] > numbers[i]:
            numbers[i - 1], numbers[i] = numbers[i], numbers[i - 1]
            i -= 1
    return numbers


if __name__ == "__main__":
    from dstruct_lite.notebook_page import DstructHTMLExporter

    Path(sys.argv[1]).write_text(
        DstructHTMLExporter().from_notebook_node(saved_notebook())[0], encoding="utf-8"
    )

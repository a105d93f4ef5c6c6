"""The engine that all widgets of a kernel share, what a notebook saves of them, and the language they speak."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ipywidgets.widgets import widget as ipywidgets_widget
from jupyter_server.config_manager import BaseJSONConfigManager

from dstruct_lite import Visualizer, languages, set_language, visualize
from dstruct_lite import engine as engine_module
from dstruct_lite import language as language_module
from dstruct_lite.saved import SAVED_BYTES, chunks_to_save


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No engine and no choice from another test; nothing is displayed."""
    monkeypatch.setattr(engine_module, "_shared", engine_module._Shared())
    monkeypatch.setattr(language_module, "_choice", language_module._Choice())
    monkeypatch.setattr(Visualizer, "show", lambda self: None)
    yield
    for widget in live():
        widget.close()


def live() -> list[Any]:
    return [
        widget
        for widget in list(ipywidgets_widget._instances.values())
        if isinstance(widget, Visualizer | engine_module.Engine)
    ]


def work(items: list[int]) -> None:
    items.sort()


def test_many_widgets_hold_one_viewer() -> None:
    made = [visualize(work, [2, 1]) for _ in range(20)]
    states = [viz.get_state() for viz in made]
    assert len({state["_engine"] for state in states}) == 1
    assert all(len(state["_esm"]) < 4_000 for state in states)
    engine = made[0]._engine
    assert states[0]["_engine"] == f"IPY_MODEL_{engine.model_id}"
    assert len(engine.get_state()["_module"]) > 50_000


def test_close_frees_everything_and_the_last_one_the_engine() -> None:
    first, second = visualize(work, [2, 1]), visualize(work, [3, 1])
    engine = first._engine
    first.close()
    assert (first._chunks, first._saved, first.comm) == ([], [], None)
    assert first.result is not None
    assert engine.comm is not None
    first.close()
    assert engine.comm is not None, "closing twice must not count twice"
    second.close()
    assert engine.comm is None
    assert live() == []
    set_language("de")
    assert engine._language["tag"] == "en", "a closed engine listens to nobody"
    third = visualize(work, [2, 1])
    assert third._engine is not engine
    assert third._engine._language["tag"] == "de"


def test_a_notebook_keeps_the_whole_log_of_an_ordinary_run() -> None:
    viz = visualize(work, [3, 1, 2])
    assert viz.result is not None
    assert b"".join(viz._saved) == viz.result.trace
    embedded = json.dumps(viz._get_embed_state())
    assert len(embedded) < 1.4 * len(viz.result.trace) + 4_000


def test_what_is_saved_has_a_bound() -> None:
    chunks = [bytes(400_000)] * 10
    assert sum(map(len, chunks_to_save(chunks))) <= SAVED_BYTES
    assert chunks_to_save(chunks[:3]) == chunks[:3]
    assert SAVED_BYTES * 4 / 3 <= 2_000_000


def test_there_are_at_least_five_languages() -> None:
    assert {"en", "de", "fr", "es", "zh"} <= set(languages())


def test_a_language_reaches_the_pictures_on_the_page() -> None:
    viz = visualize(work, [2, 1])
    assert viz._engine._language == {"tag": "en", "texts": {}, "auto": True}
    set_language("fr")
    spoken = viz._engine._language
    assert (spoken["tag"], spoken["auto"]) == ("fr", False)
    assert spoken["texts"]["viewer.next"] == "Étape suivante"
    set_language(None)
    assert viz._engine._language["tag"] == "en"


def test_a_page_asks_for_its_own_language() -> None:
    viz = visualize(work, [2, 1])
    ask = viz._engine._handle_custom_msg
    ask({"type": "language", "tag": "de-AT"}, [])
    assert viz._engine._language["tag"] == "de"
    for rubbish in (
        None,
        5,
        {"type": "language"},
        {"type": "language", "tag": 5},
        {"type": "else", "tag": "fr"},
    ):
        ask(rubbish, [])
        assert viz._engine._language["tag"] == "de"
    for unknown in ("tlh", "../../etc/passwd", ""):
        ask({"type": "language", "tag": unknown}, [])
        assert viz._engine._language["tag"] == "en"
    set_language("es")
    ask({"type": "language", "tag": "de"}, [])
    assert viz._engine._language["tag"] == "es", "what the author says in code goes first"


@pytest.mark.parametrize("tag", ["klingon", "", "../de", "de/../fr", "x" * 50])
def test_an_unknown_language_is_refused_by_name(tag: str) -> None:
    with pytest.raises(ValueError, match=r"only en, de, es, fr, zh"):
        set_language(tag)


@pytest.mark.parametrize(
    ("tag", "found"), [("de_DE", "de"), ("zh-Hans-CN", "zh"), ("FR", "fr"), ("en-GB", "en")]
)
def test_locales_find_their_language(tag: str, found: str) -> None:
    set_language(tag)
    assert language_module.language().tag == found


def test_jupyterlab_and_the_site_save_widget_state() -> None:
    root = Path(__file__).parents[2]
    plugin = "@jupyter-widgets/jupyterlab-manager:plugin"
    manager = BaseJSONConfigManager(config_dir=str(root / "jupyter-config" / "labconfig"))
    # What JupyterLab's server reads, merged from every package's file.
    assert manager.get("default_setting_overrides")[plugin]["saveState"] is True
    site = json.loads((root / "lite" / "overrides.json").read_text(encoding="utf-8"))
    assert site[plugin]["saveState"] is True

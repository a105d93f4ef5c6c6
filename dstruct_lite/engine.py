"""Owns the engine: the one model of a kernel that holds the viewer's module, and its language, for all its widgets.

anywidget gives each widget a copy of its module. A notebook of two hundred pictures would carry two hundred viewers; so
a widget carries a stub (viewer/src/stub.ts) and the id of this model, and the page evaluates the viewer once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import anywidget
import traitlets

from .language import asked_by_page, is_chosen, language, watch_language

STATIC: Final = Path(__file__).parent / "static"


class Engine(anywidget.AnyWidget):
    """The viewer's source and texts, saved once with a notebook. It has no view of its own."""

    _esm = "export default {};"
    _view_name = traitlets.Unicode(None, allow_none=True).tag(sync=True)  # type: ignore[assignment]
    _module = traitlets.Unicode().tag(sync=True)
    _language = traitlets.Dict().tag(sync=True)

    def __init__(self) -> None:
        self._unwatch = watch_language(self._speak)
        super().__init__(_module=viewer_module(), _language=_spoken())
        self.on_msg(_asked)

    def _speak(self) -> None:
        self._language = _spoken()

    def close(self) -> None:
        """Close the model on both sides and stop listening."""
        self._unwatch()
        super().close()


def viewer_module() -> str:
    """The viewer's JavaScript module, self-contained.

    Raises:
        FileNotFoundError: the front ends were not built.
    """
    return (STATIC / "viewer.js").read_text(encoding="utf-8")


def _spoken() -> dict[str, Any]:
    now = language()
    return {"tag": now.tag, "texts": now.texts, "auto": not is_chosen()}


def _asked(_: Engine, content: Any, _buffers: Any) -> None:
    """A page tells which language it is in; it can only be heard while the kernel is idle."""
    if (
        isinstance(content, dict)
        and content.get("type") == "language"
        and isinstance(content.get("tag"), str)
    ):
        asked_by_page(content["tag"])


class _Shared:
    """The engine there is, and the ids of the widgets that need it."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.users: set[str] = set()


_shared = _Shared()


def hold_engine(user: str) -> Engine:
    """The kernel's engine, made for the first who asks; kept until each `user` has let go of it."""
    if _shared.engine is None or _shared.engine.comm is None:
        _shared.engine = Engine()
    _shared.users.add(user)
    return _shared.engine


def release_engine(user: str) -> None:
    """Let go of the engine, which closes with its last user. Releasing twice changes nothing."""
    if user not in _shared.users:
        return
    _shared.users.discard(user)
    if not _shared.users and _shared.engine is not None:
        engine, _shared.engine = _shared.engine, None
        engine.close()

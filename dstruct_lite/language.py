"""Owns which language the viewers speak: what there is, what was chosen, and who wants to know when that changes.

English is in the viewer itself. Every other language is a file that the build leaves in `static/locales`. Chosen is,
in this order: what `set_language` says, what the learner's settings say, what the page asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

__all__ = ["ENGLISH", "Language", "language", "languages", "set_language"]

_LOCALES: Final = Path(__file__).parent / "static" / "locales"
_TAG: Final = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Language:
    """A language: its tag (`"de"`), and its texts by key; English has none, because the viewer holds them."""

    tag: str
    texts: dict[str, str] = field(default_factory=dict)


ENGLISH: Final = Language("en")


class _Choice:
    """Who chose which language; None where nobody did."""

    def __init__(self) -> None:
        self.code: str | None = None
        self.setting: str | None = None
        self.page: str | None = None
        self.watchers: list[Callable[[], None]] = []

    def change(self, **choice: str | None) -> None:
        for name, tag in choice.items():
            setattr(self, name, tag)
        for watcher in list(self.watchers):
            watcher()


_choice = _Choice()


@cache
def languages() -> tuple[str, ...]:
    """The tags of all languages there are."""
    return ("en", *sorted(path.stem for path in _LOCALES.glob("*.json")))


def find(tag: str) -> str | None:
    """The language there is for a BCP 47 tag, or a locale's name: `"de"` for `"de-AT"` and `"de_DE"`; None: none."""
    if not _TAG.fullmatch(tag):
        return None
    primary = re.split("[-_]", tag)[0].lower()
    return primary if primary in languages() else None


@cache
def _load(tag: str) -> Language:
    if tag == ENGLISH.tag:
        return ENGLISH
    texts: dict[str, str] = json.loads((_LOCALES / f"{tag}.json").read_text(encoding="utf-8"))
    return Language(tag, texts)


def language(tag: str | None = None) -> Language:
    """The language for `tag`, by default the chosen one.

    Raises:
        ValueError: there is no such language; the message lists those there are.
    """
    if tag is None:
        return _load(_choice.code or _choice.setting or _choice.page or ENGLISH.tag)
    found = find(tag)
    if found is None:
        raise ValueError(f"there is no language {tag!r} here, only {', '.join(languages())}")
    return _load(found)


def set_language(tag: str | None) -> None:
    """Let all viewers of this kernel speak `tag` (`"de"`, `"fr"`, ...), those on the page too; None: the page's own.

    Raises:
        ValueError: there is no such language; the message lists those there are.
    """
    _choice.change(code=None if tag is None else language(tag).tag)


def told_by_settings(tag: str) -> None:
    """Take over the learner's setting; anything but a language there is means: none chosen."""
    _choice.change(setting=find(tag))


def asked_by_page(tag: str) -> None:
    """Take over the language a page is in, if we have it."""
    _choice.change(page=find(tag))


def is_chosen() -> bool:
    """Whether somebody chose, so that a page need not ask for its own."""
    return (_choice.code or _choice.setting) is not None


def watch_language(callback: Callable[[], Any]) -> Callable[[], None]:
    """Call `callback` after each choice; returns the way back."""
    _choice.watchers.append(callback)
    return lambda: _choice.watchers.remove(callback) if callback in _choice.watchers else None

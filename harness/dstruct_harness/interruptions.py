"""Owns the hooks of calls that Python itself makes, and of frames that leave the stack and come back.

A special method, a property or a generator's resumption may run in the middle of a block: the block is split there
(docs/trace-format.md, "The path").
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, Final

from .events import CAUGHT
from .recording import Recording

RESUMABLE: Final = 0x20 | 0x80 | 0x200
"""Code flags of generators, coroutines and asynchronous generators (`inspect.CO_*`)."""


class Interruptions(Recording):
    """Hooks for whatever comes and goes without being called by name."""

    def __init__(self) -> None:
        self._tokens: dict[int, int] = {}
        self._last_token = 0
        self._suspended: dict[int, FrameType] = {}
        self._delegating: set[int] = set()
        self._returning: dict[int, Any] = {}
        self._cut = False
        """Frames on the stack may be in the middle of a block."""

    def _careful(self, frame: FrameType | None = None) -> None:
        """A function is entered that nobody may have called by name: the block it interrupts is split."""
        caller = sys._getframe(1).f_back if frame is None else frame
        codes = self.codes
        while caller is not None:
            code = caller.f_code
            if id(code) in codes and not (self._delegating and id(caller) in self._delegating):
                _, done, _, total = self.encoder.place(code, caller.f_lasti)
                if done < total:
                    self._cut = True
                    self.say("split", done)
                return
            caller = caller.f_back

    def _left_over(self) -> list[tuple[int, int]]:
        """Blocks that frames further out are in the middle of, each with the steps it has made."""
        if not self._cut:
            return []
        found = []
        frame: FrameType | None = sys._getframe(1)
        inner = True
        while frame is not None:
            code = frame.f_code
            if id(code) in self.codes:
                place = self.encoder.place(code, frame.f_lasti)
                if place.done < place.total and not inner and id(frame) not in self._delegating:
                    found.append((place.block, place.done))
                inner = False
            frame = frame.f_back
        self._cut = bool(found)
        return found

    def _entered(self) -> int:
        """A generator's or coroutine's frame begins: the token that names it."""
        self._last_token += 1
        self._tokens[id(sys._getframe(1))] = self._last_token
        return self._last_token

    def _gave(self, site: int, value: Any) -> Any:
        frame = sys._getframe(1)
        token = self._tokens.get(id(frame), 0)
        self.say("yield", site, value)
        self._suspended[token] = frame
        return value

    def _resumed(self, site: int, sent: Any) -> Any:
        frame = sys._getframe(1)
        token = self._tokens.get(id(frame), 0)
        self._suspended.pop(token, None)
        if self.live:
            self._careful(frame.f_back)
            self.say("resume", site, token, sent)
        return sent

    def _woken(self) -> None:
        """An exception is in a generator's frame, maybe because it was thrown in where it had given way."""
        frame = sys._getframe(1)
        token = self._tokens.get(id(frame), 0)
        if self._suspended.pop(token, None) is not None and self.live:
            self._careful(frame.f_back)
            self.say("align", token)

    def _awaiting(self, value: Any) -> Any:
        self._delegating.add(id(sys._getframe(1)))
        return value

    def _aligned(self, value: Any) -> Any:
        """A frame goes on after it waited for others, which came and went without a word."""
        frame = sys._getframe(1)
        self._delegating.discard(id(frame))
        if self.live:
            self.say("align", self._tokens.get(id(frame), 0))
        return value

    def _leave(self, site: int, value: Any) -> Any:
        if self.live:
            frame = sys._getframe(1)
            self.say("leave", site, value)
            if frame.f_code.co_flags & RESUMABLE:
                self._tokens.pop(id(frame), None)
        return value

    def _return_later(self, value: Any) -> Any:
        self._returning[id(sys._getframe(1))] = value
        return value

    def _finished(self, site: int) -> None:
        """A frame is left in which code ran after `return`, unless the note just made says that an exception
        leaves it.
        """
        number = id(sys._getframe(1))
        value = self._returning.pop(number, None)
        notes = self.encoder.notes
        if notes and self.path[-1] == CAUGHT:
            (_, kind), (_, _, trace) = notes[-1]
            if kind == "unwind" and trace is not None and id(trace.tb_frame) == number:
                return
        if self.live:
            self.say("leave", site, value)

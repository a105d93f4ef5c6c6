"""Owns holding Ctrl+C back while something must not be left half done."""

from __future__ import annotations

# The C module below `signal`: that one's functions are Python with enums, which a program may be stepping through.
import _signal  # type: ignore[import-not-found]
from types import FrameType, TracebackType
from typing import Any


class HeldInterrupts:
    """In a `with` block of the main thread, SIGINT waits for the block's end. Elsewhere nothing is done: only the main
    thread is ever interrupted.

    Masking the signal for the thread would not do: a kernel has other threads, one of which would take it, and Python
    then interrupts the main thread all the same (`signal` module, "Signals and threads").
    """

    __slots__ = ("_before", "_waiting")

    def __enter__(self) -> None:
        self._waiting = False
        self._before: Any = None
        before = _signal.getsignal(_signal.SIGINT)
        if before is None or before == _signal.SIG_IGN:  # None: not Python's, and could not be put back
            return
        try:
            _signal.signal(_signal.SIGINT, self._note)
        except ValueError:  # not the main thread
            return
        self._before = before

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self._waiting = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._before is None:
            return
        _signal.signal(_signal.SIGINT, self._before)
        if self._waiting:
            _signal.raise_signal(_signal.SIGINT)

"""Owns the recorder's picture of the call stack: which frame an event belongs to, which are suspended.

Hooks carry no frame, only their op's unit; generators and coroutines also carry a token. So the stack is brought in
line with each event: frames left without a hook of their own (a lambda that raised, a generator that gave way inside
`yield from`) are taken off when an event of a frame below them arrives.
"""

from __future__ import annotations

from collections.abc import Callable

from .events import FRAME_ACTIVE, FRAME_FINISHED, FRAME_SUSPENDED
from .writer import Frame


class CallStack:
    """`vanished` is called with each frame that turns out to be gone (lambdas) or suspended (generators)."""

    def __init__(self, vanished: Callable[[Frame], None]) -> None:
        self.frames: list[Frame] = []
        self.suspended: dict[int, Frame] = {}
        self.entered = 0
        self._last_suspended = 0
        self._vanished = vanished

    @property
    def top(self) -> Frame | None:
        return self.frames[-1] if self.frames else None

    def push(self, unit: int, token: int = 0) -> Frame:
        frame = Frame(self.entered, unit, token=token)
        self.entered += 1
        if self.frames and self.frames[0].status == FRAME_FINISHED:
            self.frames.clear()
        self.frames.append(frame)
        return frame

    def pop(self) -> None:
        """The top frame is left for good. The bottom one stays, finished, for the last picture."""
        if len(self.frames) == 1:
            self.frames[0].status = FRAME_FINISHED
        elif self.frames:
            self.frames.pop()

    def align(self, unit: int) -> Frame | None:
        """The frame an event of `unit` belongs to, made the top; None if no such frame is on the stack."""
        frames = self.frames
        if frames and frames[-1].unit == unit:
            return frames[-1]
        for depth in range(len(frames) - 1, -1, -1):
            if frames[depth].unit == unit:
                self._drop_above(depth)
                return frames[depth]
        return None

    def align_token(self, token: int, unit: int) -> Frame | None:
        """Like `align`, for a frame that has a token. A suspended one is put back on top."""
        for depth in range(len(self.frames) - 1, -1, -1):
            if self.frames[depth].token == token and self.frames[depth].unit == unit:
                self._drop_above(depth)
                return self.frames[depth]
        return None

    def _drop_above(self, depth: int) -> None:
        while len(self.frames) > depth + 1:
            frame = self.frames[-1]
            self._vanished(frame)
            self.frames.pop()
            if frame.token:  # it gave way without a word: it waits for the one that did
                frame.delegate = self._last_suspended
                self.suspend(frame)

    def suspend(self, frame: Frame) -> None:
        frame.status = FRAME_SUSPENDED
        self.suspended[frame.token] = frame
        self._last_suspended = frame.token

    def delegating(self, token: int) -> list[Frame]:
        """The suspended frames that wait for `token` in `yield from`, outermost first."""
        chain: list[Frame] = []
        while waiting := [frame for frame in self.suspended.values() if frame.delegate == token]:
            chain.insert(0, waiting[0])
            token = waiting[0].token
        return chain

    def resume(self, token: int, unit: int) -> Frame | None:
        """Put a suspended frame on top of the stack; None if it is not known as suspended."""
        frame = self.suspended.get(token)
        if frame is None or frame.unit != unit:
            return None
        del self.suspended[token]
        frame.status = FRAME_ACTIVE
        frame.delegate = 0
        self.frames.append(frame)
        return frame

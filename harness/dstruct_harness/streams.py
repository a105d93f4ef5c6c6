"""Owns the program's stdout and stderr while it is recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TextIO

Write = Callable[[int, str], None]


class Stream:
    """The program's stdout or stderr: everything `print` needs of a text file, nothing kept but in the log."""

    encoding = "utf-8"
    errors = "strict"
    newlines = None
    closed = False

    def __init__(self, write: Write, stream: int) -> None:
        self._write = write
        self._stream = stream

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._write(self._stream, text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def fileno(self) -> int:
        raise OSError("the program's output is recorded: it has no file descriptor")


def streams(write: Write) -> tuple[TextIO, TextIO]:
    """stdout and stderr for a run."""
    return Stream(write, 0), Stream(write, 1)  # type: ignore[return-value]

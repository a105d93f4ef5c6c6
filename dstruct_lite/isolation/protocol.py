"""Owns how kernel and child speak: messages of a kind and some bytes, over a pipe each way.

The kernel trusts nothing that comes back, because the learner's program runs at the other end: what the child sends
is bytes of the log, which every reader checks, and JSON. What goes in is pickled.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

HEAD: Final = struct.Struct("<cQ")

READY: Final = b"R"
"""Everything went in; the program starts now."""
REFUSED: Final = b"X"
"""A name could not be made again: JSON `{"name", "reason"}`. The child waits for another request."""
CHUNK: Final = b"C"
"""A chunk of the log."""
END: Final = b"E"
"""The program has ended: JSON, the fields of `ExecutionResult` but for its log and value."""
BROKEN: Final = b"B"
"""The program has ended and the result cannot be told: JSON `{"stopReason", "error"}`."""

_KINDS: Final = frozenset((READY, REFUSED, CHUNK, END, BROKEN))
_LARGEST: Final = 256 * 1024 * 1024


class GarbledError(Exception):
    """What came over the pipe is no message."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the child: its kind and what it carries."""

    kind: bytes
    data: bytes


def pack(kind: bytes, data: bytes) -> bytes:
    """A message as bytes."""
    return HEAD.pack(kind, len(data)) + data


def messages(read: Callable[[int], bytes]) -> Iterator[Message]:
    """The whole messages of a stream; one that was cut off by the child's death is left out.

    Args:
        read: gives at most so many bytes, and none at the end of the stream.

    Raises:
        GarbledError: the program wrote into the stream.
    """
    while True:
        head = exactly(read, HEAD.size)
        if head is None:
            return
        kind, size = HEAD.unpack(head)
        if kind not in _KINDS or size > _LARGEST:
            raise GarbledError
        data = exactly(read, size)
        if data is None:
            return
        yield Message(kind, data)


def exactly(read: Callable[[int], bytes], size: int) -> bytes | None:
    """`size` bytes, or None if the stream ends before."""
    parts: list[bytes] = []
    while size:
        part = read(min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)

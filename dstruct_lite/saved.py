"""Owns how much of a log a saved notebook keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

#: Bytes of chunks that one widget may leave in a notebook. As base64, which is what a notebook holds, they are 2 MB.
SAVED_BYTES: Final = 1_500_000


def chunks_to_save(chunks: Sequence[bytes], limit: int = SAVED_BYTES) -> list[bytes]:
    """All chunks of a log where they fit into `limit` bytes, else those of its beginning that do."""
    kept: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            break
        kept.append(chunk)
    return kept

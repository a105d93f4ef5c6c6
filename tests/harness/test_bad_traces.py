"""Damaged and hostile traces: a clear TraceError, or a trace that reads; never another exception."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path

import pytest
from dstruct_harness import Timeline, TraceError
from dstruct_harness.chunks import HEADER

GOLDEN = Path(__file__).parent.parent / "golden"
TRACE = (GOLDEN / "containers.trace").read_bytes()


def read_everything(data: bytes) -> None:
    timeline = Timeline(data)
    for step in {0, timeline.steps // 2, timeline.steps}:
        timeline.state(step)
    for _ in timeline.events():
        pass


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"DSTL", "header is incomplete"),
        (b"nope" + TRACE[4:], "not a dstruct trace"),
        (TRACE[:4] + b"\x63" + TRACE[5:], "format version 99"),
        (TRACE[:-3], "cut off"),
        (TRACE[:-3] + b"abc", "checksum"),
        (TRACE + TRACE, "out of order"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, message: str) -> None:
    with pytest.raises(TraceError, match=message):
        Timeline(data)


def mutated(number: int) -> bytes:
    """A trace with something changed *inside* its checksum: header numbers, meta or the inflated body."""
    rng = random.Random(number)
    fields = list(HEADER.unpack_from(TRACE))
    meta = bytearray(TRACE[HEADER.size : HEADER.size + fields[7]])
    body = bytearray(zlib.decompress(TRACE[HEADER.size + fields[7] : HEADER.size + fields[7] + fields[8]]))
    target = rng.choice([meta, body, body, body])
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(target))
        kind = rng.randrange(3)
        if kind == 0:
            target[place] = rng.randrange(256)
        elif kind == 1:
            del target[place : place + rng.randint(1, 8)]
        else:
            target[place:place] = struct.pack("<i", rng.choice([0, -1, 2**31 - 1, -(2**31), 7]))
    stored = zlib.compress(bytes(body))
    fields[6] = fields[6] if rng.random() < 0.9 else rng.randrange(2**32)
    fields[7], fields[8], fields[9] = len(meta), len(stored), len(body)
    fields[10] = zlib.crc32(stored, zlib.crc32(bytes(meta)))
    return HEADER.pack(*fields) + bytes(meta) + stored


def check(number: int) -> bool:
    try:
        read_everything(mutated(number))
    except TraceError:
        return True
    return False


def test_mutations_are_refused_or_read() -> None:
    refused = sum(check(number) for number in range(1_500))
    assert refused > 300


@pytest.mark.slow
def test_a_hundred_thousand_mutations() -> None:
    assert sum(check(number) for number in range(100_000)) > 10_000


def test_a_decompression_bomb_is_refused() -> None:
    fields = list(HEADER.unpack_from(TRACE))
    fields[9] = 1 << 31
    with pytest.raises(TraceError, match="would unpack to"):
        Timeline(HEADER.pack(*fields) + TRACE[HEADER.size :])

"""Owns the corpus of bad traces: valid ones cut, flipped, reordered and edited, and files that were never one.

pytest imports `cases`; vitest runs this file and reads the same bytes from its stdout:

    python tests/hostile/corpus.py COUNT    # COUNT made at random besides the fixed ones

Standard library only, and none of our own code: of the format it knows the header and that bodies are zlib,
so that it outlives what is inside. Every case follows from its number.
"""

from __future__ import annotations

import json
import random
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent.parent / "golden"

#: magic, version, flags, reserved, index, firstStep, steps, metaSize, bodySize, rawSize, crc
HEADER = struct.Struct("<4sBBHIIIIIII")
NUMBERS = ("version", "flags", "reserved", "index", "first_step", "steps")
DEFLATED = 1
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Case:
    """A file to be read. `refused`: whether a reader must refuse it; otherwise it may also turn out to be readable."""

    name: str
    data: bytes
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk taken apart; `pack` makes sizes and checksum fit again unless they are given."""

    version: int
    flags: int
    reserved: int
    index: int
    first_step: int
    steps: int
    meta: bytes
    body: bytes
    raw_size: int

    def pack(self) -> bytes:
        crc = zlib.crc32(self.body, zlib.crc32(self.meta))
        numbers = (self.version, self.flags, self.reserved, self.index, self.first_step, self.steps)
        sizes = (len(self.meta), len(self.body), self.raw_size)
        return HEADER.pack(b"DSTL", *numbers, *sizes, crc) + self.meta + self.body

    def inflated(self) -> bytes:
        return zlib.decompress(self.body) if self.flags & DEFLATED else self.body

    def with_raw(self, raw: bytes) -> Chunk:
        body = zlib.compress(raw, 1) if self.flags & DEFLATED else raw
        return replace(self, body=body, raw_size=len(raw))


def split(trace: bytes) -> list[Chunk]:
    """The chunks of a valid trace."""
    chunks, at = [], 0
    while at < len(trace):
        _, version, flags, reserved, index, first, steps, meta, body, raw, _ = HEADER.unpack_from(trace, at)
        at += HEADER.size
        parts = trace[at : at + meta], trace[at + meta : at + meta + body]
        chunks.append(Chunk(version, flags, reserved, index, first, steps, *parts, raw))
        at += meta + body
    return chunks


def join(chunks: list[Chunk]) -> bytes:
    return b"".join(chunk.pack() for chunk in chunks)


# --- values that a reader should not trust ---

HUGE: tuple[int, ...] = (0, 1, 2, 7, 2**15, 2**31 - 1, 2**31, 2**32 - 1)

JSON_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1, 3, 2**31, 2**53 + 1, -(2**63), 10**30, 0.5, -0.0, 1e308,
    "", "x", "line", "list", "__proto__", "constructor", "toString", "\ud800", "\u202e", "\0",
    "<img src=x onerror=alert(1)>",
    [], [[]], [0] * 9, {}, {"__proto__": []}, {"unit": -5, "names": [10**9]}, "A" * 70_000, [None] * 5_000,
)  # fmt: skip

#: Texts that stand where a JSON value stood; json.dumps would not write them.
JSON_TEXTS: tuple[str, ...] = (
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5_000, "[" * 100_000 + "]" * 100_000,
    '{"a":' * 5_000 + "1" + "}" * 5_000, "undefined", "", "'x'",
    '"\\uZZZZ"', '"\x01"', "01", "\ufeff1", "1,1", "/*x*/1",
)  # fmt: skip

_MARK = "\x7fhere\x7f"


def edit_json(value: Any, rng: random.Random) -> str:
    """The JSON text of `value` with something changed at a random place in it."""
    spot = value
    for _ in range(rng.randint(0, 6)):
        inner = [key for key in _keys(spot) if isinstance(spot[key], list | dict)]
        if not inner or rng.random() < 0.15:
            break
        spot = spot[rng.choice(inner)]
    keys = _keys(spot)
    if not keys:
        return rng.choice(JSON_TEXTS)
    key = rng.choice(keys)
    text: str | None = None
    kind = rng.randrange(6)
    if kind == 0:
        del spot[key]
    elif kind == 1 and isinstance(spot, list):
        spot.insert(key, spot[rng.choice(keys)])
    elif kind == 2:
        other = rng.choice(keys)
        spot[key], spot[other] = spot[other], spot[key]
    elif kind == 3:
        text, spot[key] = rng.choice(JSON_TEXTS), _MARK
    elif kind == 4 and type(spot[key]) is int:
        spot[key] += rng.choice((-1, 1, 2, -1000, 1 << 20, 1 << 31, -(1 << 33)))
    else:
        spot[key] = rng.choice(JSON_VALUES)
    written = json.dumps(value)
    return written if text is None else written.replace(json.dumps(_MARK), text)


def _keys(value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else list(range(len(value)))


# --- one way each to make a valid trace bad ---


def truncated(trace: bytes, rng: random.Random) -> Case:
    chunks = split(trace)
    ends = {0}
    for chunk in chunks:
        ends.add(max(ends) + HEADER.size + len(chunk.meta) + len(chunk.body))
    size = rng.choice([rng.randrange(len(trace)), rng.randrange(HEADER.size), len(trace) - 1])
    return Case("truncated", trace[:size], size not in ends or size == 0)


def flipped(trace: bytes, rng: random.Random) -> Case:
    """One bit, under the old checksum."""
    data = bytearray(trace)
    place = rng.randrange(len(data))
    data[place] ^= 1 << rng.randrange(8)
    chunks, at = split(trace), 0
    for chunk in chunks:
        covered = at + HEADER.size + len(chunk.meta) + len(chunk.body)
        if at <= place < covered:
            return Case("flipped", bytes(data), place >= at + HEADER.size or place < at + 4)
        at = covered
    raise AssertionError("the place lies in no chunk")


def rearranged(trace: bytes, rng: random.Random) -> Case:
    """Chunks doubled, dropped, swapped, or of another trace. The numbers in their headers give them away."""
    chunks = split(trace)
    kind = rng.randrange(4)
    if kind == 0 or len(chunks) < 2:
        place = rng.randrange(len(chunks))
        return Case("doubled", join([*chunks[: place + 1], *chunks[place:]]), True)
    if kind == 1:
        place = rng.randrange(len(chunks) - 1)
        return Case("dropped", join(chunks[:place] + chunks[place + 1 :]), True)
    if kind == 2:
        place = rng.randrange(len(chunks) - 1)
        chunks[place], chunks[place + 1] = chunks[place + 1], chunks[place]
        return Case("swapped", join(chunks), True)
    other = split(_trace(rng))
    return Case("foreign", join([chunks[0], *other[1:]]))


def renumbered(trace: bytes, rng: random.Random) -> Case:
    chunks = split(trace)
    place = rng.randrange(len(chunks))
    name = rng.choice(NUMBERS)
    most = {"version": 255, "flags": 255, "reserved": 65_535}.get(name, 2**32 - 1)
    value = min(most, max(0, rng.choice((*HUGE, getattr(chunks[place], name) + rng.choice((-1, 1))))))
    changed = value != getattr(chunks[place], name)
    chunks[place] = replace(chunks[place], **{name: value})
    known = name in ("version", "index", "first_step") and changed
    return Case(f"header {name}", join(chunks), known)


def resized(trace: bytes, rng: random.Random) -> Case:
    """Sizes that lie, in a header whose checksum fits the bytes that are there."""
    chunks = split(trace)
    chunk = rng.choice(chunks)
    at = len(join(chunks[: chunk.index]))
    data = bytearray(trace)
    field = rng.choice((20, 24, 28))
    (old,) = struct.unpack_from("<I", data, at + field)
    value = rng.choice((*HUGE, old + 1, max(0, old - 1), 64 * MEBIBYTE, 64 * MEBIBYTE + 1))
    struct.pack_into("<I", data, at + field, value)
    end = at + HEADER.size + sum(struct.unpack_from("<II", data, at + 20))
    if end <= len(data):
        struct.pack_into("<I", data, at + 32, zlib.crc32(data[at + HEADER.size : end]))
    return Case("size", bytes(data), value != old)


def meta_edited(trace: bytes, rng: random.Random) -> Case:
    chunks = split(trace)
    place = rng.choice((0, rng.randrange(len(chunks))))
    text = edit_json(json.loads(chunks[place].meta), rng)
    chunks[place] = replace(chunks[place], meta=text.encode("utf-8", "surrogatepass"))
    return Case("meta", join(chunks))


def meta_garbled(trace: bytes, rng: random.Random) -> Case:
    chunks = split(trace)
    meta = _garbled(chunks[0].meta, rng)
    chunks[0] = replace(chunks[0], meta=meta)
    return Case("meta bytes", join(chunks))


def body_garbled(trace: bytes, rng: random.Random) -> Case:
    chunks = split(trace)
    place = rng.randrange(len(chunks))
    chunks[place] = chunks[place].with_raw(_garbled(chunks[place].inflated(), rng))
    return Case("body", join(chunks))


def body_damaged(trace: bytes, rng: random.Random) -> Case:
    """The deflated bytes themselves, under a checksum that fits."""
    chunks = split(trace)
    place = rng.randrange(len(chunks))
    body = _garbled(chunks[place].body, rng)
    chunks[place] = replace(chunks[place], body=body)
    return Case("deflated", join(chunks))


def atoms_edited(trace: bytes, rng: random.Random) -> Case:
    """The JSON at the beginning of a body."""
    chunks = split(trace)
    place = rng.randrange(len(chunks))
    raw = chunks[place].inflated()
    (size,) = struct.unpack_from("<I", raw)
    text = edit_json(json.loads(raw[4 : 4 + size]), rng).encode("utf-8", "surrogatepass")
    chunks[place] = chunks[place].with_raw(struct.pack("<I", len(text)) + text + raw[4 + size :])
    return Case("atoms", join(chunks))


def _garbled(data: bytes, rng: random.Random) -> bytes:
    """Bytes replaced, removed, put in: at random, and as numbers that a length or a count might be."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(made) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            made[place : place + 1] = rng.randbytes(1)
        elif kind == 1:
            del made[place : place + rng.randint(1, 8)]
        elif kind == 2:
            made[place : place + 4] = struct.pack("<i", rng.choice((0, -1, 2**31 - 1, -(2**31), 7)))
        elif kind == 3:
            made[place:place] = made[place : place + rng.randint(1, 64)]
        else:
            # What a short way to write many numbers might look like.
            made[place : place + 9] = struct.pack("<BIi", rng.choice((0x20, 0x81, 1)), 2**31 - 1, 5)
    return bytes(made)


WAYS: tuple[Callable[[bytes, random.Random], Case], ...] = (
    truncated, flipped, rearranged, renumbered, resized, meta_edited, meta_edited, meta_edited, meta_garbled,
    body_garbled, body_garbled, body_garbled, body_damaged, atoms_edited, atoms_edited,
)  # fmt: skip


def _trace(rng: random.Random) -> bytes:
    return rng.choice(_traces())


def _traces() -> list[bytes]:
    return [path.read_bytes() for path in sorted(GOLDEN.glob("*.trace"))]


# --- and what was never a trace ---


def fixed() -> Iterator[Case]:
    """The cases that chance would not find."""
    strangers = {
        "nothing": b"",
        "one byte": b"D",
        "magic alone": b"DSTL",
        "zeros": bytes(4096),
        "html": b"<!doctype html><script>alert(1)</script>" * 9,
        "json": json.dumps({"schema": 1, "trace": "x" * 99}).encode(),
        "gzip": b"\x1f\x8b\x08\x00" + bytes(64),
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
        "text": "Привет, мир\n".encode() * 9,
        "ones": b"\xff" * 4096,
    }
    yield from (Case(f"stranger: {name}", data, True) for name, data in strangers.items())
    chunk = split(_traces()[0])[0]
    bomb = zlib.compress(bytes(256 * MEBIBYTE), 9)
    yield Case("bomb: declared", replace(chunk, body=bomb, raw_size=256 * MEBIBYTE).pack(), True)
    yield Case("bomb: undeclared", replace(chunk, body=bomb).pack(), True)
    whole = zlib.compress(bytes(64 * MEBIBYTE), 9)
    yield Case("bomb: as large as may be", replace(chunk, body=whole, raw_size=64 * MEBIBYTE).pack(), True)
    for text in JSON_TEXTS:
        meta = f'{{"names": {text}}}'.encode()
        yield Case(f"meta: names {text[:12]!r}", replace(chunk, meta=meta).pack(), True)
    yield Case("meta: no object", replace(chunk, meta=b"[]").pack(), True)
    yield Case("meta: not UTF-8", replace(chunk, meta=b'{"names": ["\xff"]}').pack(), True)


def cases(count: int, first: int = 0) -> Iterator[Case]:
    """The fixed cases and `count` random ones, numbered from `first`."""
    yield from fixed()
    traces = _traces()
    for number in range(first, first + count):
        rng = random.Random(number)
        case = rng.choice(WAYS)(rng.choice(traces), rng)
        yield replace(case, name=f"{number}: {case.name}")


def main(count: int) -> None:
    """Write the cases to stdout: for each u8 refused, u32 size of name, u32 size of data, name, data."""
    for case in cases(count):
        name = case.name.encode("utf-8", "backslashreplace")
        sys.stdout.buffer.write(
            struct.pack("<BII", case.refused, len(name), len(case.data)) + name + case.data
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))

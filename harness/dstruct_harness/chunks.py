"""Owns the bytes of a chunk: header, columns and checksum, in both directions. Knows nothing of events.

docs/trace-format.md describes the layout. `Column` here is a plain list of integers; packing picks the narrowest
width and delta-codes where that is narrower or as narrow, because regular loops then deflate to almost nothing.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import sub
from typing import Any, Final

from .events import FORMAT_VERSION

MAGIC: Final = b"DSTL"
HEADER: Final = struct.Struct("<4sBBHIIIIIII")
DEFLATED: Final = 1
MAX_RAW: Final = 64 * 1024 * 1024
"""Largest inflated body, in bytes: refuses decompression bombs."""

_WIDTHS: Final = ((1, "b", 1 << 7), (2, "h", 1 << 15), (4, "i", 1 << 31))
_TYPECODES: Final = {1: "b", 2: "h", 4: "i"}


class TraceError(ValueError):
    """The bytes are not a trace this version can read; the message says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Header:
    """The fixed part of a chunk. Sizes in bytes, steps in stops."""

    index: int
    first_step: int
    steps: int
    meta_size: int
    body_size: int
    raw_size: int
    deflated: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk as read: header, meta (parsed JSON object) and the body as stored."""

    header: Header
    meta: dict[str, Any]
    body: bytes


def _narrowest(low: int, high: int) -> tuple[int, str]:
    for width, code, bound in _WIDTHS:
        if -bound <= low and high < bound:
            return width, code
    raise OverflowError(f"column value out of 32 bits: {low}..{high}")


def _little(values: array[int]) -> bytes:
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()


def pack_column(values: Sequence[int]) -> bytes:
    """One column as bytes. Raises OverflowError when a value needs more than 32 bits."""
    count = len(values)
    if count == 0:
        return b"\x01\x00\x00\x00\x00"
    width, code = _narrowest(min(values), max(values))
    if count > 2:
        deltas = list(map(sub, values[1:], values[:-1]))
        try:
            narrow, delta_code = _narrowest(min(deltas), max(deltas))
        except OverflowError:
            narrow = 8
        if narrow <= width:
            return struct.pack("<BIi", narrow | 0x80, count, values[0]) + _little(array(delta_code, deltas))
    return struct.pack("<BI", width, count) + _little(array(code, values))


def pack_chunk(index: int, first_step: int, steps: int, meta: dict[str, Any], body: bytes) -> bytes:
    """A whole chunk: header, meta as ASCII JSON, body deflated."""
    meta_bytes = json.dumps(meta, separators=(",", ":")).encode("ascii") if meta else b"{}"
    stored = zlib.compress(body, 1)
    crc = zlib.crc32(stored, zlib.crc32(meta_bytes))
    header = HEADER.pack(
        MAGIC,
        FORMAT_VERSION,
        DEFLATED,
        0,
        index,
        first_step,
        steps,
        len(meta_bytes),
        len(stored),
        len(body),
        crc,
    )
    return header + meta_bytes + stored


def read_chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks of `data`, one after the other, checked.

    Raises:
        TraceError: at the first chunk that is truncated, damaged, out of order or of another version.
    """
    offset = 0
    index = 0
    first_step = 0
    while offset < len(data):
        chunk, offset = _read_chunk(data, offset, index, first_step)
        yield chunk
        index += 1
        first_step += chunk.header.steps


def _read_chunk(data: bytes, offset: int, index: int, first_step: int) -> tuple[Chunk, int]:
    where = f"chunk {index}"
    if len(data) - offset < HEADER.size:
        raise TraceError(f"{where} is cut off: its header is incomplete")
    magic, version, flags, _, number, first, steps, meta_size, body_size, raw_size, crc = HEADER.unpack_from(
        data, offset
    )
    if magic != MAGIC:
        raise TraceError(f"{where} does not begin with {MAGIC.decode()}: this is not a dstruct trace")
    if version != FORMAT_VERSION:
        raise TraceError(f"{where} has format version {version}; this reader knows version {FORMAT_VERSION}")
    if flags & ~DEFLATED:
        raise TraceError(f"{where} has unknown flags {flags:#x}")
    if number != index or first != first_step:
        raise TraceError(f"{where} is out of order (numbered {number}, first step {first})")
    if raw_size > MAX_RAW:
        raise TraceError(f"{where} would unpack to {raw_size} bytes, more than the {MAX_RAW} allowed")
    start = offset + HEADER.size
    end = start + meta_size + body_size
    if end > len(data):
        raise TraceError(f"{where} is cut off: {end - len(data)} bytes are missing")
    if zlib.crc32(data[start:end]) != crc:
        raise TraceError(f"{where} is damaged: its checksum does not match")
    try:
        meta = json.loads(data[start : start + meta_size])
    except (ValueError, RecursionError) as error:
        raise TraceError(f"{where} has unreadable meta: {error}") from None
    if not isinstance(meta, dict):
        raise TraceError(f"{where} has meta that is not an object")
    header = Header(number, first, steps, meta_size, body_size, raw_size, bool(flags & DEFLATED))
    return Chunk(header, meta, data[start + meta_size : end]), end


def inflate(chunk: Chunk) -> bytes:
    """The body, inflated to exactly the size its header says. Raises TraceError otherwise."""
    header = chunk.header
    if not header.deflated:
        raw = chunk.body
    else:
        unpacker = zlib.decompressobj()
        try:
            raw = unpacker.decompress(chunk.body, header.raw_size + 1)
        except zlib.error as error:
            raise TraceError(f"chunk {header.index} cannot be inflated: {error}") from None
    if len(raw) != header.raw_size:
        raise TraceError(f"chunk {header.index} inflates to another size than its header says")
    return raw


class Cursor:
    """Reads atoms and columns off an inflated body, front to back, refusing to run over its end."""

    def __init__(self, raw: bytes, index: int) -> None:
        self._raw = raw
        self._at = 0
        self._where = f"chunk {index}"

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if size < 0 or end > len(self._raw):
            raise TraceError(f"{self._where} is inconsistent: its body ends too early")
        piece = self._raw[self._at : end]
        self._at = end
        return piece

    def atoms(self) -> list[list[Any]]:
        (size,) = struct.unpack("<I", self._take(4))
        try:
            atoms = json.loads(self._take(size))
        except (ValueError, RecursionError) as error:
            raise TraceError(f"{self._where} has unreadable atoms: {error}") from None
        if not isinstance(atoms, list) or not all(
            isinstance(a, list) and a and isinstance(a[0], str) for a in atoms
        ):
            raise TraceError(f"{self._where} has atoms of another form")
        return atoms

    def column(self) -> list[int]:
        kind, count = struct.unpack("<BI", self._take(5))
        width = kind & 0x7F
        code = _TYPECODES.get(width)
        if code is None:
            raise TraceError(f"{self._where} has a column of unknown width {width}")
        if not kind & 0x80 or count == 0:
            return self._integers(code, width, count)
        (value,) = struct.unpack("<i", self._take(4))
        values = [value]
        for delta in self._integers(code, width, count - 1):
            value += delta
            values.append(value)
        if max(values) >= 1 << 31 or min(values) < -(1 << 31):
            raise TraceError(f"{self._where} has a column that leaves 32 bits")
        return values

    def _integers(self, code: str, width: int, count: int) -> list[int]:
        values: array[int] = array(code)
        values.frombytes(self._take(width * count))
        if sys.byteorder == "big":
            values.byteswap()
        return values.tolist()

    def end(self) -> None:
        if self._at != len(self._raw):
            raise TraceError(
                f"{self._where} is inconsistent: {len(self._raw) - self._at} bytes are left over"
            )

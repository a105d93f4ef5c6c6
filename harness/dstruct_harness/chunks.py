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
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from .events import (
    FALSE,
    FORM_BOOLEANS,
    FORM_DELTA,
    FORM_FLOATS,
    FORM_INTEGERS,
    FORM_LARGE,
    FORM_RUN,
    FORMAT_VERSION,
    LARGEST,
    SMALL_INT,
    TAG_ATOM,
    TRUE,
)

MAGIC: Final = b"DSTL"
HEADER: Final = struct.Struct("<4sBBHIIIIIII")
DEFLATED: Final = 1
KEYFRAME: Final = 2
MAX_RAW: Final = 64 * 1024 * 1024
"""Largest inflated body, in bytes: refuses decompression bombs."""

MAX_RUN: Final = 1 << 24
"""Most values that a column of equal values may stand for: refuses another kind of bomb."""
_TYPECODES: Final = {1: "b", 2: "h", 4: "i", 8: "q"}
_SIGNS: Final = bytes(128) + b"\xff" * 128


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
    keyframe: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk as read: header, meta (parsed JSON object) and the body as stored."""

    header: Header
    meta: dict[str, Any]
    body: bytes


def pack_chunk(
    index: int, first_step: int, steps: int, meta: dict[str, Any], body: bytes, *, keyframe: bool
) -> bytes:
    """One chunk as bytes."""
    meta_bytes = json.dumps(meta, separators=(",", ":")).encode("ascii") if meta else b"{}"
    stored = zlib.compress(body, 1)
    crc = zlib.crc32(stored, zlib.crc32(meta_bytes))
    flags = DEFLATED | (KEYFRAME if keyframe else 0)
    sizes = (len(meta_bytes), len(stored), len(body), crc)
    return (
        HEADER.pack(MAGIC, FORMAT_VERSION, flags, 0, index, first_step, steps, *sizes) + meta_bytes + stored
    )


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
    if flags & ~(DEFLATED | KEYFRAME):
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
    if index == 0 and not flags & KEYFRAME:
        raise TraceError("chunk 0 does not begin with a keyframe")
    header = Header(
        number, first, steps, meta_size, body_size, raw_size, bool(flags & DEFLATED), bool(flags & KEYFRAME)
    )
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

    def number(self) -> int:
        """An unsigned 32-bit integer."""
        return int(struct.unpack("<I", self._take(4))[0])

    def column(self, atoms: list[list[Any]] | None = None) -> list[int]:
        """A column of integers, or of values where `atoms` is given: floats are put there."""
        form, count = struct.unpack("<BI", self._take(5))
        if form == FORM_RUN:
            return self._run(count)
        if atoms is not None and form == FORM_FLOATS:
            return self._floats(count, atoms)
        if atoms is not None and form == FORM_BOOLEANS:
            flags = self._take(count)
            if flags.translate(None, b"\0\1"):
                raise TraceError(f"{self._where} has a truth value that is neither")
            return [TRUE if flag else FALSE for flag in flags]
        if atoms is not None and form & ~FORM_DELTA == FORM_LARGE:
            return self._large(form, count, atoms)
        width, shift = form & 0x3F, 2 if form & FORM_INTEGERS else 0
        if not 1 <= width <= 4 or (shift and atoms is None):
            raise TraceError(f"{self._where} has a column of unknown form {form:#x}")
        if not form & FORM_DELTA or count == 0:
            values = self._integers(width, count)
        else:
            (first,) = struct.unpack("<i", self._take(4))
            values = list(accumulate(self._integers(width, count - 1), initial=first))
        if values and (max(values) << shift >= 1 << 31 or min(values) << shift < -(1 << 31)):
            raise TraceError(f"{self._where} has a column that leaves 32 bits")
        return [value << 2 for value in values] if shift else values

    def _run(self, count: int) -> list[int]:
        if count == 0:
            return []
        if count > MAX_RUN:
            raise TraceError(
                f"{self._where} has a column of {count} equal values, more than the {MAX_RUN} allowed"
            )
        return list(struct.unpack("<i", self._take(4))) * count

    def _floats(self, count: int, atoms: list[list[Any]]) -> list[int]:
        values: array[float] = array("d")
        values.frombytes(self._take(8 * count))
        if sys.byteorder == "big":
            values.byteswap()
        start = len(atoms)
        atoms += [["float", float.__repr__(value)] for value in values]
        return [(start + i) << 2 | TAG_ATOM for i in range(count)]

    def _large(self, form: int, count: int, atoms: list[list[Any]]) -> list[int]:
        if form & FORM_DELTA and count:
            first, width = struct.unpack("<qB", self._take(9))
            if not 1 <= width <= 4:
                raise TraceError(f"{self._where} has a column of large integers of unknown form")
            values = list(accumulate(self._integers(width, count - 1), initial=first))
        else:
            values = self._integers(8, count)
        codes = []
        for value in values:
            if not -LARGEST <= value <= LARGEST:
                raise TraceError(f"{self._where} has a column that leaves 53 bits")
            if -SMALL_INT <= value < SMALL_INT:
                codes.append(value << 2)
            else:
                codes.append(len(atoms) << 2 | TAG_ATOM)
                atoms.append(["int", str(value)])
        return codes

    def _integers(self, width: int, count: int) -> list[int]:
        planes = self._take(width * count)
        if width == 3:  # its sign makes it four
            planes += planes[2 * count :].translate(_SIGNS)
            width = 4
        together = bytearray(width * count)
        for rank in range(width):
            together[rank::width] = planes[rank * count : (rank + 1) * count]
        values: array[int] = array(_TYPECODES[width])
        values.frombytes(together)
        if sys.byteorder == "big":
            values.byteswap()
        return values.tolist()

    def end(self) -> None:
        if self._at != len(self._raw):
            raise TraceError(
                f"{self._where} is inconsistent: {len(self._raw) - self._at} bytes are left over"
            )

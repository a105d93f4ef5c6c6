"""Owns how a column of numbers is written: the smallest form that holds it, found with calls that run at C speed.

A column's bytes are looked at by *plane*: all lowest bytes, then all second ones, and so on. Whether a number fits
fewer bytes is then a comparison of byte strings; and planes are how the log keeps them, since a compressor likes
bytes of one kind side by side.
"""

from __future__ import annotations

import struct
import sys
from array import array
from operator import sub
from typing import Any, Final

from .events import FORM_BOOLEANS, FORM_DELTA, FORM_FLOATS, FORM_LARGE, FORM_RUN, LARGEST

_HEAD: Final = struct.Struct("<BI")
_FIRST: Final = struct.Struct("<i")
_WIDE: Final = struct.Struct("<q")
_SIGNS: Final = bytes(128) + b"\xff" * 128
"""For each byte the one that its sign extends to."""
_LARGE: Final = bytes(range(0x20, 0xE0))
"""Highest bytes of numbers that are too large to be shifted by the two bits of a value's tag."""
_FAR: Final = bytes(range(0x40, 0xC0))
"""Highest bytes of numbers whose differences might leave 32 bits."""
_FEW: Final = 8
"""Differences of fewer values than this are not worth their while."""
assert array("i").itemsize == 4


def _repeated(pattern: bytes, times: int) -> int:
    return int.from_bytes(pattern * times, "little")


_PAIRS: Final = 1 << 13
_MASKS: Final = tuple(
    (_repeated(part, _PAIRS), part) for part in (b"\xff\xff\xff\xff\0\0\0\0", b"\0\0\0\0\1\0\0\0")
)
"""The lower number of each pair, and the bit above it: the long integers for so many pairs, and their pattern."""


def raw(values: list[int]) -> bytes:
    """Integers as signed 32-bit ones, one after the other. Raises OverflowError where one does not fit."""
    packed = array("i", values)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def fits_value(numbers: bytes) -> bool:
    """Whether all of `raw` integers are small enough to travel inside a value."""
    highest = numbers[3::4]
    return len(highest.translate(None, _LARGE)) == len(highest)


def pack(values: list[int], flag: int = 0) -> bytes:
    """A column of integers that fit 32 bits. `flag` is `FORM_INTEGERS` or 0."""
    return pack_raw(raw(values), flag)


def pack_raw(numbers: bytes, flag: int = 0) -> bytes:
    """A column of `raw` integers."""
    count = len(numbers) // 4
    if count == 0:
        return _HEAD.pack(1, 0)
    if numbers[4:] == numbers[:-4]:
        (value,) = _FIRST.unpack_from(numbers)
        return _HEAD.pack(FORM_RUN, count) + _FIRST.pack(value << 2 if flag else value)
    planes = _planes(numbers)
    width = len(planes)
    if width > 1 and count > _FEW and _near(planes):
        steps = _planes(_differences(numbers, count))
        if len(steps) < width or (len(steps) == width and steps[-1].isascii()):
            return _HEAD.pack(flag | FORM_DELTA | len(steps), count) + numbers[:4] + b"".join(steps)
    return _HEAD.pack(flag | width, count) + b"".join(planes)


def pack_floats(values: list[float]) -> bytes:
    packed = array("d", values)
    if sys.byteorder == "big":
        packed.byteswap()
    return _HEAD.pack(FORM_FLOATS, len(values)) + packed.tobytes()


def pack_large(values: list[int]) -> bytes | None:
    """A column of integers of which some are too large to travel inside a value; None where one is too large for this
    form, too.
    """
    if max(values) > LARGEST or min(values) < -LARGEST:
        return None
    steps = list(map(sub, values[1:], values))
    if len(steps) >= _FEW and min(steps) >= 0 and max(steps) < 1 << 31:
        planes = _planes(raw(steps))
        head = _HEAD.pack(FORM_LARGE | FORM_DELTA, len(values)) + _WIDE.pack(values[0])
        return head + bytes((len(planes),)) + b"".join(planes)
    packed = array("q", values)
    if sys.byteorder == "big":
        packed.byteswap()
    numbers = packed.tobytes()
    return _HEAD.pack(FORM_LARGE, len(values)) + b"".join(numbers[rank::8] for rank in range(8))


def pack_booleans(values: list[Any]) -> bytes:
    return _HEAD.pack(FORM_BOOLEANS, len(values)) + bytes(values)


def pack_path(codes: bytes | list[int]) -> bytes:
    """The path, as bytes where no code needs more: plain, since what repeats in it is left to the compressor."""
    if isinstance(codes, bytes) and codes.isascii():
        return _HEAD.pack(1, len(codes)) + codes
    planes = (codes, bytes(len(codes))) if isinstance(codes, bytes) else _planes(raw(codes))
    return _HEAD.pack(len(planes), len(codes)) + b"".join(planes)


def _planes(numbers: bytes) -> tuple[bytes, ...]:
    """The bytes of the numbers by rank: one to four planes, as many as it takes."""
    lowest, second, third, highest = (numbers[rank::4] for rank in range(4))
    if third == highest:
        if second == third and third == lowest.translate(_SIGNS):
            return (lowest,)
        if third == second.translate(_SIGNS):
            return (lowest, second)
    if highest == third.translate(_SIGNS):
        return (lowest, second, third)
    return (lowest, second, third, highest)


def _near(planes: tuple[bytes, ...]) -> bool:
    """Whether no two of the numbers are further apart than 32 bits can say."""
    return len(planes) < 4 or len(planes[3].translate(None, _FAR)) == len(planes[3])


def _differences(numbers: bytes, count: int) -> bytes:
    """The differences of neighbours, all at once: the column is one long integer.

    Every other number is subtracted from its neighbour with room for the borrow, so that none reaches the next pair.
    """
    pairs = (count + 1) // 2
    whole = int.from_bytes(numbers, "little")
    spare = 64 * (_PAIRS - pairs)
    mask, borrow = (many >> spare if spare >= 0 else _repeated(one, pairs) for many, one in _MASKS)
    even, odd = whole & mask, whole >> 32 & mask
    first = ((odd | borrow) - even) & mask
    second = ((even >> 64 | borrow) - odd) & mask
    return (first | second << 32).to_bytes(8 * pairs, "little")[: 4 * (count - 1)]


__all__ = ["fits_value", "pack", "pack_booleans", "pack_floats", "pack_large", "pack_path", "pack_raw", "raw"]

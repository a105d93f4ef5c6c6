"""Owns how a column of numbers is written: the smallest form that holds it, found with calls that run at C speed."""

from __future__ import annotations

import struct
import sys
from array import array
from operator import sub
from typing import Any, Final

from .events import FORM_BOOLEANS, FORM_DELTA, FORM_FLOATS, FORM_RUN

_LARGEST: Final = (1 << 31) - 1
_CODES: Final = ((1, "b", 1 << 7), (2, "h", 1 << 15), (4, "i", 1 << 31))
_HEAD: Final = struct.Struct("<BI")
_FIRST: Final = struct.Struct("<i")
assert array("i").itemsize == 4
assert array("h").itemsize == 2


def pack(values: list[int], flag: int = 0) -> bytes:
    """A column of integers that fit 32 bits, each and each difference. `flag` is `FORM_INTEGERS` or 0."""
    count = len(values)
    if count == 0:
        return _HEAD.pack(1, 0)
    low, high = min(values), max(values)
    if low == high:
        return _HEAD.pack(FORM_RUN, count) + _FIRST.pack(low << 2 if flag else low)
    if count > 8 and high - low <= _LARGEST:
        steps = list(map(sub, values[1:], values))
        least, most = min(steps), max(steps)
        width, code = _width(least, most)
        plain, _ = _width(low, high)
        if width < plain or (width == plain and least >= 0) or width == 1:
            return _HEAD.pack(flag | FORM_DELTA | width, count) + _FIRST.pack(values[0]) + _bytes(code, steps)
    width, code = _width(low, high)
    return _HEAD.pack(flag | width, count) + _bytes(code, values)


def pack_floats(values: list[float]) -> bytes:
    return _HEAD.pack(FORM_FLOATS, len(values)) + _bytes("d", values)


def pack_booleans(values: list[Any]) -> bytes:
    return _HEAD.pack(FORM_BOOLEANS, len(values)) + bytes(values)


def pack_path(codes: list[int], most: int) -> bytes:
    """The path: plain, since what repeats in it is left to the compressor."""
    width, code = _width(0, most)
    return _HEAD.pack(width, len(codes)) + _bytes(code, codes)


def _width(low: int, high: int) -> tuple[int, str]:
    for width, code, bound in _CODES:
        if -bound <= low and high < bound:
            return width, code
    raise OverflowError("a value of the log does not fit 32 bits")


def _bytes(code: str, values: list[Any]) -> bytes:
    packed = array(code, values)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


__all__ = ["pack", "pack_booleans", "pack_floats", "pack_path"]

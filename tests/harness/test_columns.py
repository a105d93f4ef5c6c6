"""Columns come back as they went in, whatever form they are written in, and the form is no larger than it must be."""

from __future__ import annotations

import struct

import pytest
from dstruct_harness.chunks import Cursor, TraceError
from dstruct_harness.columns import pack, pack_large, raw
from dstruct_harness.events import FORM_INTEGERS, LARGEST, SMALL_INT, TAG_ATOM
from hypothesis import given
from hypothesis import strategies as st

EDGES = [0, 1, -1, 127, 128, -128, -129, 1 << 15, 1 << 16, -(1 << 23), 1 << 23, (1 << 31) - 1, -(1 << 31)]
numbers = st.sampled_from(EDGES) | st.integers(-(1 << 31), (1 << 31) - 1)
large = st.sampled_from([0, SMALL_INT, -SMALL_INT - 1, LARGEST, -LARGEST]) | st.integers(-LARGEST, LARGEST)


def read(column: bytes, atoms: list[list[str]] | None = None) -> list[int]:
    cursor = Cursor(column, 0)
    values = cursor.column(atoms)
    cursor.end()
    return values


@given(st.lists(numbers) | st.lists(st.integers(-(1 << 22), 1 << 22), min_size=9))
def test_integers_come_back(values: list[int]) -> None:
    assert read(pack(values)) == values


@given(st.lists(st.integers(-SMALL_INT, SMALL_INT - 1)))
def test_small_integers_come_back_as_values(values: list[int]) -> None:
    assert read(pack(values, FORM_INTEGERS), []) == [value << 2 for value in values]


@given(st.lists(large, min_size=1) | st.lists(large, min_size=9).map(sorted))
def test_large_integers_come_back_as_atoms(values: list[int]) -> None:
    atoms: list[list[str]] = []
    column = pack_large(values)
    assert column is not None
    codes = read(column, atoms)
    found = [int(atoms[code >> 2][1]) if code & 3 == TAG_ATOM else code >> 2 for code in codes]
    assert found == values
    assert all(abs(int(atom[1])) >= SMALL_INT for atom in atoms)


def test_the_form_is_as_narrow_as_the_numbers() -> None:
    for planes, step in ((1, 100), (2, 30_000), (3, 8_000_000), (4, 10**9)):
        values = [step * (i % 3 - 1) for i in range(30)]
        assert len(pack(values)) == 5 + planes * 30
    growing = [SMALL_INT + 70_000 * i for i in range(30)]
    assert len(pack_large(growing) or b"") == 5 + 9 + 3 * 29
    assert len(raw([1, 2])) == 8


def test_too_large_for_any_form() -> None:
    assert pack_large([0] * 9 + [LARGEST + 1]) is None
    assert pack_large([0] * 9 + [-LARGEST - 1]) is None


@pytest.mark.parametrize(
    "column",
    [
        struct.pack("<BIq", 0x23, 1, LARGEST + 1),
        struct.pack("<BIqBB", 0xA3, 2, LARGEST, 1, 1),
        struct.pack("<BIqBB", 0xA3, 2, 5, 0, 1),
        struct.pack("<BIqB5s", 0xA3, 2, 5, 5, b"abcde"),
        struct.pack("<BIi", 0x23, 1, 7),
        struct.pack("<BIq", 0x63, 1, 7),
        struct.pack("<BI5s", 0x05, 1, b"abcde"),
    ],
)
def test_columns_of_another_form_are_refused(column: bytes) -> None:
    with pytest.raises(TraceError):
        read(column, [])


def test_large_integers_stand_only_where_values_do() -> None:
    with pytest.raises(TraceError, match="unknown form"):
        read(struct.pack("<BIq", 0x23, 1, 1 << 40))

"""Keyframes say what walking there says, by patches too; patches that are about nothing are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from textwrap import dedent
from typing import Any

import pytest
from dstruct_harness import Limits, recorder, safe_exec
from dstruct_harness.chunks import Chunk, Cursor, TraceError, inflate, pack_chunk, read_chunks
from dstruct_harness.columns import pack
from dstruct_harness.encoder import Encoder
from dstruct_harness.keyframes import LEAST
from dstruct_harness.timeline import State, Timeline

PROGRAMS = {
    "a large list with few changes": """
        a = list(range(500))
        for k in range(400):
            if k % 5 == 0:
                a[k] = -k
        """,
    "a list that grows, one that is replaced, one that is dropped": """
        grown, whole, gone = list(range(100)), [0] * 100, [1] * 100
        for k in range(300):
            grown[k % 50] = k
            if k % 20 == 0:
                grown.append(k)
                whole = [k] * 100
            if k == 150:
                gone = None
        """,
    "containers of every kind, unchanged and changed": """
        from array import array
        from collections import deque
        d = {k: k * 2 for k in range(100)}
        s, f = set(range(100)), frozenset(range(200))
        t, q = tuple(range(100)), deque(range(100))
        n, e = array("i", range(100)), {k: None for k in range(100)}
        w, m = [str(k) for k in range(100)], [k / 4 for k in range(100)]
        for k in range(250):
            n[k % 3] = k
            q[5] = k
            w[7] = str(k)
            m[8] = k / 8
            if k % 40 == 0:
                e[k] = d
                s.add(k * 3)
                q.popleft()
        """,
    "lists of lists, some of which change": """
        grid = [[0] * 80 for _ in range(6)]
        def touch(row, k):
            row[k % 80] += 1
            return row
        for k in range(200):
            touch(grid[k % 2], k)
            if k % 30 == 0:
                grid[5] = grid[4][:]
        """,
    "recursion": """
        seen = [0] * 100
        def fib(n):
            seen[n] += 1
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        fib(10)
        """,
}


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk every few codes, a keyframe every few steps."""

    def pad(self: recorder.Recorder) -> None:
        self._padding = recorder.TICK_CODES - 37
        self.path[:0] = recorder._PADDING[: self._padding]

    monkeypatch.setattr(recorder.Recorder, "_pad", pad)
    monkeypatch.setattr(Encoder, "wants_keyframe", lambda self: self.since_keyframe >= 50)


def record(source: str) -> bytes:
    result = safe_exec(dedent(source), limits=Limits(seconds=None))
    assert (result.stop_reason, result.recorder_error) == ("ok", None)
    return result.trace


def keyframes(trace: bytes) -> list[Chunk]:
    return [chunk for chunk in read_chunks(trace) if chunk.header.keyframe]


def objects(chunk: Chunk) -> list[int]:
    cursor = Cursor(inflate(chunk), 0)
    cursor.atoms()
    return [cursor.column() for _ in range(2)][1]


def unordered(state: State) -> State:
    """A state with the members of sets in an order of their own: a keyframe has them as they are iterated."""
    heap = {
        number: replace(one, items=tuple(sorted(one.items, key=repr))) if "set" in one.shape else one
        for number, one in state.heap.items()
    }
    return replace(state, heap=heap)


def without_keyframes(trace: bytes) -> Timeline:
    """The same trace, walked from its beginning."""
    timeline = Timeline(trace)
    del timeline._keyed[1:], timeline._keyed_steps[1:]
    events = timeline._events

    def pure(index: int, walker: Any) -> Iterator[Any]:
        if index == 0:
            return events(index, walker)
        body = timeline._body(index)
        body.patches.clear()
        return walker.events(body, timeline._output_before[index], keyframe=False)

    timeline._events = pure  # type: ignore[method-assign]
    return timeline


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("name", PROGRAMS)
def test_every_keyframe_says_what_walking_says(name: str) -> None:
    trace = record(PROGRAMS[name])
    timeline, walked = Timeline(trace), without_keyframes(trace)
    places = [chunk.header.first_step + 1 for chunk in keyframes(trace)]
    assert len(places) > 5
    for step in places:
        assert unordered(timeline.state(step)) == unordered(walked.state(step))


@pytest.mark.usefixtures("often")
def test_a_large_list_costs_what_has_changed() -> None:
    sizes = [len(objects(chunk)) for chunk in keyframes(record(PROGRAMS["a large list with few changes"]))]
    assert sizes[1] > 500  # the first one after it was met has it whole
    assert sizes[2] < 50  # then what has changed
    assert sizes[2] < sizes[3] < sizes[4] < 150
    assert max(sizes[5:]) > 500  # and once that is much, it is whole again


@pytest.mark.usefixtures("often")
def test_patches_are_about_few_chunks() -> None:
    source = f"""
        rows = [[k] * {LEAST} for k in range(12)]
        for k in range(1200):
            for i in range({LEAST}):
                rows[k // 100][i] = k
        """
    for chunk in keyframes(record(source)):
        bases = {base for _, base in patches(objects(chunk))}
        assert len(bases) <= 4


def patches(flat: list[int]) -> Iterator[tuple[int, int]]:
    """Place and chunk of each patch among the records of lists and dicts of small contents."""
    at = 0
    while at < len(flat):
        if flat[at + 3] == -1:
            yield at, flat[at + 4]
            at += 6 + 2 * flat[at + 5]
        else:
            at += 4 + flat[at + 3]


def rebuilt(chunk: Chunk, records: list[int]) -> bytes:
    """A chunk with other object records."""
    raw = inflate(chunk)
    cursor = Cursor(raw, 0)
    cursor.atoms()
    head = cursor._at
    frames, _ = cursor.column(), cursor.column()
    body = raw[:head] + pack(frames) + pack(records) + raw[cursor._at :]
    header = chunk.header
    return pack_chunk(
        header.index, header.first_step, header.steps, chunk.meta, body, keyframe=header.keyframe
    )


def changed(trace: bytes, change: Callable[[list[int], int], None], number: int = 2) -> bytes:
    """A trace whose keyframe `number` has the patch of its first patched object changed."""
    at = keyframes(trace)[number].header.index
    parts = []
    for chunk in read_chunks(trace):
        flat = objects(chunk)
        if chunk.header.index == at:
            change(flat, next(patches(flat))[0])
        parts.append(rebuilt(chunk, flat))
    return b"".join(parts)


def set_to(offset: int, value: int) -> Callable[[list[int], int], None]:
    def change(flat: list[int], at: int) -> None:
        flat[at + offset] = value

    return change


def cut(flat: list[int], at: int) -> None:
    del flat[at + 5 :]


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_to(0, 999), "not there to be patched"),
        (set_to(2, 499), "not there to be patched"),
        (set_to(4, 10_000), "not before it"),
        (set_to(4, -1), "not before it"),
        (set_to(4, 1), "no keyframe"),
        (set_to(5, 1 << 30), "impossible size"),
        (set_to(5, -1), "impossible size"),
        (set_to(6, 500), "beyond its object"),
        (set_to(6, -1), "beyond its object"),
        (cut, "incomplete patch"),
    ],
)
def test_patches_of_nothing_are_refused(change: Callable[[list[int], int], None], message: str) -> None:
    trace = record(PROGRAMS["a large list with few changes"])
    assert Timeline(changed(trace, lambda *_: None)).state(150) == Timeline(trace).state(150)
    timeline, step = Timeline(changed(trace, change)), keyframes(trace)[2].header.first_step + 1
    with pytest.raises(TraceError, match=message):
        timeline.state(step)


@pytest.mark.usefixtures("often")
def test_a_patch_of_a_patch_is_refused() -> None:
    trace = record(PROGRAMS["a large list with few changes"])
    second = keyframes(trace)[2].header.index
    timeline, step = Timeline(changed(trace, set_to(4, second), 3)), keyframes(trace)[3].header.first_step + 1
    with pytest.raises(TraceError, match="not there to be patched"):
        timeline.state(step)


def test_a_patch_stands_in_a_keyframe_only() -> None:
    trace = record("a = [1, 2, 3]\nprint(a)\n")
    (chunk,) = read_chunks(trace)
    with pytest.raises(TraceError, match="not before it"):
        Timeline(rebuilt(chunk, [1, 0, 3, -1, 0, 0])).state(1)

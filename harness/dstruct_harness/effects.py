"""Owns what changes a container: the effects of a call into code we did not transform.

An effect is a tuple `(event, ...)` in the log's terms, with Python values. `before` keeps what is needed to tell
them afterwards, `changes` tells them.
The builtin mutators have models that look at no more than what they touch; for everything else contents are
compared by
identity. No code of the learner's runs: nothing is compared, hashed or asked but builtin values.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from .shapes import ATOMIC_TYPES, PREVIEW, Contents, Shape, length

Effect = tuple[Any, ...]

_SMALL: Final = 8
_SHORT: Final = 32
"""A heap up to this size is compared as a whole: cheaper than working out the way an element took."""


# -- comparison --------------------------------------------------------------------------------


def difference(shape: str, old: Contents, new: Contents) -> list[Effect]:
    """The effects that turn one contents into the other; a single `fill` where most of it changed."""
    effects: list[Effect] | None
    if isinstance(old, list) and isinstance(new, list):
        effects = _sequence_difference(old, new)
    elif isinstance(old, dict) and isinstance(new, dict):
        effects = _set_difference(old, new) if shape == "set" else _pair_difference(old, new, shape == "dict")
    else:
        return [("fill", new)]
    if effects is None or (len(effects) > _SMALL and len(effects) * 2 > len(new)):
        return [("fill", new)]
    return effects


def _sequence_difference(old: list[Any], new: list[Any]) -> list[Effect]:
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] is new[head]:
        head += 1
    if len(old) == len(new):
        return [("put", i, new[i]) for i in range(head, len(new)) if old[i] is not new[i]]
    end = 0
    while end < shorter - head and old[-1 - end] is new[-1 - end]:
        end += 1
    gone, come = len(old) - end, len(new) - end
    common = min(gone, come)
    effects: list[Effect] = [("put", i, new[i]) for i in range(head, common) if old[i] is not new[i]]
    effects += [("remove", i) for i in range(gone - 1, max(common, head) - 1, -1)]
    effects += [("insert", i, new[i]) for i in range(max(common, head), come)]
    return effects


def _pair_difference(old: dict[Any, Any], new: dict[Any, Any], paired: bool) -> list[Effect] | None:
    effects: list[Effect] = []
    for name, held in old.items():
        if name not in new:
            effects.append(("remove", held[0] if paired else name))
    kept = [name for name in old if name in new]
    if list(new)[: len(kept)] != kept:
        return None
    for name, value in new.items():
        after = value[1] if paired else value
        if name not in old or (old[name][1] if paired else old[name]) is not after:
            effects.append(("put", value[0] if paired else name, after))
    return effects


def _set_difference(old: dict[Any, Any], new: dict[Any, Any]) -> list[Effect]:
    gone: list[Effect] = [("remove", member) for name, member in old.items() if name not in new]
    return gone + [("add", member) for name, member in new.items() if name not in old]


# -- models of the builtin mutators --------------------------------------------------------------

Before = Callable[[Any, tuple[Any, ...]], Any]
"""What to keep of (subject, arguments) before the call; None where only a comparison can tell."""
After = Callable[[Any, tuple[Any, ...], Any, Any], list[Effect]]
"""Effects from (subject, arguments, result, what was kept)."""


def _plain(key: Any) -> bool:
    """Whether hashing and comparing a key runs nothing but builtin code."""
    kind = type(key)
    return kind in ATOMIC_TYPES or (kind is tuple and all(map(_plain, key)))


def _size(subject: Any, _arguments: tuple[Any, ...]) -> int:
    return list.__len__(subject)


def _nothing(_subject: Any, _arguments: tuple[Any, ...]) -> tuple[()]:
    return ()


def _appended(subject: Any, arguments: tuple[Any, ...], _result: Any, size: Any) -> list[Effect]:
    return [("insert", size, arguments[0])] if list.__len__(subject) > size else []


def _extended(subject: Any, _arguments: tuple[Any, ...], _result: Any, size: Any) -> list[Effect]:
    if list.__len__(subject) - size > PREVIEW:
        return [("fill", list.__getitem__(subject, slice(None)))]
    return [("insert", size + i, item) for i, item in enumerate(list.__getitem__(subject, slice(size, None)))]


def _index(subject: Any, arguments: tuple[Any, ...]) -> int | None:
    """The place that `pop` or `insert` names, counted from 0."""
    size = list.__len__(subject)
    if not arguments:
        return size - 1
    if type(arguments[0]) not in (int, bool):
        return None
    where = int(arguments[0])
    return max(0, where + size) if where < 0 else min(where, size)


def _inserted(_subject: Any, arguments: tuple[Any, ...], _result: Any, where: Any) -> list[Effect]:
    return [("insert", where, arguments[1])]


def _removed(_subject: Any, _arguments: tuple[Any, ...], _result: Any, where: Any) -> list[Effect]:
    return [("remove", where)]


def _emptied(_subject: Any, _arguments: tuple[Any, ...], _result: Any, _kept: Any) -> list[Effect]:
    return [("fill", [])]


def _emptied_pairs(_subject: Any, _arguments: tuple[Any, ...], _result: Any, _kept: Any) -> list[Effect]:
    return [("fill", {})]


def _deque_size(subject: Any, _arguments: tuple[Any, ...]) -> int:
    return deque.__len__(subject)


def _deque_appended(subject: Any, arguments: tuple[Any, ...], _result: Any, size: Any) -> list[Effect]:
    full = deque.__len__(subject) == size  # a bounded one has dropped what was at its other end
    start: list[Effect] = [("remove", 0)] if full and size else []
    return [*start, ("insert", size - len(start), arguments[0])] if size or not full else []


def _deque_prepended(subject: Any, arguments: tuple[Any, ...], _result: Any, size: Any) -> list[Effect]:
    full = deque.__len__(subject) == size
    start: list[Effect] = [("remove", size - 1)] if full and size else []
    return [*start, ("insert", 0, arguments[0])] if size or not full else []


def _deque_popped(_subject: Any, _arguments: tuple[Any, ...], _result: Any, size: Any) -> list[Effect]:
    return [("remove", size - 1)]


def _deque_popped_left(_subject: Any, _arguments: tuple[Any, ...], _result: Any, _size: Any) -> list[Effect]:
    return [("remove", 0)]


def _has(subject: Any, arguments: tuple[Any, ...]) -> bool | None:
    if not arguments or not _plain(arguments[0]):
        return None
    owner = dict if isinstance(subject, dict) else set
    return bool(owner.__contains__(subject, arguments[0]))


def _taken_out(_subject: Any, arguments: tuple[Any, ...], _result: Any, had: Any) -> list[Effect]:
    return [("remove", arguments[0])] if had else []


def _put_in(_subject: Any, arguments: tuple[Any, ...], result: Any, had: Any) -> list[Effect]:
    return [] if had else [("put", arguments[0], result)]


def _added(_subject: Any, arguments: tuple[Any, ...], _result: Any, had: Any) -> list[Effect]:
    return [] if had else [("add", arguments[0])]


def _item_popped(_subject: Any, _arguments: tuple[Any, ...], result: Any, _kept: Any) -> list[Effect]:
    return [("remove", result[0])]


def _member_popped(_subject: Any, _arguments: tuple[Any, ...], result: Any, _kept: Any) -> list[Effect]:
    return [("remove", result)]


_MODELS: Final[dict[tuple[type, str], tuple[Before, After]]] = {
    (list, "append"): (_size, _appended),
    (list, "extend"): (_size, _extended),
    (list, "pop"): (_index, _removed),
    (list, "insert"): (_index, _inserted),
    (list, "clear"): (_nothing, _emptied),
    (deque, "append"): (_deque_size, _deque_appended),
    (deque, "appendleft"): (_deque_size, _deque_prepended),
    (deque, "pop"): (_deque_size, _deque_popped),
    (deque, "popleft"): (_deque_size, _deque_popped_left),
    (deque, "clear"): (_nothing, _emptied),
    (dict, "pop"): (_has, _taken_out),
    (dict, "setdefault"): (_has, _put_in),
    (dict, "popitem"): (_nothing, _item_popped),
    (dict, "clear"): (_nothing, _emptied_pairs),
    (set, "add"): (_has, _added),
    (set, "discard"): (_has, _taken_out),
    (set, "remove"): (_has, _taken_out),
    (set, "pop"): (_nothing, _member_popped),
    (set, "clear"): (_nothing, _emptied_pairs),
}


# -- heapq ---------------------------------------------------------------------------------------


def _ancestors(where: int) -> list[int]:
    """Positions from `where` up to the root of a binary heap in a list."""
    found = [where]
    while where:
        where = (where - 1) >> 1
        found.append(where)
    return found


def _way_down(heap: list[Any], size: int) -> list[int] | None:
    """Positions from the root to a leaf, each the smaller child: where `heappop` moves elements (CPython's
    `siftup`).
    """
    found = [0]
    where = 0
    while 2 * where + 1 < size:
        child = 2 * where + 1
        if not _plain(heap[child]) or (child + 1 < size and not _plain(heap[child + 1])):
            return None
        if child + 1 < size and not heap[child] < heap[child + 1]:
            child += 1
        where = child
        found.append(where)
    return found


def _heap_places(function: Any, subject: Any) -> list[int] | None:
    """The positions that a function of `heapq` may change in a large heap; None where that can't be told cheaply."""
    size = list.__len__(subject)
    if function is heapq.heappush:
        return _ancestors(size)
    if size <= _SHORT or type(subject) is not list:
        return None
    try:
        if function is heapq.heappop:
            return _way_down(subject, size - 1)
        if function in (heapq.heapreplace, heapq.heappushpop):
            return _way_down(subject, size)
    except TypeError:
        return None
    return None


_HEAP: Final = (heapq.heappush, heapq.heappop, heapq.heapreplace, heapq.heappushpop)


class _Touched:
    """Elements at the positions that a call may change, as they were."""

    __slots__ = ("places", "size", "values")

    def __init__(self, subject: Any, places: list[int]) -> None:
        self.size = list.__len__(subject)
        self.places = [place for place in places if place < self.size]
        self.values = [subject[place] for place in self.places]

    def changes(self, subject: Any) -> list[Effect]:
        size = list.__len__(subject)
        effects: list[Effect] = []
        if size < self.size:
            effects.append(("remove", self.size - 1))
        elif size > self.size:
            effects.append(("insert", self.size, subject[self.size]))
        for place, value in zip(self.places, self.values, strict=True):
            if place < size and subject[place] is not value:
                effects.append(("put", place, subject[place]))
        return effects


# -- before and after ----------------------------------------------------------------------------


class _Modelled:
    __slots__ = ("after", "kept")

    def __init__(self, after: After, kept: Any) -> None:
        self.after = after
        self.kept = kept


def before(function: Any, subject: Any, shape: Shape, arguments: tuple[Any, ...]) -> Any:
    """What to keep of a container before a call that may change it."""
    name = getattr(function, "__name__", "") if function is not None and shape.builtin is not None else ""
    if name and getattr(function, "__self__", None) is subject and shape.builtin is not None:
        model = _MODELS.get((shape.builtin, name))
        if model is not None:
            kept = model[0](subject, arguments)
            if kept is not None:
                return _Modelled(model[1], kept)
    if shape.builtin is list and any(function is one for one in _HEAP):
        places = _heap_places(function, subject)
        if places is not None:
            return _Touched(subject, places)
    assert shape.read is not None
    return shape.read(subject)


def changes(
    function: Any, subject: Any, shape: Shape, old: Any, arguments: tuple[Any, ...], result: Any, failed: bool
) -> list[Effect]:
    """What a call changed in a container."""
    if isinstance(old, _Modelled):
        return [] if failed else old.after(subject, arguments, result, old.kept)
    if isinstance(old, _Touched):
        return old.changes(subject)
    assert shape.read is not None
    new = shape.read(subject)
    if len(old) == PREVIEW != len(new) or length(shape, subject, new) > len(new):
        return [("fill", new)]
    return difference(str(shape.shape), old, new)


_SEQUENCE_MUTATORS: Final = frozenset(
    """append clear extend insert pop remove reverse sort byteswap frombytes fromfile fromlist
    fromunicode appendleft extendleft popleft rotate __setitem__ __delitem__ __iadd__ __imul__
    __init__ __setstate__""".split()
)
_DICT_MUTATORS: Final = frozenset(
    """clear pop popitem setdefault update move_to_end __setitem__ __delitem__ __ior__ __init__
    __setstate__ __missing__ __getitem__""".split()
)
_SET_MUTATORS: Final = frozenset(
    """add clear difference_update discard intersection_update pop remove symmetric_difference_update
    update __iand__ __ior__ __isub__ __ixor__ __init__""".split()
)
MUTATORS: Final = {
    "list": _SEQUENCE_MUTATORS,
    "deque": _SEQUENCE_MUTATORS,
    "array": _SEQUENCE_MUTATORS,
    "dict": _DICT_MUTATORS,
    "set": _SET_MUTATORS,
    "tuple": frozenset[str](),
    "frozenset": frozenset[str](),
}
"""The builtin containers' own methods that can change their receiver. None of them changes its arguments."""

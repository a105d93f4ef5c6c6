"""Owns what changes a container: the effects of a known operation, and of an unknown one, found by comparison.

An effect is a tuple `(event, ...)` in the log's terms, with Python values. `models` say what the builtin methods do,
from receiver, arguments and result alone; `difference` compares two contents by identity. Both only look at the
recorder's copies, so no code of the learner's runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from .events import SEQUENCES
from .heap import Entry
from .shapes import Contents, token

Effect = tuple[Any, ...]

_SMALL: Final = 8


def difference(entry: Entry, new: Contents) -> list[Effect]:
    """The effects that turn an entry's contents into `new`; a single `fill` where most of it changed."""
    old = entry.contents
    effects: list[Effect] | None
    if isinstance(old, list) and isinstance(new, list):
        effects = _sequence_difference(old, new)
    elif isinstance(old, dict) and isinstance(new, dict):
        paired = entry.shape.shape == "dict"
        effects = (
            _set_difference(old, new) if entry.shape.shape == "set" else _pair_difference(old, new, paired)
        )
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


def apply(entry: Entry, effect: Effect) -> None:
    """Bring an entry's contents up to date with one effect. Changes beyond a preview only move its size."""
    kind, *rest = effect
    held = entry.contents
    if kind == "fill":
        entry.size += len(rest[0]) - len(held)
        entry.contents = rest[0]
    elif isinstance(held, list):
        _apply_to_list(entry, held, kind, rest)
    elif entry.shape.shape == "object":
        before = len(held)
        if kind == "put":
            held[rest[0]] = rest[1]
        else:
            held.pop(rest[0], None)
        entry.size += len(held) - before
    else:
        _apply_to_hashed(entry, held, kind, rest)


def _apply_to_list(entry: Entry, held: list[Any], kind: str, rest: list[Any]) -> None:
    position = rest[0]
    partial = entry.partial
    if kind == "put":
        if position < len(held):
            held[position] = rest[1]
        return
    entry.size += 1 if kind == "insert" else -1
    if kind == "insert":
        if not partial or position < len(held):
            held.insert(position, rest[1])
    elif position < len(held):
        del held[position]


def _apply_to_hashed(entry: Entry, held: dict[Any, Any], kind: str, rest: list[Any]) -> None:
    name = token(rest[0])
    before, partial = len(held), entry.partial
    if kind == "remove":
        known = name in held
        held.pop(name, None)
        entry.size -= 1 if known or partial else 0
        return
    if kind == "put":
        old = held.get(name)
        if old is not None or not partial:
            held[name] = (rest[0] if old is None else old[0], rest[1])
    elif not partial:
        held.setdefault(name, rest[0])
    entry.size += len(held) - before


def position(entry: Entry, key: Any) -> int | None:
    """The element a sequence index means, counted from 0; None where Python would refuse it or we can't tell."""
    if type(key) not in (int, bool):
        return None
    number = int(key)
    if number < 0:
        number += entry.size
    return number if 0 <= number < entry.size else None


Model = Callable[[Entry, tuple[Any, ...], Any], list[Effect] | None]
"""Effects of a method from (receiver, arguments, result); None where only a comparison can tell."""


def _append(entry: Entry, arguments: tuple[Any, ...], _: Any) -> list[Effect]:
    return [("insert", entry.size, arguments[0])]


def _insert(entry: Entry, arguments: tuple[Any, ...], _: Any) -> list[Effect] | None:
    where = arguments[0]
    if type(where) not in (int, bool):
        return None
    index = int(where)
    index = max(0, index + entry.size) if index < 0 else min(index, entry.size)
    return [("insert", index, arguments[1])]


def _pop(entry: Entry, arguments: tuple[Any, ...], _: Any) -> list[Effect] | None:
    where = position(entry, arguments[0]) if arguments else entry.size - 1
    return None if where is None else [("remove", where)]


def _pop_key(entry: Entry, arguments: tuple[Any, ...], _: Any) -> list[Effect]:
    assert isinstance(entry.contents, dict)
    return [("remove", arguments[0])] if token(arguments[0]) in entry.contents else []


def _set_default(entry: Entry, arguments: tuple[Any, ...], result: Any) -> list[Effect]:
    assert isinstance(entry.contents, dict)
    return [] if token(arguments[0]) in entry.contents else [("put", arguments[0], result)]


def _add(entry: Entry, arguments: tuple[Any, ...], _: Any) -> list[Effect]:
    assert isinstance(entry.contents, dict)
    return [] if token(arguments[0]) in entry.contents else [("add", arguments[0])]


def _discard(entry: Entry, arguments: tuple[Any, ...], _: Any) -> list[Effect]:
    assert isinstance(entry.contents, dict)
    name = token(arguments[0])
    return [("remove", entry.contents[name])] if name in entry.contents else []


def _nothing(_entry: Entry, _arguments: tuple[Any, ...], _result: Any) -> list[Effect]:
    return []


def _clear(entry: Entry, _arguments: tuple[Any, ...], _: Any) -> list[Effect]:
    return [("fill", [] if isinstance(entry.contents, list) else {})]


def _bounded(entry: Entry) -> bool:
    most = deque.__dict__["maxlen"].__get__(entry.subject)
    return most is not None and entry.size >= most


def _append_bounded(entry: Entry, arguments: tuple[Any, ...], _: Any) -> list[Effect]:
    full = _bounded(entry)
    start: list[Effect] = [("remove", 0)] if full else []
    return [*start, ("insert", entry.size - len(start), arguments[0])]


def _append_left(entry: Entry, arguments: tuple[Any, ...], _: Any) -> list[Effect]:
    full = _bounded(entry)
    start: list[Effect] = [("remove", entry.size - 1)] if full else []
    return [*start, ("insert", 0, arguments[0])]


def _pop_left(_entry: Entry, _arguments: tuple[Any, ...], _: Any) -> list[Effect]:
    return [("remove", 0)]


def _pop_item(_entry: Entry, _arguments: tuple[Any, ...], result: Any) -> list[Effect]:
    return [("remove", result[0])]


def _pop_member(entry: Entry, _arguments: tuple[Any, ...], result: Any) -> list[Effect]:
    return [("remove", result)]


_SEQUENCE_MODELS: Final[dict[str, Model]] = {
    "append": _append,
    "insert": _insert,
    "pop": _pop,
    "clear": _clear,
    "index": _nothing,
    "count": _nothing,
}

MODELS: Final[dict[str, dict[str, Model]]] = {
    "list": _SEQUENCE_MODELS,
    "array": _SEQUENCE_MODELS,
    "tuple": {"index": _nothing, "count": _nothing},
    "deque": {
        **_SEQUENCE_MODELS,
        "append": _append_bounded,
        "appendleft": _append_left,
        "popleft": _pop_left,
    },
    "dict": {
        "get": _nothing,
        "pop": _pop_key,
        "setdefault": _set_default,
        "popitem": _pop_item,
        "clear": _clear,
    },
    "set": {"add": _add, "discard": _discard, "remove": _discard, "pop": _pop_member, "clear": _clear},
    "frozenset": {},
    "object": {},
}
"""By shape and method name. What is not here is found by comparing contents."""


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


def is_sequence(entry: Entry) -> bool:
    return entry.shape.shape in SEQUENCES

"""Owns where CPython really puts entries: reads the tables of live dicts and sets out of memory (3.11 to 3.14).

Prints JSON: for each case its kind, the keys in the order they were added in, and by slot the position of its key.
"""

from __future__ import annotations

import ctypes
import json
import random
import sys
import sysconfig
from typing import Any

WORD = ctypes.sizeof(ctypes.c_void_p)


def word(address: int) -> int:
    return ctypes.c_ssize_t.from_address(address).value


def dict_slots(table: dict[Any, Any]) -> list[int]:
    """Positions of entries by slot; -1 where there is none."""
    # A dict: head, used, version, keys. Its keys: references, two logarithms, kind, version, two counts, indices.
    keys = word(id(table) + 4 * WORD)
    log2_size = ctypes.c_uint8.from_address(keys + WORD).value
    log2_bytes = ctypes.c_uint8.from_address(keys + WORD + 1).value
    width = (ctypes.c_int8, ctypes.c_int16, ctypes.c_int32, ctypes.c_int64)[log2_bytes - log2_size]
    return [max(-1, index) for index in (width * (1 << log2_size)).from_address(keys + 4 * WORD)]


def set_slots(table: set[Any], keys: list[Any]) -> list[int]:
    """The same of a set, whose table holds the members themselves."""
    # A set: head, fill, used, mask, table. An entry: key, hash.
    size = word(id(table) + 4 * WORD) + 1
    entries = word(id(table) + 5 * WORD)
    where = {id(member): keys.index(member) for member in table}
    return [where.get(word(entries + 2 * WORD * slot), -1) for slot in range(size)]


def cases() -> list[dict[str, Any]]:
    chance = random.Random(4)
    found = []
    for count in [*range(1, 24), 40, 85, 90, 200, 400]:
        for top in (12, 100, 1 << 20, 1 << 70):
            if count > 2 * top:
                continue
            keys: list[int] = []
            while len(keys) < count:
                key = chance.randrange(-top, top)
                if key not in keys:
                    keys.append(key)
            table: dict[int, None] = {}
            members: set[int] = set()
            for key in keys:
                table[key] = None
                members.add(key)
            texts = [str(key) for key in keys]
            found.append({"kind": "dict", "keys": texts, "slots": dict_slots(table)})
            found.append({"kind": "set", "keys": texts, "slots": set_slots(members, keys)})
    return found


if __name__ == "__main__":
    known = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
    if not known or WORD != 8:
        raise SystemExit("the layout of this Python's dicts and sets is not known here")
    json.dump(cases(), sys.stdout)

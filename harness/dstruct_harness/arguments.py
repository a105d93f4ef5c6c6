"""Owns the arguments of the JSON contract: `{"type", "value"}` forms checked and built into Python values.

Whatever is wrong with one is told with its number, its type and what was expected: nobody sees the code that built
it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

NODE_CLASSES: Final = {"binaryTree": "TreeNode", "linkedList": "ListNode"}
_FORM: Final = {"type", "value", "name"}


def is_typed(item: Any) -> bool:
    """Whether an argument is a `{"type", "value"}` form (a name may be there too) and no plain value."""
    return isinstance(item, Mapping) and {"type", "value"} <= item.keys() <= _FORM


def call_arguments(args: Sequence[Any], names: Mapping[str, Any]) -> list[Any]:
    """Arguments ready to pass: typed forms built, everything else as it is. Raises TypeError, ValueError."""
    built = []
    for number, item in enumerate(args, 1):
        if not is_typed(item):
            built.append(item)
            continue
        try:
            built.append(build(item["type"], item["value"], names))
        except (TypeError, ValueError) as error:
            raise type(error)(f"argument {number} ({item['type']}): {error}") from error
    return built


def build(kind: Any, value: Any, names: Mapping[str, Any]) -> Any:
    """One argument.

    Args:
        kind: a type of the contract.
        value: its JSON value; null stands for an empty one (for a graph, a tree or a list for None).
        names: the program's, where trees and lists find the classes of their nodes.

    Raises:
        ValueError: the type is unknown, or the value contradicts itself.
        TypeError: the value is of another type.
    """
    builder = _BUILDERS.get(kind) if isinstance(kind, str) else None
    if builder is not None:
        return builder(value)
    if kind in NODE_CLASSES:
        class_name = NODE_CLASSES[kind]
        node = names.get(class_name)
        if not callable(node):
            raise TypeError(f"the program's {class_name} is no class")
        return (_tree if kind == "binaryTree" else _linked)(value, node)
    known = ", ".join([*NODE_CLASSES, *_BUILDERS])
    raise ValueError(f"unknown type {kind!r}; there are {known}")


def _expect(value: Any, kind: type | tuple[type, ...], what: str) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"expected {what}, not {_called(value)}")
    return value


def _called(value: Any) -> str:
    """A JSON value by the name JSON has for it."""
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", int: "a number"}
    names |= {float: "a number", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def _array(value: Any) -> Any:
    return [] if value is None else _expect(value, list, "an array")


def _matrix(value: Any) -> Any:
    rows = _array(value)
    for number, row in enumerate(rows):
        if not isinstance(row, list):
            raise TypeError(f"expected an array of rows, but row {number} is {_called(row)}")
    return rows


def _graph(value: Any) -> Any:
    """An edge list, adjacency lists by number or by name."""
    return value if value is None else _expect(value, (list, dict), "an array or an object")


def _string(value: Any) -> Any:
    return "" if value is None else _expect(value, str, "a string")


def _number(value: Any) -> Any:
    if value is None:
        return 0
    if isinstance(value, bool):
        raise TypeError("expected a number, not a boolean")
    return _expect(value, (int, float), "a number")


def _boolean(value: Any) -> Any:
    return False if value is None else _expect(value, bool, "true or false")


def _set(value: Any) -> Any:
    made = set()
    for number, item in enumerate(_array(value)):
        if isinstance(item, list | dict):
            raise TypeError(f"element {number} is {_called(item)}, which cannot be in a set")
        made.add(item)
    return made


def _object(value: Any) -> Any:
    return {} if value is None else dict(_expect(value, dict, "an object"))


def _map(value: Any) -> Any:
    """An object, or an array of `[key, value]`, since the keys of a JSON object are strings."""
    if not isinstance(value, list):
        return {} if value is None else dict(_expect(value, dict, "an object or an array of [key, value]"))
    made = {}
    for number, pair in enumerate(value):
        if not (isinstance(pair, list) and len(pair) == 2):
            raise TypeError(f"expected [key, value], but entry {number} is {_called(pair)} of another form")
        if isinstance(pair[0], list | dict):
            raise TypeError(f"the key of entry {number} is {_called(pair[0])}, which cannot be a key")
        made[pair[0]] = pair[1]
    return made


_BUILDERS: Final[dict[str, Callable[[Any], Any]]] = {
    "graph": _graph,
    "array": _array,
    "matrix": _matrix,
    "string": _string,
    "number": _number,
    "boolean": _boolean,
    "set": _set,
    "map": _map,
    "object": _object,
}


def _values(value: Any, key: str) -> list[Any]:
    """Values of a plain array, or of `{key: [...], "nodeIds": [...], "treeName": "..."}`, checked."""
    if value is None:
        return []
    if not isinstance(value, dict):
        return list(_expect(value, list, f'an array or an object with "{key}"'))
    if key not in value:
        raise ValueError(
            f'expected the key "{key}", and there are only {", ".join(map(repr, value)) or "none"}'
        )
    values = value[key]
    if values is not None and not isinstance(values, list):
        raise TypeError(f'"{key}" must be an array, not {_called(values)}')
    values = values or []
    ids = value.get("nodeIds")
    if ids is not None:
        if not isinstance(ids, list) or not all(isinstance(each, str | None) for each in ids):
            raise TypeError('"nodeIds" must be an array of strings')
        if len(ids) != len(values):
            raise ValueError(f'"nodeIds" has {len(ids)} entries, "{key}" has {len(values)}')
    if not isinstance(value.get("treeName", ""), str):
        raise TypeError(f'"treeName" must be a string, not {_called(value["treeName"])}')
    return list(values)


def _tree(value: Any, node: Callable[[Any], Any]) -> Any:
    """A binary tree from its level order, null for a missing child; a missing node has no children in the order."""
    values = _values(value, "levelOrder")
    _refuse_containers(values)
    while values and values[-1] is None:
        values.pop()
    if not values:
        return None
    if values[0] is None:
        raise ValueError("the root is null, but there are nodes after it")
    root = node(values[0])
    waiting, at = deque([root]), 1
    while at < len(values):
        if not waiting:
            raise ValueError(f"the value at position {at} has no parent: too many nodes before it are null")
        parent = waiting.popleft()
        for side in ("left", "right"):
            item = values[at] if at < len(values) else None
            at += 1
            if item is not None:
                child = node(item)
                setattr(parent, side, child)
                waiting.append(child)
    return root


def _linked(value: Any, node: Callable[[Any], Any]) -> Any:
    values = _values(value, "values")
    _refuse_containers(values)
    head = None
    for item in reversed(values):
        new = node(item)
        new.next = head
        head = new
    return head


def _refuse_containers(values: Sequence[Any]) -> None:
    for number, item in enumerate(values):
        if isinstance(item, list | dict):
            raise TypeError(f"the value at position {number} is {_called(item)}: a node holds a single value")

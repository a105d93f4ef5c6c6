"""Owns `TreeNode` and `ListNode` as runs with an entry are given them: LeetCode's shape, and dStruct's calls on
nodes.

They are made anew for each run, as classes of `__main__`, from a text that no traceback and no stepping shows.
"""

from __future__ import annotations

from typing import Any, Final

from .annotations import NOTHING, annotate

_MOST: Final = 1_000
"""Nodes that the text of a tree or list shows."""

_SOURCE: Final = '''
class _Node:
    """What dStruct's templates call on the nodes they are given. Outside a recorded run it does nothing."""

    def setColor(self, color, animation=None):
        """Draw the node in a colour; None takes it back. With an animation the node is pointed out, too."""
        _tell_color(self, color)
        if animation is not None:
            _tell("blink", self, data=True)

    def setColorMap(self, colorMap):
        """Draw values in colours: a dict of colours by value; None takes it back."""
        _tell_dict("color", self, colorMap)

    def setInfo(self, info):
        """Write names with their values beside the node: a dict; None takes them back."""
        _tell_dict("info", self, info)

    def blink(self):
        """Point the node out at this step."""
        _tell("blink", self, data=True)

    def showPointer(self, name):
        """Write a name beside the node; None takes it back."""
        _tell_text("pointer", self, name)

    def showIndexes(self, *args, **kwargs):
        """Arrays have indexes; a node has none to show."""

    def __repr__(self):
        return f"{type(self).__name__}({self})"


class TreeNode(_Node):
    """A node of a binary tree."""

    def __init__(self, val=0, left=None, right=None):
        self.val = val
        self.left = left
        self.right = right

    def __str__(self):
        return _tree_text(self)


class ListNode(_Node):
    """A node of a singly linked list."""

    def __init__(self, val=0, next=None):
        self.val = val
        self.next = next

    def __str__(self):
        return _list_text(self)
'''
_CODE: Final = compile(_SOURCE, "<provided>", "exec", dont_inherit=True)


def node_classes() -> dict[str, Any]:
    """Fresh `TreeNode` and `ListNode`."""
    names: dict[str, Any] = {
        "__name__": "__main__",
        "_tell": _tell,
        "_tell_color": _tell_color,
        "_tell_dict": _tell_dict,
        "_tell_text": _tell_text,
        "_tree_text": _tree_text,
        "_list_text": _list_text,
    }
    exec(_CODE, names)
    return {name: names[name] for name in ("TreeNode", "ListNode")}


_tell: Final = annotate


def _tell_color(node: Any, color: Any) -> None:
    if color is not None and type(color) is not str:
        raise TypeError(f"setColor needs a colour's name or None, not {type(color).__name__}")
    annotate("color", node, data=NOTHING if color is None else color)


def _tell_text(kind: Any, node: Any, text: Any) -> None:
    if text is not None and type(text) is not str:
        raise TypeError(f"showPointer needs a name, not {type(text).__name__}")
    annotate(kind, node, data=NOTHING if text is None else text)


def _tell_dict(kind: Any, node: Any, given: Any) -> None:
    if given is not None and type(given) is not dict:
        call = "setInfo" if kind == "info" else "setColorMap"
        raise TypeError(f"{call} needs a dict, not {type(given).__name__}")
    annotate(kind, node, data=NOTHING if given is None else dict(given))


def _tree_text(root: Any) -> str:
    """A tree in level order, `None` for a missing child with a sibling or cousin after it."""
    parts: list[str] = []
    seen: set[int] = set()
    level = [root]
    while level and len(parts) < _MOST:
        following = []
        for node in level:
            if node is None:
                parts.append("None")
                continue
            if id(node) in seen:
                parts.append("…")
                continue
            seen.add(id(node))
            parts.append(repr(getattr(node, "val", None)))
            following += [getattr(node, "left", None), getattr(node, "right", None)]
        level = following if any(node is not None for node in following) else []
    while parts and parts[-1] == "None":
        parts.pop()
    more = ", …" if level else ""
    return f"[{', '.join(parts)}{more}]"


def _list_text(head: Any) -> str:
    parts: list[str] = []
    seen: set[int] = set()
    while head is not None and id(head) not in seen and len(parts) < _MOST:
        seen.add(id(head))
        parts.append(repr(getattr(head, "val", None)))
        head = getattr(head, "next", None)
    return " -> ".join([*parts, "…"] if head is not None else parts)

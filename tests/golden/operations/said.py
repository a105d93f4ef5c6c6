"""What an author says of the picture, and operations that code which is not recorded makes."""

import heapq
from collections import defaultdict

import dstruct


class Node:
    def __init__(self, val, next=None):
        self.val = val
        self.next = next


numbers = [5, 2, 9, 1]
dstruct.pointer(numbers, 0, "low")
dstruct.color(numbers, "red", key=1)
dstruct.color(numbers, {"5": "blue"})
dstruct.color(numbers, None)
dstruct.info(numbers, {"n": 4})
dstruct.blink(numbers)
dstruct.note(numbers, "to be sorted")
dstruct.pointer(numbers, 2, "low")
dstruct.clear(numbers)

heapq.heapify(numbers)
numbers.insert(-1, 7)
numbers.insert(99, 8)
del numbers[-1]
numbers[1:2] = [3, 3]
numbers[-1] = 2.5
numbers.reverse()
print(2 in numbers, numbers[-2:])

head = Node(1, Node(2))
head.next.next = Node(3)
head.next, head.next.val = head.next.next, float("inf")
setattr(head, "extra", 10**30)
del head.extra

groups = defaultdict(list)
for word in ["ab", "b", "ab"]:
    groups[len(word)].append(word[0])
counts = {"a": 1, 1: None, (1, 2): ...}
counts.setdefault("a", 2)
counts.setdefault("b", b"bytes")
counts.pop("a")
counts.update(c=3)
seen = {1, 2}
seen.add(2)
seen.add("x" * 3)
seen.discard(1)
seen.discard(99)
counts.clear()
print("text"[1], range(3)[1])
raise ValueError(f"the end of {len(seen)}")

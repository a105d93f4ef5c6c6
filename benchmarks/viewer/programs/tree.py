"""A search tree of 1,500 nodes is built, then searched for ever."""

import random

random.seed(3)


class Node:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


def insert(root, key):
    node = root
    while True:
        side = "left" if key < node.key else "right"
        child = node.left if side == "left" else node.right
        if child is None:
            setattr(node, side, Node(key))
            return
        node = child


def find(node, key):
    while node is not None and node.key != key:
        node = node.left if key < node.key else node.right
    return node


keys = random.sample(range(100_000), 1500)
root = Node(keys[0])
for key in keys[1:]:
    insert(root, key)
while True:
    found = find(root, random.choice(keys))
    found.key = found.key

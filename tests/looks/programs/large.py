"""Structures with far more in them than anybody can look at."""


class Leaf:
    def __init__(self, key):
        self.key = key
        self.less = None
        self.more = None


def plant(low, high):
    if low > high:
        return None
    middle = (low + high) // 2
    leaf = Leaf(middle)
    leaf.less = plant(low, middle - 1)
    leaf.more = plant(middle + 1, high)
    return leaf


def find(leaf, key):
    while leaf and leaf.key != key:
        leaf = leaf.less if key < leaf.key else leaf.more
    return leaf


readings = [i * i % 997 for i in range(100_000)]
index = 73_512
readings[index] = -1
total = 0  # shot: large-array
readings = None
stock = {f"part {i}": i % 83 for i in range(5_000)}
stock["part 4321"] += 1
total += 1  # shot: large-dict
stock = None
forest = plant(1, 10_000)
found = find(forest, 7_777)
found.key = 7_777.5
total += 1  # shot: large-tree

"""What an author can say about a picture: colours, notes, pointers, groups, and taking it all back."""

import dstruct


class Node:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


scores = [40, 75, 75, 90, 15, 60]
dstruct.pointer(scores, 0, "low")
dstruct.pointer(scores, 5, "high")
dstruct.color(scores, {75: "green"})
dstruct.color(scores, "red", key=4)
dstruct.note(scores, "pivot", key=3)
dstruct.note(scores, "points of the first round")

root = Node(8, Node(3, Node(1), Node(6)), Node(10))
dstruct.note(root, "pivot")
dstruct.color(root.left, "#7c3aed")
dstruct.info(root.left, {"height": 2, "size": 3})
dstruct.pointer(root.right, "value", "slow")
dstruct.group([root.left.left, root.left.right], "leaves")

ages = {"ann": 31, "bob": 28, "cyd": 45}
dstruct.color(ages, "orange", key="bob")
dstruct.note(ages, "youngest", key="bob")
secret = [1, 2, 3]
dstruct.hide(secret)
dstruct.hide(scores, key=5)
dstruct.blink(scores, key=1)
shown = len(scores)  # shot: annotated
dstruct.pointer(scores, 3, "low")
dstruct.hide(secret, hidden=False)
moved = scores[3]  # shot: annotated-moved
for each in (scores, root, root.left, root.right, ages):
    dstruct.clear(each)
bare = len(scores)  # shot: annotated-cleared

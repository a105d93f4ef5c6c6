class Tree:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


def insert(root, key):
    if root is None:
        return Tree(key)
    if key < root.key:
        root.left = insert(root.left, key)
    else:
        root.right = insert(root.right, key)
    return root


def in_order(root):
    if root:
        yield from in_order(root.left)
        yield root.key
        yield from in_order(root.right)


root = None
for key in (4, 2, 6, 1, 3):
    root = insert(root, key)
print(list(in_order(root)))

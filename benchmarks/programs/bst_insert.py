SIZE = 45000


class Node:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


def insert(root, key):
    if root is None:
        return Node(key)
    node = root
    while True:
        if key < node.key:
            if node.left is None:
                node.left = Node(key)
                return root
            node = node.left
        else:
            if node.right is None:
                node.right = Node(key)
                return root
            node = node.right


def height(node):
    if node is None:
        return 0
    return 1 + max(height(node.left), height(node.right))


def main():
    root = None
    key = 1
    for _ in range(SIZE):
        key = (key * 1103515245 + 12345) % 2147483648
        root = insert(root, key)
    return height(root)


print(main())

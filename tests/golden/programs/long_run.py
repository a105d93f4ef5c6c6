class Node:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


def insert(root, key):
    node = root
    while True:
        if key < node.key:
            if node.left is None:
                node.left = Node(key)
                return
            node = node.left
        else:
            if node.right is None:
                node.right = Node(key)
                return
            node = node.right


numbers = []
state = 12345
for _ in range(150):
    state = (state * 1103515245 + 12345) % 2147483648
    numbers.append(state % 1000)
root = Node(numbers[0])
for number in numbers[1:]:
    insert(root, number)
for i in range(120):
    for j in range(119 - i):
        if numbers[j] > numbers[j + 1]:
            numbers[j], numbers[j + 1] = numbers[j + 1], numbers[j]
print(numbers[:12])

class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


def build(values):
    head = None
    for value in reversed(values):
        head = Node(value, head)
    return head


def reverse(head):
    previous = None
    current = head
    while current:
        following = current.next
        current.next = previous
        previous, current = current, following
    return previous


head = build(["a", "b", "c"])
head = reverse(head)
tail = head.next.next
tail.next = head  # a cycle

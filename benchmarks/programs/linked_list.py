SIZE = 150000


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


def build(size):
    head = None
    for value in range(size):
        head = Node(value, head)
    return head


def reverse(head):
    before = None
    while head is not None:
        after = head.next
        head.next = before
        before, head = head, after
    return before


def total(head):
    result = 0
    while head is not None:
        result += head.value
        head = head.next
    return result


def main():
    head = build(SIZE)
    for _ in range(10):
        head = reverse(head)
    return total(head)


print(main())

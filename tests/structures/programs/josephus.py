"""Children in a circle count out: every third leaves."""


class Child:
    def __init__(self, number):
        self.number = number
        self.right_hand = self


def circle(size):
    first = last = Child(1)
    for number in range(2, size + 1):
        last.right_hand = Child(number)
        last = last.right_hand
    last.right_hand = first
    return last


before = circle(5)
while before.right_hand is not before:
    for _ in range(2):
        before = before.right_hand
    before.right_hand = before.right_hand.right_hand  # look: linked-list before value=number next=right_hand

print(before.number)

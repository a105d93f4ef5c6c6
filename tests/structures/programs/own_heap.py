"""A heap of one's own."""


class MinPile:
    def __init__(self):
        self.data = []

    def push(self, value):
        self.data.append(value)
        at = len(self.data) - 1
        while at > 0:
            up = (at - 1) // 2
            if self.data[up] <= self.data[at]:
                break
            self.data[up], self.data[at] = self.data[at], self.data[up]
            at = up

    def pop(self):
        least, self.data[0] = self.data[0], self.data[-1]
        self.data.pop()
        at = 0
        while True:
            child = 2 * at + 1
            if child >= len(self.data):
                return least
            if child + 1 < len(self.data) and self.data[child + 1] < self.data[child]:
                child += 1
            if self.data[at] <= self.data[child]:
                return least
            self.data[at], self.data[child] = self.data[child], self.data[at]
            at = child


pile = MinPile()
for value in (6, 4, 7, 1, 3):
    pile.push(value)
    print(value)  # look: heap pile.data
print(pile.pop(), pile.pop())
print(len(pile.data))  # look: heap pile.data

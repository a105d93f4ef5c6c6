"""A counter where people wait."""

from collections import deque


class Desk:
    def __init__(self):
        self.waiting = deque()

    def arrive(self, name):
        self.waiting.append(name)

    def serve(self):
        return self.waiting.popleft()


desk = Desk()
for name in ("Kim", "Lou", "Max"):
    desk.arrive(name)
    open_since = 1  # look: queue desk.waiting
print(desk.serve())
desk.arrive("Nia")
print(desk.serve())  # look: queue desk.waiting

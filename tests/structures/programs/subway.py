"""Breadth-first search in a subway map."""

from collections import deque

lines = {
    "Park": ["Mall", "Zoo"],
    "Mall": ["Park", "Dock"],
    "Zoo": ["Park", "Dock"],
    "Dock": ["Mall", "Zoo", "Port"],
    "Port": ["Dock"],
}
reached = {"Park": 0}
frontier = deque(["Park"])

while frontier:
    station = frontier.popleft()
    for stop in lines[station]:
        if stop not in reached:
            reached[stop] = reached[station] + 1
            frontier.append(stop)  # look: queue frontier ;; graph lines ;; dict reached

print(reached)

"""Shortest ways by Dijkstra, towns in a dict of dicts."""

import heapq

roads = {"A": {"B": 4, "C": 1}, "B": {"D": 5}, "C": {"B": 2, "D": 8}, "D": {}}
far = {"A": 0}
queue = [(0, "A")]

while queue:
    km, town = heapq.heappop(queue)
    for other, length in roads[town].items():
        if km + length < far.get(other, 99):
            far[other] = km + length
            heapq.heappush(queue, (far[other], other))  # look: graph roads ;; heap queue

print(far)

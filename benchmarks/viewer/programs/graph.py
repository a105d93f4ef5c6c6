"""Shortest paths in a network of 120 nodes, from one after the other."""

import heapq
import random

random.seed(4)
NODES = 120
network = {n: {} for n in range(NODES)}
for n in range(NODES):
    for other in random.sample(range(NODES), 3):
        network[n][other] = network[other][n] = random.randrange(1, 20)


def shortest(start):
    best = {start: 0}
    heap = [(0, start)]
    while heap:
        distance, node = heapq.heappop(heap)
        if distance > best[node]:
            continue
        for neighbour, weight in network[node].items():
            through = distance + weight
            if neighbour not in best or through < best[neighbour]:
                best[neighbour] = through
                heapq.heappush(heap, (through, neighbour))
    return best


while True:
    for source in range(NODES):
        table = shortest(source)

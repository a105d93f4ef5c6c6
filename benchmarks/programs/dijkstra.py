import heapq

SIZE = 30000


def graph(size):
    edges = {}
    for node in range(size):
        edges[node] = [((node * 3 + k * 17 + 1) % size, 1 + (node * k) % 13) for k in range(1, 5)]
    return edges


def dijkstra(edges, start):
    distance = {start: 0}
    queue = [(0, start)]
    while queue:
        d, node = heapq.heappop(queue)
        if d > distance[node]:
            continue
        for other, weight in edges[node]:
            new = d + weight
            if other not in distance or new < distance[other]:
                distance[other] = new
                heapq.heappush(queue, (new, other))
    return distance


def main():
    distance = dijkstra(graph(SIZE), 0)
    return len(distance), max(distance.values())


print(main())

"""Depth-first search; caves are numbers, tunnels lists of them."""

tunnels = [[1, 2], [0, 3], [0], [1, 4], [3]]
visited = [False] * 5


def explore(cave):
    visited[cave] = True
    for onward in tunnels[cave]:
        if not visited[onward]:
            explore(onward)  # look: graph tunnels


explore(0)
print(visited)

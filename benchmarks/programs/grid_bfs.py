from collections import deque

SIZE = 300


def shortest(grid, start, goal):
    rows, cols = len(grid), len(grid[0])
    distance = {start: 0}
    queue = deque([start])
    while queue:
        row, col = queue.popleft()
        if (row, col) == goal:
            return distance[goal]
        for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            r, c = row + dr, col + dc
            if 0 <= r < rows and 0 <= c < cols and grid[r][c] != "#":
                if (r, c) not in distance:
                    distance[(r, c)] = distance[(row, col)] + 1
                    queue.append((r, c))
    return None


def main():
    grid = [["#" if (r * 7 + c * 3) % 11 == 0 and r % 5 else "." for c in range(SIZE)] for r in range(SIZE)]
    return shortest(grid, (0, 0), (SIZE - 1, SIZE - 1))


print(main())

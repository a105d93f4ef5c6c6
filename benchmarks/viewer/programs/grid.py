"""A search through mazes of 24 rows and 30 columns: 720 cells are drawn, one more is visited at each round."""

import random
from collections import deque

random.seed(2)
ROWS, COLUMNS = 24, 30


def distances(grid, start):
    found = [[-1] * COLUMNS for _ in range(ROWS)]
    found[start[0]][start[1]] = 0
    queue = deque([start])
    while queue:
        row, column = queue.popleft()
        for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            r, c = row + down, column + right
            if 0 <= r < ROWS and 0 <= c < COLUMNS and grid[r][c] == 0 and found[r][c] < 0:
                found[r][c] = found[row][column] + 1
                queue.append((r, c))
    return found


while True:
    maze = [[int(random.random() < 0.25) for _ in range(COLUMNS)] for _ in range(ROWS)]
    steps = distances(maze, (0, 0))

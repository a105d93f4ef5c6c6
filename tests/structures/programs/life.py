"""One generation after the other of Conway's game."""

world = [[0, 0, 0, 0], [0, 1, 1, 1], [0, 0, 0, 0]]


def alive(world, y, x):
    count = 0
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if (dy or dx) and 0 <= y + dy < len(world) and 0 <= x + dx < len(world[0]):
                count += world[y + dy][x + dx]
    return count


def generation(world):
    following = [row[:] for row in world]
    for y in range(len(world)):
        for x in range(len(world[y])):
            near = alive(world, y, x)
            following[y][x] = 1 if near == 3 or (near == 2 and world[y][x]) else 0
    return following  # look: matrix following


world = generation(world)
print(world)  # look: matrix world

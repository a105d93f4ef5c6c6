"""Filling a region of a picture, with a stack of places still to visit."""

picture = [["#", ".", "."], ["#", "#", "."], [".", "#", "."]]
todo = [(0, 1)]

while todo:
    r, c = todo.pop()
    if not (0 <= r < 3 and 0 <= c < 3) or picture[r][c] != ".":
        continue
    picture[r][c] = "~"
    for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        todo.append((r + dr, c + dc))
    done = len(todo)  # look: matrix picture ;; stack todo

print(picture)

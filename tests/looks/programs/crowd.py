"""Long names and values, many pointers on one place, and letters from elsewhere."""

temperatures = [21.5, 19.25, 23.0, 18.75]
lowest_so_far = highest_so_far = current_position = next_position = last_checked = 1
for current_position in range(4):
    if temperatures[current_position] < temperatures[lowest_so_far]:
        lowest_so_far = current_position
    next_position = current_position + 1
sentences = ["a sentence that is much too long for a cell", "short", "Grüße aus 東京", "مرحبا"]
nested = {
    "point": (3, 4),
    "path": [[0, 0], [1, 2]],
    "a rather long key that goes on": {"deep": {"deeper": [1]}},
}
mixed = [None, True, 3.14159265358979, 10**30, "", [], {}, b"\x00\xff", (1,), print]
matrix = [[0] * 12 for _ in range(6)]
matrix[2][7] = 1
done = len(sentences)  # shot: crowd

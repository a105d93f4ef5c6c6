"""Pascal's triangle, row by row, and who eats what."""

triangle = [[1]]
for n in range(4):
    last = triangle[-1]
    triangle.append([1, *[last[i] + last[i + 1] for i in range(n)], 1])
guests = [["Ann", ["fish"]], ["Bob", ["rice"]]]
print(triangle)  # look: rows guests

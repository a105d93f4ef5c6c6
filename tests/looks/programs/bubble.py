"""Bubble sort."""

data = [5, 2, 8, 1, 9, 3]

for end in range(len(data) - 1, 0, -1):
    for i in range(end):
        if data[i] > data[i + 1]:
            data[i], data[i + 1] = data[i + 1], data[i]

"""Quicksort on the same numbers."""


def sort(data, low, high):
    if low >= high:
        return
    pivot, edge = data[high], low
    for i in range(low, high):
        if data[i] < pivot:
            data[i], data[edge] = data[edge], data[i]
            edge += 1
    data[edge], data[high] = data[high], data[edge]
    sort(data, low, edge - 1)
    sort(data, edge + 1, high)


data = [5, 2, 8, 1, 9, 3]
sort(data, 0, len(data) - 1)

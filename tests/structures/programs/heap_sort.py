"""Heap sort in place."""


def sink(a, start, size):
    largest = start
    for child in (2 * start + 1, 2 * start + 2):
        if child < size and a[child] > a[largest]:
            largest = child
    if largest != start:
        a[start], a[largest] = a[largest], a[start]
        sink(a, largest, size)


def sort(a):
    for start in range(len(a) // 2 - 1, -1, -1):
        sink(a, start, len(a))
    for end in range(len(a) - 1, 0, -1):  # look: heap a
        a[0], a[end] = a[end], a[0]
        sink(a, 0, end)


numbers = [4, 10, 3, 5, 1]
sort(numbers)
print(numbers)

"""Merge sort with slices, and parts of lists changed and removed at once."""


def sort(items):
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left = sort(items[:middle])
    right = sort(items[middle:])  # shot: slice-read
    merged = []
    while left and right:
        merged.append(left.pop(0) if left[0] <= right[0] else right.pop(0))
    return merged + left + right


print(sort([6, 3, 8, 1, 7]))
row = list("abcdefgh")
row[2:5] = ["X", "Y"]  # shot: slice-write
del row[1:3]  # shot: slice-delete
print(row)

"""Binary search in a sorted list."""


def locate(shelf, wanted):
    low, high = 0, len(shelf) - 1
    while low <= high:
        middle = (low + high) // 2
        if shelf[middle] == wanted:  # look: array shelf at=middle
            return middle
        if shelf[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return None


print(locate([2, 3, 5, 7, 11, 13, 17, 19], 13))

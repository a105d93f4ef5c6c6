SIZE = 10


def solve(n, row, columns, up, down, placed):
    if row == n:
        return 1
    found = 0
    for col in range(n):
        if col not in columns and row + col not in up and row - col not in down:
            columns.add(col)
            up.add(row + col)
            down.add(row - col)
            placed.append(col)
            found += solve(n, row + 1, columns, up, down, placed)
            placed.pop()
            columns.remove(col)
            up.remove(row + col)
            down.remove(row - col)
    return found


def main():
    return [solve(n, 0, set(), set(), set(), []) for n in range(4, SIZE + 1) for _ in range(2)]


print(main())

SIZE = 750


def edit_distance(a, b):
    rows, cols = len(a) + 1, len(b) + 1
    table = [[0] * cols for _ in range(rows)]
    for i in range(rows):
        table[i][0] = i
    for j in range(cols):
        table[0][j] = j
    for i in range(1, rows):
        for j in range(1, cols):
            if a[i - 1] == b[j - 1]:
                table[i][j] = table[i - 1][j - 1]
            else:
                table[i][j] = 1 + min(table[i - 1][j], table[i][j - 1], table[i - 1][j - 1])
    return table[-1][-1]


def main():
    a = "".join("acgt"[(i * i + 3 * i) % 4] for i in range(SIZE))
    b = "".join("gatc"[(i * 7 + i // 3) % 4] for i in range(SIZE))
    return edit_distance(a, b)


print(main())

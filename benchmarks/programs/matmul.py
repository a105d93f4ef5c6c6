SIZE = 130


def matmul(a, b):
    n = len(a)
    product = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            total = 0
            for k in range(n):
                total += a[i][k] * b[k][j]
            product[i][j] = total
    return product


def main():
    a = [[(i + j) % 10 for j in range(SIZE)] for i in range(SIZE)]
    b = [[(i * j) % 10 for j in range(SIZE)] for i in range(SIZE)]
    return sum(matmul(a, b)[SIZE // 2])


print(main())

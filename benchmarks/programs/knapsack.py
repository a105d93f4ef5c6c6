SIZE = 10000


def knapsack(weights, values, capacity):
    best = [0] * (capacity + 1)
    for item in range(len(weights)):
        for room in range(capacity, weights[item] - 1, -1):
            best[room] = max(best[room], best[room - weights[item]] + values[item])
    return best[capacity]


def main():
    weights = [3 + (i * 37) % 50 for i in range(100)]
    values = [10 + (i * 61) % 90 for i in range(100)]
    return knapsack(weights, values, SIZE)


print(main())

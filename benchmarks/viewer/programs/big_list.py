"""A list of 100,000 numbers, written to all over."""

import random

random.seed(5)
SIZE = 100_000
numbers = list(range(SIZE))
while True:
    i = random.randrange(SIZE - 1)
    j = random.randrange(SIZE - 1)
    numbers[i], numbers[j] = numbers[j], numbers[i]
    numbers[i + 1] += 1

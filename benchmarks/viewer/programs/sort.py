"""Bubble sort of 200 numbers, again and again: short lists, an index variable or two, swaps."""

import random

random.seed(1)
while True:
    numbers = [random.randrange(1000) for _ in range(200)]
    for last in range(len(numbers) - 1, 0, -1):
        for i in range(last):
            if numbers[i] > numbers[i + 1]:
                numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]

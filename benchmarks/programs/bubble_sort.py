SIZE = 1700


def bubble_sort(numbers):
    for end in range(len(numbers) - 1, 0, -1):
        for i in range(end):
            if numbers[i] > numbers[i + 1]:
                numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]


def main():
    numbers = [(i * 7919) % 1009 for i in range(SIZE)]
    bubble_sort(numbers)
    return numbers[:5]


print(main())

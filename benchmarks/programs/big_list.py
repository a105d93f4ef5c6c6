SIZE = 100000


def build(size):
    numbers = []
    value = 1
    for _ in range(size):
        value = (value * 75 + 74) % 65537
        numbers.append(value)
    return numbers


def rounds(size):
    total = 0
    for _ in range(9):
        numbers = build(size)
        for k in range(1000):
            numbers[(k * 7919) % size] = k
        for number in numbers:
            total += number
    return total


def main():
    return rounds(SIZE)


print(main())

"""Generators that wait, a closure, and the frames they keep."""


def countdown(start):
    while start > 0:
        yield start
        start -= 1


def doubled(numbers):
    for number in numbers:
        twice = number * 2
        yield twice


def counter():
    count = 0

    def tick():
        nonlocal count
        count += 1
        return count

    return tick


tick = counter()
launch = countdown(3)
pairs = doubled(launch)
first = next(pairs)
tick()  # shot: suspended
for value in pairs:
    print(value, tick())

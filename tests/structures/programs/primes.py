"""Prime numbers by crossing out."""

crossed = set()
primes = []

for number in range(2, 20):
    if number in crossed:
        continue
    primes.append(number)
    for multiple in range(number * number, 20, number):
        crossed.add(multiple)
    largest = number  # look: set crossed ;; array primes

"""What a learner forgets: the search never comes to its end, since `low` stays where it is."""

numbers = sorted(n * 37 % 1000 for n in range(500))
low, high = 0, len(numbers) - 1
tries = 0
while low <= high:
    middle = (low + high) // 2
    tries += 1
    if numbers[middle] < 777:
        low = middle
    else:
        high = middle

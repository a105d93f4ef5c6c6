numbers = list(range(100, 220))
marks = {number: 0 for number in numbers}
for turn in range(40_000):
    if turn % 4000 == 0:
        numbers[turn // 4000] = turn
    if turn == 39_000:
        marks[219] = turn
print(sum(numbers))

"""A loop that counts for ever, and writes what it counts."""

counts = [0] * 100
seen = {}
n = 0
while True:
    n += 1
    counts[n % 100] += 1
    seen[n % 64] = n

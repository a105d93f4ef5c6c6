"""The longest stretch without a repeated letter."""

line = "abcabcbb"
seen = set()
start = best = 0

for stop in range(len(line)):
    while line[stop] in seen:
        seen.remove(line[start])
        start += 1
    seen.add(line[stop])  # look: string line at=stop,start ;; set seen
    best = max(best, stop - start + 1)

print(best)

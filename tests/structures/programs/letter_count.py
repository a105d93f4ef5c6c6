"""How often does each letter occur?"""

counts = {}
for letter in "mississippi":
    counts[letter] = counts.get(letter, 0) + 1
    total = sum(counts.values())  # look: dict counts
print(counts)

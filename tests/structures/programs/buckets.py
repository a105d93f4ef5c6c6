"""A hash table by hand: buckets of pairs."""

buckets = [[] for _ in range(4)]


def store(key, value):
    buckets[key % 4].append([key, value])


for key in (3, 8, 11, 5, 15):
    store(key, key * key)
print(buckets)  # look: rows buckets

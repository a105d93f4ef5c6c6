SIZE = 300000


def words(size):
    value = 7
    for _ in range(size):
        value = (value * 171 + 11213) % 53125
        yield "w" + str(value % 997)


def main():
    counts = {}
    for word in words(SIZE):
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    best = sorted(counts, key=lambda word: (-counts[word], word))
    return best[:3], len(counts)


print(main())

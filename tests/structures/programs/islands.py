"""Islands and bridges: sets that are joined."""


def find(leader, x):
    if leader[x] != x:
        leader[x] = find(leader, leader[x])
    return leader[x]


leader = list(range(7))
for a, b in ((0, 1), (2, 3), (1, 3), (5, 6)):
    leader[find(leader, a)] = find(leader, b)
    bridges = (a, b)  # look: union-find leader
print([find(leader, x) for x in range(7)])

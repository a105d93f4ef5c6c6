"""All shortest ways by Floyd and Warshall, from a matrix."""

far = 99
gap = [[0, 3, far, 7], [8, 0, 2, far], [5, far, 0, 1], [2, far, far, 0]]

for k in range(4):
    for i in range(4):
        for j in range(4):
            if gap[i][k] + gap[k][j] < gap[i][j]:
                gap[i][j] = gap[i][k] + gap[k][j]  # look: graph gap

print(gap)

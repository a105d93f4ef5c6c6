"""A cheapest network, with halved ways to the root."""


class Sets:
    def __init__(self, size):
        self.up = [i for i in range(size)]

    def root(self, p):
        while p != self.up[p]:
            self.up[p] = self.up[self.up[p]]
            p = self.up[p]
        return p

    def join(self, p, q):
        p, q = self.root(p), self.root(q)
        self.up[p] = q
        return p != q


cables = sorted([(4, 0, 1), (1, 1, 2), (3, 0, 2), (2, 3, 4)])
sets = Sets(5)
chosen = [cable for cable in cables if sets.join(cable[1], cable[2])]
print(chosen)  # look: union-find sets.up

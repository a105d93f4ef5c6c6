"""A tree whose nodes know their parents."""


class Knot:
    def __init__(self, label, parent=None):
        self.label = label
        self.parent = parent
        self.l = None
        self.r = None


def hang(root, label):
    at = root
    while True:
        side = "l" if label < at.label else "r"
        if getattr(at, side) is None:
            setattr(at, side, Knot(label, at))
            return
        at = getattr(at, side)


def rotate_left(knot):
    up = knot.r
    knot.r = up.l
    if up.l:
        up.l.parent = knot
    up.l = knot
    up.parent = knot.parent
    knot.parent = up
    return up


top = Knot("d")
for label in "bface":
    hang(top, label)
top = rotate_left(top)
print(top.label)  # look: tree top value=label links=l,r

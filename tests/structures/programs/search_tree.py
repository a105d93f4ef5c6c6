"""A binary search tree that loses a node again."""


class Branch:
    def __init__(self, size):
        self.size = size
        self.smaller = None
        self.bigger = None


def grow(branch, size):
    if branch is None:
        return Branch(size)
    if size < branch.size:
        branch.smaller = grow(branch.smaller, size)
    else:
        branch.bigger = grow(branch.bigger, size)
    return branch


def cut(branch, size):
    if branch is None:
        return None
    if size < branch.size:
        branch.smaller = cut(branch.smaller, size)
    elif size > branch.size:
        branch.bigger = cut(branch.bigger, size)
    elif branch.smaller is None:
        return branch.bigger
    elif branch.bigger is None:
        return branch.smaller
    else:
        successor = branch.bigger
        while successor.smaller:
            successor = successor.smaller
        branch.size = successor.size
        branch.bigger = cut(branch.bigger, successor.size)
    return branch


trunk = None
for size in (50, 30, 70, 20, 40, 60, 80):
    trunk = grow(trunk, size)
trunk = cut(trunk, 50)  # look: tree trunk value=size links=smaller,bigger
print(trunk.size)  # look: tree trunk value=size links=smaller,bigger

"""A directory tree, and how much is in it."""


class Folder:
    def __init__(self, name, *inside):
        self.name = name
        self.inside = list(inside)


def count(folder):
    return 1 + sum(count(one) for one in folder.inside)


disk = Folder("/", Folder("home", Folder("ann"), Folder("ben")), Folder("tmp"), Folder("usr", Folder("bin")))
print(count(disk))  # look: tree disk value=name links=inside

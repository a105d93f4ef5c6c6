"""And with an array of 26 for each letter."""


class Cell:
    def __init__(self):
        self.kids = [None] * 26
        self.stop = False


def put(cell, word):
    for sign in word:
        at = ord(sign) - ord("a")
        if cell.kids[at] is None:
            cell.kids[at] = Cell()
        cell = cell.kids[at]
    cell.stop = True


start = Cell()
for word in ("be", "bee", "by"):
    put(start, word)
print(start.stop)  # look: trie start links=kids end=stop

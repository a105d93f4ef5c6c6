"""Words that share their beginnings."""


class Letter:
    def __init__(self):
        self.after = {}
        self.is_word = False


root = Letter()
for word in ("tea", "ten", "to", "in", "inn"):
    at = root
    for sign in word:
        if sign not in at.after:
            at.after[sign] = Letter()
        at = at.after[sign]
    at.is_word = True

print("tea")  # look: trie root links=after end=is_word

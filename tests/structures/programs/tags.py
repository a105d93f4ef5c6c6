"""What do two lists of tags have in common?"""

mine = {"red", "round", "sweet"}
yours = frozenset(["sweet", "green"])
both = mine & yours
mine.discard("red")
mine |= {"ripe"}
print(sorted(both), sorted(mine))  # look: set mine ;; set yours ;; set both

"""Friendship goes both ways."""


class Friend:
    def __init__(self, name):
        self.name = name
        self.knows = []

    def meet(self, other):
        self.knows.append(other)
        other.knows.append(self)


amy, ben, cal, dot = (Friend(name) for name in ("Amy", "Ben", "Cal", "Dot"))
amy.meet(ben)
ben.meet(cal)
cal.meet(amy)
cal.meet(dot)
print(len(cal.knows))  # look: graph amy value=name links=knows

"""A formula as a tree, worked out from its leaves."""


class Term:
    __slots__ = ("sign", "lhs", "rhs")

    def __init__(self, sign, lhs=None, rhs=None):
        self.sign = sign
        self.lhs = lhs
        self.rhs = rhs


def value(term):
    if term.lhs is None:
        return term.sign
    a, b = value(term.lhs), value(term.rhs)
    return a + b if term.sign == "+" else a * b


formula = Term("*", Term("+", Term(2), Term(3)), Term("+", Term(4), Term(1)))
print(value(formula))  # look: tree formula value=sign links=lhs,rhs

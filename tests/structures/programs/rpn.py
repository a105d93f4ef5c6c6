"""A calculator in reverse Polish notation."""


class Calculator:
    def __init__(self):
        self._numbers = []

    def feed(self, token):
        if token in "+*-":
            b = self._numbers.pop()
            a = self._numbers.pop()
            token = {"+": a + b, "*": a * b, "-": a - b}[token]
        self._numbers.append(int(token))

    @property
    def total(self):
        return self._numbers[-1]


calculator = Calculator()
for token in "3 4 + 2 * 7 -".split():
    calculator.feed(token)
    print(token, calculator.total)  # look: stack calculator._numbers

"""A tree of calls with arguments and results."""

known = {}


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


for n in range(5):
    known[n] = fib(n)  # shot: calls
    print(n, known[n])

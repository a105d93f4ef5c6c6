"""Deep recursion, 400 calls and back, and a wide one."""


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


while True:
    deep = depth(400)
    wide = fib(14)

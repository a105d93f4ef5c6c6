import functools

total = 0


def counter():
    count = 0

    def step(by=1):
        nonlocal count
        global total
        count += by
        total += by
        return count

    return step


@functools.lru_cache(None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


class Point:
    __slots__ = ("x", "_y")

    def __init__(self, x, y):
        self.x = x
        self._y = y

    @property
    def y(self):
        return self._y

    @y.setter
    def y(self, value):
        self._y = value

    def __eq__(self, other):
        raise AssertionError("nobody compares points here")


step = counter()
step()
step(5)
value = fib(5)
p = Point(1, 2)
p.y = 9
q = p
q.x += p.y
square = lambda n: n * n
squares = list(map(square, range(3)))
(a, *rest), b = [1, 2, 3], p
for index, a in enumerate(rest):
    pass
while a:
    a -= 1
    if a == 1:
        continue
else:
    b = None
match squares:
    case [0, 1, last]:
        matched = last
with open("/dev/null") as file:
    del file
if (n := len(rest)) > 1:
    n = -n

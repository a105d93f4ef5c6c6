def risky(items, index):
    try:
        return items[index]
    except IndexError as error:
        print("no", index)
        raise ValueError("bad index") from error
    finally:
        print("done")


try:
    risky([1, 2], 5)
except ValueError as problem:
    message = str(problem)


def outer(n):
    if n == 0:
        return [][1]
    return outer(n - 1)


outer(2)

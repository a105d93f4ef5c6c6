"""Ways to climb stairs, remembering what was worked out."""

known = {0: 1, 1: 1}


def ways(stairs):
    if stairs not in known:
        known[stairs] = ways(stairs - 1) + ways(stairs - 2)
    return known[stairs]  # look: dict known


print(ways(6))

"""Friends of friends, by name."""

group = {name: name for name in ("ann", "bob", "cat", "dan", "eli")}


def chief(name):
    while group[name] != name:
        name = group[name]
    return name


for a, b in (("ann", "bob"), ("cat", "dan"), ("bob", "dan")):
    group[chief(a)] = chief(b)
    joined = a  # look: union-find group

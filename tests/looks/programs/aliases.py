"""One object under several names, inside others, and inside itself."""

shared = [1, 2]
other = shared
pair = [shared, shared]
book = {"mine": shared, "yours": other}
ring = ["ring"]
ring.append(ring)
other.append(3)  # shot: aliases
print(pair)

"""A dict and a set, to be looked at as the hash tables they are."""

import dstruct

prices = {8: "tea", 16: "milk", 3: "bread", 24: "jam"}
dstruct.show(prices, as_="hash-table")
prices[11] = "salt"
seats = {5, 13, 21, 2, -1}
dstruct.show(seats, as_="hash-table")
seats.add(37)
cheap = prices[24]  # shot: hash-table
print(cheap)

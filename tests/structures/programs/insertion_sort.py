"""Insertion sort: the sorted part grows from the left."""

cards = [7, 2, 9, 4, 1]

for placed in range(1, len(cards)):
    card = cards[placed]
    slot = placed
    while slot > 0 and cards[slot - 1] > card:
        cards[slot] = cards[slot - 1]  # look: array cards at=slot,placed
        slot -= 1
    cards[slot] = card

print(cards)  # look: array cards

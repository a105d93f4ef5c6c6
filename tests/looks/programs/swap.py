"""Selection sort: the smallest of the rest changes places with the first of the rest."""

heights = [31, 12, 27, 8, 19, 23]

for first in range(len(heights) - 1):
    least = first
    for i in range(first + 1, len(heights)):
        if heights[i] < heights[least]:
            least = i
    heights[first], heights[least] = heights[least], heights[first]  # shot: swap

print(heights)

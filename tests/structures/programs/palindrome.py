"""Does it read the same from both ends?"""


def same_both_ways(word):
    left, right = 0, len(word) - 1
    while left < right:
        if word[left] != word[right]:  # look: string word at=left,right
            return False
        left += 1
        right -= 1
    return True


print(same_both_ways("racecar"), same_both_ways("ladder"))

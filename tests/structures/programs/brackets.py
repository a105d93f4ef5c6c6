"""Are the brackets balanced?"""


def balanced(text):
    closing = {"(": ")", "[": "]", "{": "}"}
    open_ones = []
    for sign in text:
        if sign in closing:
            open_ones.append(sign)
        elif not open_ones or closing[open_ones.pop()] != sign:
            return False
        depth = len(open_ones)  # look: stack open_ones ;; dict closing
    return not open_ones


print(balanced("{[()][]}"), balanced("([)]"))

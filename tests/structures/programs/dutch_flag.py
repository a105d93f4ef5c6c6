"""Sorting three colours in one pass."""

flag = ["w", "b", "r", "w", "r", "b"]
red, white, blue = 0, 0, len(flag) - 1

while white <= blue:
    if flag[white] == "r":  # look: array flag at=white,red,blue
        flag[red], flag[white] = flag[white], flag[red]
        red += 1
        white += 1
    elif flag[white] == "b":
        flag[blue], flag[white] = flag[white], flag[blue]
        blue -= 1
    else:
        white += 1

print("".join(flag))

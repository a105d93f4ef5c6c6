"""A list that holds itself, and a pair that hold each other."""

snake = [1, 2]
snake.append(snake)
left = ["L"]
right = ["R", left]
left.append(right)
print(snake[2][2][0], left[1][1][0])  # look: boxes snake ;; boxes left

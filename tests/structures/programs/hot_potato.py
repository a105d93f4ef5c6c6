"""Who is left when every third has to go? A list used as a queue."""

children = ["Ada", "Bob", "Cyd", "Dee", "Eve"]

while len(children) > 1:
    for _ in range(2):
        children.append(children.pop(0))
    out = children.pop(0)
    print(out, "is out")  # look: queue children

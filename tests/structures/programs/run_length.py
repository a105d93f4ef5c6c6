"""Run-length encoding, letter by letter."""


def encode(message):
    runs = []
    position = 0
    while position < len(message):
        length = 1
        while position + length < len(message) and message[position + length] == message[position]:
            length += 1
        runs.append(f"{length}{message[position]}")  # look: string message at=position
        position += length
    return "".join(runs)


print(encode("aaabccdddd"))

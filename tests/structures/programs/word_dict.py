"""The same with nothing but dicts."""

index = {}
for name in ("car", "cat", "dog"):
    level = index
    for sign in name:
        level = level.setdefault(sign, {})
    level["$"] = name

print(list(index))  # look: trie index end=$

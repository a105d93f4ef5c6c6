"""A menu whose entries know their menu."""

menu = {"title": "main", "entries": []}
for label in ("open", "quit"):
    menu["entries"].append({"label": label, "menu": menu})
print(menu["entries"][0]["menu"]["title"])  # look: boxes menu

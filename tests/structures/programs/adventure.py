"""Rooms with doors that lead back."""

hall = {"name": "hall"}
attic = {"name": "attic", "down": hall}
cellar = {"name": "cellar", "up": hall}
hall["up"] = attic
hall["down"] = cellar
here = hall
print(here["up"]["name"])  # look: boxes hall

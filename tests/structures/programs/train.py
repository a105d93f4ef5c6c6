"""A train of wagons is turned around."""


class Wagon:
    def __init__(self, load, behind=None):
        self.load = load
        self.behind = behind


engine = None
for load in ("coal", "sand", "wood", "milk"):
    engine = Wagon(load, engine)

turned = None
while engine:
    rest = engine.behind
    engine.behind = turned
    turned = engine
    engine = rest

print(turned.load)  # look: linked-list turned value=load next=behind

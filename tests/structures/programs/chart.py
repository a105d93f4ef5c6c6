"""Who reports to whom."""


class Person:
    def __init__(self, name):
        self.name = name
        self.team = {}

    def hire(self, role, name):
        self.team[role] = Person(name)
        return self.team[role]


boss = Person("Ira")
lead = boss.hire("tech", "Jo")
lead.hire("web", "Kai")
lead.hire("data", "Lin")
boss.hire("sales", "Mo")
print(len(boss.team))  # look: tree boss value=name links=team

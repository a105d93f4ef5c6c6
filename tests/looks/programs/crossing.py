"""An exception that leaves three calls before anybody deals with it."""


def parse(field):
    return int(field)


def read(row):
    return [parse(field) for field in row.split(",")]


def load(rows):
    table = []
    for row in rows:
        table.append(read(row))
    return table


try:
    load(["1,2", "3,x", "5,6"])
except ValueError as problem:
    print("bad row:", problem)  # shot: caught
print(load(["7"])[1])

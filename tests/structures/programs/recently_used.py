"""A cache that forgets what was used longest ago: a dict and a doubly linked list."""


class Item:
    def __init__(self, key, newer=None, older=None):
        self.key = key
        self.newer = newer
        self.older = older


class Cache:
    def __init__(self, room):
        self.room = room
        self.items = {}
        self.first = None
        self.last = None

    def use(self, key):
        if key in self.items:
            self.unlink(self.items.pop(key))
        item = Item(key, None, self.first)
        if self.first:
            self.first.newer = item
        else:
            self.last = item
        self.first = item
        self.items[key] = item
        if len(self.items) > self.room:
            del self.items[self.last.key]
            self.unlink(self.last)

    def unlink(self, item):
        if item.newer:
            item.newer.older = item.older
        else:
            self.first = item.older
        if item.older:
            item.older.newer = item.newer
        else:
            self.last = item.newer


cache = Cache(3)
for page in (1, 2, 3, 1, 4):
    cache.use(page)
    print(page)  # look: linked-list cache.first value=key next=older back=newer after=1

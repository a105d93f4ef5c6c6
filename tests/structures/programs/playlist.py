"""Songs one after the other, forwards and backwards."""


class Song:
    def __init__(self, title):
        self.title = title
        self.next = None
        self.prev = None


class Playlist:
    def __init__(self):
        self.head = self.tail = None

    def add(self, title):
        song = Song(title)
        if self.tail is None:
            self.head = song
        else:
            self.tail.next = song
            song.prev = self.tail
        self.tail = song

    def remove(self, title):
        song = self.head
        while song.title != title:
            song = song.next
        if song.prev:
            song.prev.next = song.next
        if song.next:
            song.next.prev = song.prev


songs = Playlist()
for title in ("Air", "Blue", "Cry", "Day"):
    songs.add(title)
songs.remove("Cry")
print(songs.head.title)  # look: linked-list songs.head value=title next=next back=prev

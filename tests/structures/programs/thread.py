"""Comments and the answers to them."""

from dataclasses import dataclass, field


@dataclass
class Comment:
    text: str
    replies: tuple = field(default=())


first = Comment("hi", (Comment("yo", (Comment("ok"),)), Comment("hey")))
print(len(first.replies))  # look: tree first value=text links=replies

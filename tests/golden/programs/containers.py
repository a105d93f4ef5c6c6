from collections import Counter, defaultdict, deque
import heapq

queue = deque([1, 2], maxlen=3)
queue.append(3)
queue.appendleft(0)
first = queue.popleft()
words = Counter("abca")
words["a"] += 1
groups = defaultdict(list)
groups["x"].append(1)
groups["x"].append(2)
seen = {3, 1}
seen.add(2)
seen.discard(3)
found = 2 in seen, 9 not in seen
heap = [5, 3, 8]
heapq.heapify(heap)
heapq.heappush(heap, 1)
smallest = heapq.heappop(heap)
table = {"one": 1, "two": 2}
del table["one"]
table["three"] = table.get("two") + 1
table |= {"four": 4}
grid = [[0] * 3 for _ in range(2)]
grid[1][2] = 7
grid[0][:2] = [8, 9]
del grid[1][0]
alias = grid[0]
alias += [5]
alias.insert(1, "x")
alias.remove(9)
alias.sort(key=str)
alias.reverse()
pair = (alias, 2.5)
text = "hello"
letters = [letter for letter in text if letter in "lo"]
big = 2 ** 100

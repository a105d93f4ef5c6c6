"""What is most urgent? With the library's heap."""

import heapq

jobs = []
for urgency in (5, 3, 8, 1, 9, 2):
    heapq.heappush(jobs, urgency)
    waiting = len(jobs)  # look: heap jobs
print(heapq.heappop(jobs))
print(jobs)  # look: heap jobs

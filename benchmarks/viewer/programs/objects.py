"""Five thousand objects that move, in a list, each with a dict and a tuple of its own."""

import random

random.seed(6)


class Particle:
    def __init__(self, number):
        self.name = f"p{number}"
        self.x = random.randrange(1000)
        self.speed = random.randrange(-5, 6)
        self.trail = {0: (self.x, 0)}


particles = [Particle(n) for n in range(5000)]
time = 0
while True:
    time += 1
    for particle in particles:
        particle.x = (particle.x + particle.speed) % 1000
        particle.trail[0] = (particle.x, time)

"""Which task comes first? Sorted by what they need."""

needs = {"eat": {"cook"}, "cook": {"shop", "wash"}, "shop": set(), "wash": set()}
order = []
done = set()


def plan(task):
    if task in done:
        return
    done.add(task)
    for first in needs[task]:
        plan(first)
    order.append(task)


plan("eat")
print(order)  # look: graph needs

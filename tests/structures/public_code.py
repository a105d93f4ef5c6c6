"""Owns which public code is drawn, and where one looks: modules of a package from the package index, as their authors wrote
them, each followed by a few lines that call them. Installed at test time by `tests/corpora`, never vendored.

A look is put at the end of the last line that holds a given text, which may be theirs or ours, as `# look: ...` (looks.py).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "corpora"))

from packages import installed

DISTRIBUTIONS: Final = {"algorithms": "algorithms==1.0.1", "networkx": "networkx==3.5"}
"""What holds a package; modules are named without the first one's name."""


@dataclass(frozen=True, slots=True)
class Case:
    """A module, the lines that call it, and what to look at: part of a line, and the look."""

    module: str
    calls: str
    looks: tuple[tuple[str, str], ...]


def _chain(kind: str, values: str) -> str:
    """Lines that build a linked list of the module's own nodes."""
    return f"head = None\nfor one in reversed({values}):\n    node = {kind}(one)\n    node.next = head\n    head = node\n"


CASES: Final = (
    # arrays, and what points into them
    Case(
        "sorting.bubble_sort",
        "bubble_sort([5, 2, 9, 1])",
        (("array[i - 1], array[i] =", "array array at=i"),),
    ),
    Case(
        "sorting.insertion_sort",
        "insertion_sort([5, 2, 9, 1])",
        (("array[pos] = array[pos - 1]", "array array at=pos,i"),),
    ),
    Case(
        "sorting.selection_sort",
        "selection_sort([5, 2, 9, 1])",
        (("if array[j] < array[minimum]", "array array at=minimum,i,j"),),
    ),
    Case(
        "sorting.quick_sort",
        "quick_sort([5, 2, 9, 1, 7])",
        (("if array[pos] < array[last]", "array array at=wall,pos,last"),),
    ),
    # texts
    Case(
        "string.is_palindrome",
        'is_palindrome("rotator")',
        (("if text[left].lower()", "string text at=left,right"),),
    ),
    Case(
        "string.longest_palindromic_substring",
        'longest_palindrome("banana")',
        (("if palindrome_radii[index] > best_length", "string expanded ;; array palindrome_radii at=index"),),
    ),
    Case(
        "array.longest_non_repeat",
        'get_longest_non_repeat_v3("pwwkew")',
        (("seen.add(string[i])", "string string at=i,start_index ;; set seen"),),
    ),
    # grids
    Case("matrix.count_paths", "count_paths(3, 4)", (("return count[rows - 1]", "matrix count"),)),
    Case(
        "dynamic_programming.edit_distance",
        'edit_distance("kitten", "sitting")',
        (("return edit[-1]", "matrix edit"),),
    ),
    Case(
        "matrix.spiral_traversal",
        "spiral_traversal([[1, 2, 3], [4, 5, 6]])",
        (("col_end -= 1", "matrix matrix"),),
    ),
    Case(
        "dynamic_programming.longest_common_subsequence",
        'longest_common_subsequence("abcbdab", "bdcaba")',
        (("return mat[m][n]", "matrix mat"),),
    ),
    # stacks and queues
    Case("stack.valid_parenthesis", 'is_valid("([]{[]})")', (("stack.append(char)", "stack stack"),)),
    Case(
        "stack.simplify_path", 'simplify_path("/a/./b/../../c/d/")', (("stack.append(token)", "stack stack"),)
    ),
    Case(
        "stack.ordered_stack",
        "tower = OrderedStack()\nfor one in (1, 3, 2):\n    tower.push(one)\nprint(tower.size())",
        (("print(tower", "stack tower.items"),),
    ),
    Case(
        "queue.max_sliding_window",
        "max_sliding_window([5, 4, 3, 2, 6, 1], 3)",
        (("if i >= k - 1", "queue index_deque"),),
    ),
    Case(
        "queue.moving_average",
        "mean = MovingAverage(3)\nfor one in (1, 10, 3, 5):\n    mean.next(one)\n",
        (("return sum(self.queue)", "queue self.queue"),),
    ),
    Case(
        "graph.traversal",
        'bfs_traverse({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, "a")',
        (("queue.append(next_node)", "queue queue ;; set visited ;; graph graph"),),
    ),
    # dicts, sets, rows
    Case(
        "map.is_anagram",
        'is_anagram("listen", "silent")',
        (("return freq_s ==", "dict freq_s ;; dict freq_t"),),
    ),
    Case(
        "map.word_pattern",
        'word_pattern("abba", "red blue blue red")',
        (("    return True", "dict mapping ;; set mapped_values"),),
    ),
    Case("array.two_sum", "two_sum([3, 2, 5, 7], 12)", (("return seen[num]", "dict seen"),)),
    Case(
        "sorting.bucket_sort",
        "bucket_sort([9, 3, 7, 1, 8, 3])",
        (("sorted_list: list[int] = []", "rows buckets"),),
    ),
    Case(
        "string.group_anagrams",
        'group_anagrams(["eat", "tea", "tan", "ate", "nat", "bat"])',
        (("    return groups", "rows groups"),),
    ),
    Case(
        "backtracking.subsets", "subsets([1, 2, 3])", (("result.append(list(stack))", "rows result after=3"),)
    ),
    # linked lists: singly, merged, circular, doubly
    Case(
        "linked_list.swap_in_pairs",
        _chain("Node", "[1, 2, 3, 4]") + "head = swap_pairs(head)\nprint(head.val)",
        (
            ("print(head.val)", "linked-list head value=val next=next"),
            ("first.next = second.next", "linked-list sentinel value=val next=next"),
        ),
    ),
    Case(
        "linked_list.merge_two_list",
        _chain("Node", "[1, 4, 6]")
        + "other = head\n"
        + _chain("Node", "[2, 3, 7]")
        + "head = merge_two_list(head, other)\nprint(head.val)",
        (("print(head.val)", "linked-list head value=val next=next"),),
    ),
    Case(
        "linked_list.is_cyclic",
        _chain("Node", '"abcd"')
        + "last = head\nwhile last.next:\n    last = last.next\nlast.next = head\nis_cyclic(head)\n",
        (("walker = walker.next", "linked-list head value=val next=next"),),
    ),
    Case(
        "data_structures.linked_list",
        "front = DoublyLinkedListNode('a')\nlast = front\nfor one in 'bcd':\n    node = DoublyLinkedListNode(one)\n"
        "    node.prev = last\n    last.next = node\n    last = node\nprint(front.value)",
        (("print(front.value)", "linked-list front value=value next=next back=prev"),),
    ),
    Case(
        "data_structures.stack",
        "tower = LinkedListStack()\nfor one in (3, 1, 2):\n    tower.push(one)\nprint(tower.peek())",
        (("print(tower.peek", "linked-list tower.head value=value next=next"),),
    ),
    # trees: binary, with parents, with slots, of any number of children
    Case(
        "tree.bst_array_to_bst",
        "top = array_to_bst([1, 2, 3, 4, 5, 6])\nprint(top.val)",
        (("print(top", "tree top value=val links=left,right"),),
    ),
    Case(
        "data_structures.red_black_tree",
        "grove = RBTree()\nfor one in (11, 2, 14, 1, 7, 15, 5, 8):\n    grove.insert(RBNode(one, 1))\nprint(grove.root.val)",
        (("print(grove", "tree grove.root value=val links=left,right"),),
    ),
    Case(
        "data_structures.kd_tree",
        "space = KDTree([(2, 3), (5, 4), (9, 6), (4, 7), (8, 1), (7, 2)])\nprint(space.nearest((9, 2)))",
        (("print(space", "tree space.root value=point links=left,right"),),
    ),
    Case(
        "data_structures.b_tree",
        "index = BTree(2)\nfor one in (5, 9, 3, 7, 1, 2, 8, 6, 4):\n    index.insert_key(one)\nprint(index.find(8))",
        (("print(index", "tree index.root value=keys links=children"),),
    ),
    Case(
        "tree.construct_tree_postorder_preorder",
        "top = construct_tree_util([1, 2, 4, 5, 3], [4, 5, 2, 3, 1], 0, 4, 5)\nprint(top.val)",
        (("print(top", "tree top value=val links=left,right"),),
    ),
    # tries: of objects, of objects that know their letter, of dicts
    Case(
        "data_structures.trie",
        "words = Trie()\nfor one in ('tea', 'ten', 'in'):\n    words.insert(one)\nprint(words.search('tea'))",
        (("print(words", "trie words.root links=children end=is_word"),),
    ),
    Case(
        "tree.trie_add_and_search",
        "words = WordDictionary()\nfor one in ('bad', 'bat', 'mad'):\n    words.add_word(one)\nprint(words.search('bat'))",
        (("print(words", "trie words.root links=children end=is_terminal"),),
    ),
    Case(
        "backtracking.find_words",
        "find_words([['o', 'a'], ['e', 't']], ['oat', 'oae', 'et'])",
        (("found: set[str] = set()", "trie trie end=#"),),
    ),
    # graphs: adjacency lists, matrices, with weights, of objects
    Case(
        "graph.transitive_closure_dfs",
        "net = Graph(4)\nfor a, b in ((0, 1), (0, 2), (1, 2), (2, 0), (2, 3), (3, 3)):\n    net.add_edge(a, b)\nprint(net.transitive_closure())",
        (("print(net", "graph net.graph"),),
    ),
    Case(
        "graph.dijkstra_heapq",
        'dijkstra({"s": {"a": 2, "b": 1}, "a": {"s": 3, "b": 4}, "b": {"a": 8, "d": 2}, "d": {"b": 7}}, "s", "d")',
        (("path.reverse()", "graph graph ;; dict dist"), ("heapq.heappush(heap", "heap heap")),
    ),
    Case(
        "graph.kahns_algorithm",
        "Solution().topological_sort(4, [[1, 2], [3], [3], []])",
        (("topo_order.append(node)", "graph adj"),),
    ),
    Case(
        "graph.clone_graph",
        "one, two, three = map(UndirectedGraphNode, (1, 2, 3))\nfor a, b in ((one, two), (two, three), (three, one)):\n    a.add_neighbor(b)\n"
        "    b.add_neighbor(a)\nprint(clone_graph(one).label)",
        (("print(clone_graph", "graph one value=label links=neighbors"),),
    ),
    # heaps
    Case(
        "matrix.sort_matrix_diagonally",
        "sort_diagonally([[3, 3, 1, 1], [2, 2, 1, 2], [1, 1, 1, 2]])",
        (("mat[row][col] = heappop(heap)", "heap heap"),),
    ),
    Case(
        "graph.prims_minimum_spanning",
        "prims_minimum_spanning({1: [[3, 2], [8, 3]], 2: [[3, 1], [5, 3]], 3: [[8, 1], [5, 2]]})",
        (("heapq.heappush(heap", "heap heap ;; set prim"),),
    ),
    Case("sorting.heap_sort", "max_heap_sort([4, 10, 3, 5, 1])", (("array[0], array[end] =", "heap array"),)),
    # union-find: a list, a dict, a dict of places
    Case(
        "graph.minimum_spanning_tree",
        "sets = DisjointSet(5)\nprint(kruskal(5, [Edge(0, 1, 2), Edge(1, 2, 3), Edge(0, 3, 6), Edge(1, 3, 8), Edge(1, 4, 5), Edge(2, 4, 7)], sets))\nprint(sets.parent)",
        (("print(sets", "union-find sets.parent"),),
    ),
    Case(
        "data_structures.union_find",
        'clubs = Union()\nfor one in "abcde":\n    clubs.add(one)\nclubs.unite("a", "b")\nclubs.unite("c", "d")\nclubs.unite("a", "d")\nprint(clubs.count)',
        (("print(clubs", "union-find clubs.parents"),),
    ),
    Case(
        "networkx.utils.union_find",
        'clubs = UnionFind("abcdef")\nclubs.union("a", "b")\nclubs.union("c", "d")\nclubs.union("b", "d")\nprint(clubs["a"])',
        (("print(clubs", "union-find clubs.parents"),),
    ),
)


def texts() -> dict[str, str]:
    """Each case's program, with its looks in it, by name."""
    for distribution in DISTRIBUTIONS.values():
        sys.path.insert(0, str(installed(distribution)))
    return {case.module: _text(case) for case in CASES}


def _text(case: Case) -> str:
    first, _, rest = case.module.partition(".")
    package, module = (first, rest) if first in DISTRIBUTIONS else ("algorithms", case.module)
    place = installed(DISTRIBUTIONS[package]).joinpath(package, *module.split(".")).with_suffix(".py")
    theirs = place.read_text(encoding="utf-8").partition('\nif __name__ == "__main__":')[0]
    lines = f"{theirs}\n\n{case.calls}\n".splitlines()
    for part, look in case.looks:
        at = max((i for i, line in enumerate(lines) if part in line), default=None)
        if at is None:
            raise ValueError(f"{case.module} has no line with {part!r}")
        lines[at] += f" ;; {look}" if "# look: " in lines[at] else f"  # look: {look}"
    return "\n".join(lines) + "\n"

/** Owns hand-made runs of small programs, as the recorder would tell them; the golden traces are the real ones. */

import { bool, int, none, type Raw, Recording } from "./encode";

export const BUBBLE = `numbers = [5, 2, 9, 1]

for end in range(len(numbers) - 1, 0, -1):
    for i in range(end):
        if numbers[i] > numbers[i + 1]:
            numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]

print(numbers)
`;

/** Bubble sort of `items`, in chunks of at most `perChunk` inner rounds. */
export function bubble(items: number[] = [5, 2, 9, 1], perChunk = Number.POSITIVE_INFINITY): Uint8Array {
  const r = new Recording(BUBBLE);
  const a = items.slice();
  const list = r.line(1).object("list", "list", a.map(int));
  r.bind({ numbers: list });
  const at = (offset: number) => ({ base: "numbers", index: [["i", offset]] });
  let rounds = 0;
  for (let end = a.length - 1; end > 0; end--) {
    r.line(3).bind({ end: int(end) });
    for (let i = 0; i < end; i++) {
      if (rounds++ && rounds % perChunk === 0) r.cut();
      r.line(4).bind({ i: int(i) });
      r.line(5)
        .get(list, i, at(0), [11, 21])
        .get(list, i + 1, at(1), [24, 38]);
      const [x, y] = [a[i] as number, a[i + 1] as number];
      if (x <= y) continue;
      r.line(6)
        .get(list, i + 1, at(1), [41, 55])
        .get(list, i, at(0), [57, 67]);
      r.set(list, int(i), int(y), at(0), [12, 22]).set(list, int(i + 1), int(x), at(1), [24, 38]);
      [a[i], a[i + 1]] = [y, x];
    }
  }
  r.line(8).print(`[${a.join(", ")}]\n`);
  r.leave(none);
  return r.finish();
}

export const REVERSE = `head = Node("A", Node("B", Node("C", Node("D"))))

previous = None
current = head
while current is not None:
    following = current.next
    current.next = previous
    previous = current
    current = following

head = previous
`;

export function reverseList(letters = ["A", "B", "C", "D"]): Uint8Array {
  const r = new Recording(REVERSE);
  r.line(1);
  let head: Raw = none;
  const nodes: Raw[] = [];
  for (const letter of letters.slice().reverse()) {
    head = r.object("object", "Node", ["value", r.str(letter), "next", head]);
    nodes.unshift(head);
  }
  r.bind({ head });
  r.line(3).bind({ previous: none });
  r.line(4).bind({ current: head });
  let previous: Raw = none;
  nodes.forEach((node, i) => {
    const following = nodes[i + 1] ?? none;
    r.line(5);
    r.line(6).getattr(node, "next", "current").bind({ following });
    r.line(7).setattr(node, "next", previous, "current");
    r.line(8).bind({ previous: node });
    r.line(9).bind({ current: following });
    previous = node;
  });
  r.line(5);
  r.line(11).bind({ head: previous });
  r.leave(none);
  return r.finish();
}

export const TREE = `class TreeNode:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None

def insert(node, key):
    if node is None:
        return TreeNode(key)
    if key < node.key:
        node.left = insert(node.left, key)
    else:
        node.right = insert(node.right, key)
    return node

root = None
for key in [5, 2, 8, 1, 4, 9]:
    root = insert(root, key)
`;

interface Shadow {
  at: Raw;
  key: number;
  left: Shadow | null;
  right: Shadow | null;
}

export function insertTree(keys = [5, 2, 8, 1, 4, 9]): Uint8Array {
  const r = new Recording(TREE);
  const unit = r.unit("function", "insert", 7);
  r.line(1).bind({ TreeNode: r.atom("class", "TreeNode") });
  r.line(7).bind({ insert: r.atom("function", "insert") });
  r.line(16).bind({ root: none });
  const insert = (node: Shadow | null, key: number): Shadow => {
    r.enter(unit, 7, { node: node?.at ?? none, key: int(key) });
    r.line(8);
    if (!node) {
      r.line(9);
      const at = r.object("object", "TreeNode", ["key", int(key), "left", none, "right", none]);
      r.leave(at);
      return { at, key, left: null, right: null };
    }
    r.line(10).getattr(node.at, "key", "node");
    const side = key < node.key ? "left" : "right";
    r.line(side === "left" ? 11 : 13).getattr(node.at, side, "node");
    node[side] = insert(node[side], key);
    r.setattr(node.at, side, (node[side] as Shadow).at, "node");
    r.line(14).leave(node.at);
    return node;
  };
  let root: Shadow | null = null;
  for (const key of keys) {
    r.line(17).bind({ key: int(key) });
    r.line(18);
    root = insert(root, key);
    r.bind({ root: root.at });
  }
  r.leave(none);
  return r.finish();
}

export const MIXED = `grid = [[1, 2, 3], [4, 5, 6]]
ages = {"Ada": 36, "Alan": 41}
seen = {1, 2}
same = grid
graph = {"A": ["B", "C"], "B": ["D"], "C": ["D"], "D": []}
point = (3, 4)
print("hello")
grid[1][2] = 60
ages["Grace"] = 85
raise ValueError("no more")
`;

export function mixed(): Uint8Array {
  const r = new Recording(MIXED);
  const list = (...items: Raw[]) => r.object("list", "list", items);
  r.line(1);
  const rows = [list(int(1), int(2), int(3)), list(int(4), int(5), int(6))];
  const grid = list(...rows);
  r.bind({ grid });
  const ages = r.line(2).object("dict", "dict", [r.str("Ada"), int(36), r.str("Alan"), int(41)]);
  r.bind({ ages });
  r.line(3).bind({ seen: r.object("set", "set", [int(1), int(2)]) });
  r.line(4).bind({ same: grid });
  r.line(5);
  const [a, b, c, d] = ["A", "B", "C", "D"].map((s) => r.str(s)) as [Raw, Raw, Raw, Raw];
  r.bind({ graph: r.object("dict", "dict", [a, list(b, c), b, list(d), c, list(d), d, list()]) });
  r.line(6).bind({ point: r.object("tuple", "tuple", [int(3), int(4)]), ok: bool(true) });
  r.line(7).print("hello\n");
  r.line(8).get(grid, 1, { base: "grid" });
  r.set(rows[1] as Raw, int(2), int(60), {});
  r.line(9).set(ages, r.str("Grace"), int(85), { base: "ages" });
  r.line(10).event("raise", {}, [r.atom("exception", "ValueError", "no more")]);
  r.event("unwind", {}, [r.atom("exception", "ValueError", "no more")]);
  const stack =
    'Traceback (most recent call last):\n  File "<cell>", line 10, in <module>\nValueError: no more';
  return r.finish("error", { name: "ValueError", message: "no more", stack });
}

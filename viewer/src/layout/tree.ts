/** Owns the geometry of trees: tidy, and in a binary tree a left child stands left even where it is alone. */

import { type HierarchyPointNode, hierarchy, tree } from "d3-hierarchy";
import {
  type Box,
  bounds,
  centre,
  curve,
  type Edge,
  type LinkedLayout,
  type LinkSpec,
  line,
  rim,
} from "./geometry";

export interface TreeSpec {
  readonly ids: readonly string[];
  readonly links: readonly LinkSpec[];
  /** In a binary tree, the names that mean left and right. */
  readonly sides: readonly [string, string] | null;
  readonly width: (id: string) => number;
  readonly height: number;
  /** Room above a box for its labels. */
  readonly headroom: number;
  /** Room across: trees that do not fit beside the others begin a new row. */
  readonly across: number;
  /** What of that room a box's labels take: an arrow ends above them. */
  readonly lift: (id: string) => number;
}

interface Item {
  /** Empty for a sibling that is not there. */
  readonly id: string;
  readonly children: Item[];
}

const SIBLING_GAP = 16;
const LEVEL_GAP = 30;
const TREE_GAP = 36;
const EDGE = 14;

export function layoutTree(spec: TreeSpec): LinkedLayout {
  const children = new Map<string, LinkSpec[]>();
  const below = new Set<string>();
  const links = spec.links.filter(({ minor }) => !minor);
  for (const link of links) {
    children.set(link.from, [...(children.get(link.from) ?? []), link]);
    below.add(link.to);
  }
  const boxes = new Map<string, Box>();
  const row = { left: EDGE, top: 0, bottom: 0 };
  for (const root of spec.ids.filter((id) => !below.has(id))) {
    const placed = placeTree(itemOf(root, children, spec.sides), spec);
    if (row.left > EDGE && row.left + placed.width > spec.across) {
      row.left = EDGE;
      row.top = row.bottom + LEVEL_GAP;
    }
    for (const box of placed.boxes) {
      boxes.set(box.id, { ...box, x: box.x + row.left, y: box.y + row.top });
      row.bottom = Math.max(row.bottom, box.y + row.top + box.height);
    }
    row.left += placed.width + TREE_GAP;
  }
  const edges = spec.links.map((link) => (link.minor ? strayOf(link, boxes) : edgeOf(link, boxes, spec)));
  const placed = [...boxes.values()];
  const strays = links.length < spec.links.length;
  return { ...bounds(placed, EDGE, strays ? 24 : 10), boxes: placed, edges };
}

/** A subtree as d3 wants it; an only child of a binary node gets an unseen sibling. */
function itemOf(id: string, links: ReadonlyMap<string, LinkSpec[]>, sides: TreeSpec["sides"]): Item {
  const mine = links.get(id) ?? [];
  const child = (link: LinkSpec) => itemOf(link.to, links, sides);
  if (!sides || mine.length === 0) return { id, children: mine.map(child) };
  const ordered = sides.map((side) => {
    const link = mine.find(({ name }) => name === side);
    return link ? child(link) : { id: "", children: [] };
  });
  // A third link of one name (what is left out, say) stands beside.
  const others = mine.filter((link) => !ordered.some((item) => item.id === link.to));
  return { id, children: [...ordered, ...others.map(child)] };
}

/** Places one tree, its left end at 0. */
function placeTree(root: Item, spec: TreeSpec): { boxes: Box[]; width: number } {
  const widest = (item: Item): number =>
    item.children.reduce((w, c) => Math.max(w, widest(c)), item.id === "" ? 0 : spec.width(item.id));
  const pitch = widest(root) + SIBLING_GAP;
  const level = spec.height + LEVEL_GAP + spec.headroom;
  // In a binary tree an unseen sibling takes less than a place: enough to lean, not to sprawl.
  const placed = tree<Item>()
    .nodeSize([pitch, level])
    .separation((a, b) => (a.data.id === "" || b.data.id === "" ? 0.8 : a.parent === b.parent ? 1 : 1.12))(
    hierarchy(root, (item) => item.children),
  );
  const seen = placed.descendants().filter((node: HierarchyPointNode<Item>) => node.data.id !== "");
  const edge = (node: HierarchyPointNode<Item>, side: number) =>
    node.x + (side * spec.width(node.data.id)) / 2;
  const start = Math.min(...seen.map((node) => edge(node, -1)));
  const end = Math.max(...seen.map((node) => edge(node, 1)));
  const boxes = seen.map((node): Box => {
    const { id } = node.data;
    const y = spec.headroom + node.y;
    return { id, x: edge(node, -1) - start, y, width: spec.width(id), height: spec.height };
  });
  return { boxes, width: end - start };
}

function edgeOf(link: LinkSpec, boxes: ReadonlyMap<string, Box>, spec: TreeSpec): Edge {
  const from = boxes.get(link.from) as Box;
  const to = boxes.get(link.to) as Box;
  const [x1] = centre(from);
  const [x2] = centre(to);
  const [sx, sy] = rim(from, x2, to.y);
  const y1 = Math.min(sy, from.y + from.height);
  return {
    id: link.id,
    path: line(sx, y1, x2, to.y - 3 - spec.lift(link.to)),
    label: link.label,
    labelX: (x1 + x2) / 2,
    labelY: (from.y + from.height + to.y - spec.lift(link.to)) / 2 + 3,
  };
}

/** A link that does not belong to the tree's shape: a curve that leaves and arrives sideways. */
function strayOf(link: LinkSpec, boxes: ReadonlyMap<string, Box>): Edge {
  const from = boxes.get(link.from) as Box;
  const to = boxes.get(link.to) as Box;
  const [x1, y1] = centre(from);
  const [x2, y2] = centre(to);
  const side = x2 >= x1 ? 1 : -1;
  const sx = x1 + (side * from.width) / 2;
  const ex = from === to ? sx : x2 + (side * to.width) / 2 + side * 3;
  return {
    id: link.id,
    path: curve(sx, y1, sx + side * 30, y1 + 10, ex + side * 30, y2 - 10, ex, y2),
    label: "",
    labelX: 0,
    labelY: 0,
  };
}

/** Owns the geometry of trees: tidy, and in a binary tree a left child stands left even where it is alone. */

import { type HierarchyPointNode, hierarchy, tree } from "d3-hierarchy";
import { type Box, bounds, centre, curve, type Edge, type LinkedLayout, line, rim } from "./geometry";

export interface TreeLink {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly label: string;
  readonly attribute: string;
}

export interface TreeSpec {
  readonly ids: readonly number[];
  readonly links: readonly TreeLink[];
  readonly extra: readonly TreeLink[];
  /** In a binary tree, the attributes that mean left and right. */
  readonly sides: readonly [string, string] | null;
  readonly width: (id: number) => number;
  readonly height: number;
  /** Room above a box for its labels. */
  readonly headroom: number;
  /** What of that room a box's labels take: an arrow ends above them. */
  readonly lift: (id: number) => number;
  /** Whether links are labelled with their names (tries, n-ary trees with keys). */
  readonly named: boolean;
}

interface Item {
  readonly id: number;
  readonly children: Item[];
}

const SIBLING_GAP = 16;
const LEVEL_GAP = 30;
const TREE_GAP = 36;
const EDGE = 14;

export function layoutTree(spec: TreeSpec): LinkedLayout {
  const children = new Map<number, TreeLink[]>();
  const below = new Set<number>();
  for (const link of spec.links) {
    children.set(link.from, [...(children.get(link.from) ?? []), link]);
    below.add(link.to);
  }
  const boxes = new Map<number, Box>();
  let left = EDGE;
  for (const root of spec.ids.filter((id) => !below.has(id))) {
    left = placeTree(itemOf(root, children, spec.sides, { next: -1 }), spec, boxes, left) + TREE_GAP;
  }
  const edges = [
    ...spec.links.map((link) => edgeOf(link, boxes, spec)),
    ...spec.extra.map((link) => strayOf(link, boxes)),
  ];
  const placed = [...boxes.values()];
  return { ...bounds(placed, EDGE, spec.extra.length ? 24 : 10), boxes: placed, edges };
}

/** A subtree as d3 wants it; an only child of a binary node gets an unseen sibling (with a negative id). */
function itemOf(
  id: number,
  links: ReadonlyMap<number, TreeLink[]>,
  sides: TreeSpec["sides"],
  blank: { next: number },
): Item {
  const mine = links.get(id) ?? [];
  const child = (link: TreeLink) => itemOf(link.to, links, sides, blank);
  if (!sides || mine.length === 0) return { id, children: mine.map(child) };
  const ordered = sides.map((side) => {
    const link = mine.find(({ attribute }) => attribute === side);
    return link ? child(link) : { id: blank.next--, children: [] };
  });
  return { id, children: ordered };
}

/** Places one tree right of `left`; returns its right end. */
function placeTree(root: Item, spec: TreeSpec, boxes: Map<number, Box>, left: number): number {
  const widest = (item: Item): number =>
    item.children.reduce((w, c) => Math.max(w, widest(c)), spec.width(item.id));
  const pitch = widest(root) + SIBLING_GAP;
  const level = spec.height + LEVEL_GAP + spec.headroom;
  // In a binary tree an unseen sibling takes less than a place: enough to lean, not to sprawl.
  const placed = tree<Item>()
    .nodeSize([pitch, level])
    .separation((a, b) => (a.data.id < 0 || b.data.id < 0 ? 0.8 : a.parent === b.parent ? 1 : 1.12))(
    hierarchy(root, (item) => item.children),
  );
  const seen = placed.descendants().filter((node: HierarchyPointNode<Item>) => node.data.id > 0);
  const start = Math.min(...seen.map((node) => node.x - spec.width(node.data.id) / 2));
  for (const node of seen) {
    const width = spec.width(node.data.id);
    const x = left + node.x - start - width / 2;
    boxes.set(node.data.id, { id: node.data.id, x, y: spec.headroom + node.y, width, height: spec.height });
  }
  return left + Math.max(...seen.map((node) => node.x + spec.width(node.data.id) / 2)) - start;
}

function edgeOf(link: TreeLink, boxes: ReadonlyMap<number, Box>, spec: TreeSpec): Edge {
  const from = boxes.get(link.from) as Box;
  const to = boxes.get(link.to) as Box;
  const [x1] = centre(from);
  const [x2] = centre(to);
  const [sx, sy] = rim(from, x2, to.y);
  const y1 = Math.min(sy, from.y + from.height);
  return {
    key: `${link.from}.${link.attribute}.${link.name}`,
    path: line(sx, y1, x2, to.y - 3 - spec.lift(link.to)),
    label: spec.named ? link.label : "",
    labelX: (x1 + x2) / 2,
    labelY: (from.y + from.height + to.y) / 2,
    from: link.from,
    attribute: link.attribute,
    minor: false,
  };
}

/** A link that does not belong to the tree's shape: a curve that leaves and arrives sideways. */
function strayOf(link: TreeLink, boxes: ReadonlyMap<number, Box>): Edge {
  const from = boxes.get(link.from) as Box;
  const to = boxes.get(link.to) as Box;
  const [x1, y1] = centre(from);
  const [x2, y2] = centre(to);
  const side = x2 >= x1 ? 1 : -1;
  const sx = x1 + (side * from.width) / 2;
  const ex = from === to ? sx : x2 + (side * to.width) / 2 + side * 3;
  return {
    key: `${link.from}.${link.attribute}.${link.name}`,
    path: curve(sx, y1, sx + side * 30, y1 + 10, ex + side * 30, y2 - 10, ex, y2),
    label: "",
    labelX: 0,
    labelY: 0,
    from: link.from,
    attribute: link.attribute,
    minor: true,
  };
}

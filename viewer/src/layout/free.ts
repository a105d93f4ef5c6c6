/**
 * Owns the geometry of graphs without a direction to flow in: vertices push each other apart, edges pull them together
 * (Fruchterman and Reingold). Begins on a circle, always ends the same; vertices drawn before stay where they are.
 */

import {
  type Box,
  besideLoop,
  bounds,
  centre,
  curve,
  type Edge,
  type LinkedLayout,
  type LinkSpec,
  line,
  rim,
  selfLoop,
} from "./geometry";

export interface FreeSpec {
  readonly ids: readonly string[];
  readonly links: readonly LinkSpec[];
  readonly directed: boolean;
  readonly width: (id: string) => number;
  readonly height: number;
  readonly headroom: number;
  /** Room across, in pixels. */
  readonly across: number;
  /** Centres as drawn before, or null. */
  readonly previous: ReadonlyMap<string, readonly [number, number]> | null;
}

export interface FreeLayout extends LinkedLayout {
  /** Centres before they were moved to the picture's corner: to be handed in as `previous`. */
  readonly centres: ReadonlyMap<string, readonly [number, number]>;
}

/** Pushing vertices apart takes as many looks as there are pairs: so many looks at most. */
const EFFORT = 120_000;
const MAX_ROUNDS = 160;
const EDGE = 18;

interface Spot {
  x: number;
  y: number;
  readonly pinned: boolean;
}

export function layoutFree(spec: FreeSpec): FreeLayout {
  const spots = settle(spec);
  const xs = [...spots.values()].map(({ x }) => x);
  const ys = [...spots.values()].map(({ y }) => y);
  const widest = Math.max(0, ...spec.ids.map(spec.width));
  const left = Math.min(...xs) - widest / 2 - EDGE;
  const top = Math.min(...ys) - spec.height / 2 - spec.headroom - EDGE / 2;
  const boxes = new Map<string, Box>();
  for (const [id, { x, y }] of spots) {
    const width = spec.width(id);
    boxes.set(id, { id, x: x - left - width / 2, y: y - top - spec.height / 2, width, height: spec.height });
  }
  const edges = spec.links.map((link) => edgeOf(link, boxes, spec));
  const placed = [...boxes.values()];
  const centres = new Map([...spots].map(([id, { x, y }]) => [id, [x, y] as const]));
  return { ...bounds(placed, EDGE, EDGE), boxes: placed, edges, centres };
}

function settle(spec: FreeSpec): Map<string, Spot> {
  const { ids, links, previous } = spec;
  const labels = links.some(({ label }) => label !== "") ? 34 : 0;
  const reach = Math.max(64, ...ids.map((id) => spec.width(id) + 34)) + labels;
  const spots = start(spec, reach);
  const all = [...spots.values()];
  const free = all.filter(({ pinned }) => !pinned);
  if (free.length === 0 || all.length === 1) return spots;
  // Two links between the same vertices pull no more than one.
  const joined = new Map(
    links
      .filter(({ from, to }) => from !== to)
      .map(({ from, to }) => [[from, to].sort().join("\n"), { from, to }]),
  );
  const pairs = [...joined.values()].map(({ from, to }) => [spots.get(from), spots.get(to)] as [Spot, Spot]);
  const rounds = Math.max(8, Math.min(MAX_ROUNDS, Math.floor(EFFORT / (all.length * free.length))));
  const still = previous !== null && free.length < all.length;
  for (let round = 0; round < rounds; round++) {
    const heat = reach * (still ? 0.3 : 0.6) * (1 - round / rounds) + 0.5;
    step(free, all, pairs, reach, heat);
  }
  if (free.length === all.length) stretch(all, reach);
  return spots;
}

/** Makes the whole so large that no two vertices stand too near to each other. */
function stretch(all: readonly Spot[], reach: number): void {
  let near = reach;
  for (const [i, a] of all.entries())
    for (const b of all.slice(i + 1)) near = Math.min(near, Math.hypot(a.x - b.x, a.y - b.y));
  const factor = Math.min(3, reach / Math.max(near, 1));
  for (const spot of all) {
    spot.x *= factor;
    spot.y *= factor;
  }
}

/** Where vertices begin: where they were, beside a neighbour, or on a circle. */
function start({ ids, links, previous }: FreeSpec, reach: number): Map<string, Spot> {
  const spots = new Map<string, Spot>();
  const radius = Math.max(reach * 0.9, (ids.length * reach) / 7);
  ids.forEach((id, i) => {
    const known = previous?.get(id);
    if (known) {
      spots.set(id, { x: known[0], y: known[1], pinned: true });
      return;
    }
    const angle = (2 * Math.PI * i) / ids.length - Math.PI / 2;
    const link = links.find(
      ({ from, to }) => (from === id && spots.has(to)) || (to === id && spots.has(from)),
    );
    const near = previous && link ? spots.get(link.from === id ? link.to : link.from) : undefined;
    const far = near ? reach : radius;
    spots.set(id, {
      x: (near?.x ?? 0) + far * 1.35 * Math.cos(angle + (near ? i : 0)),
      y: (near?.y ?? 0) + far * Math.sin(angle + (near ? i : 0)),
      pinned: false,
    });
  });
  return spots;
}

function step(
  free: readonly Spot[],
  all: readonly Spot[],
  pairs: readonly (readonly [Spot, Spot])[],
  reach: number,
  heat: number,
): void {
  const moves = new Map<Spot, [number, number]>(free.map((spot) => [spot, [0, 0]]));
  for (const spot of free) {
    const move = moves.get(spot) as [number, number];
    for (const other of all) {
      if (other === spot) continue;
      const dx = spot.x - other.x || 0.1;
      const dy = spot.y - other.y || 0.1;
      const push = (reach * reach) / (dx * dx + dy * dy);
      move[0] += dx * push;
      move[1] += dy * push;
    }
    // Parts without a link between them must not drift away.
    move[0] -= spot.x * 0.04;
    move[1] -= spot.y * 0.06;
  }
  for (const [a, b] of pairs) {
    const dx = a.x - b.x;
    const dy = a.y - b.y;
    const pull = Math.hypot(dx, dy) / reach;
    for (const [spot, sign] of [
      [a, -1],
      [b, 1],
    ] as const) {
      const move = moves.get(spot);
      if (!move) continue;
      move[0] += sign * dx * pull;
      move[1] += sign * dy * pull;
    }
  }
  for (const [spot, [dx, dy]] of moves) {
    const length = Math.hypot(dx, dy) || 1;
    const far = Math.min(length, heat) / length;
    spot.x += dx * far;
    spot.y += dy * far * 0.8;
  }
}

function edgeOf(link: LinkSpec, boxes: ReadonlyMap<string, Box>, { directed, links }: FreeSpec): Edge {
  const from = boxes.get(link.from) as Box;
  const to = boxes.get(link.to) as Box;
  const [x1, y1] = centre(from);
  const [x2, y2] = centre(to);
  const common = { id: link.id, label: link.label, labelX: (x1 + x2) / 2, labelY: (y1 + y2) / 2 + 4 };
  if (from === to) return { ...common, path: selfLoop(from), ...besideLoop(from) };
  const [sx, sy] = rim(from, x2, y2);
  const [ex, ey] = rim(to, x1, y1, directed ? 3 : 0);
  const both = directed && links.some((other) => other.from === link.to && other.to === link.from);
  if (!both) return { ...common, path: line(sx, sy, ex, ey) };
  const length = Math.hypot(ex - sx, ey - sy) || 1;
  const nx = (-(ey - sy) / length) * 14;
  const ny = ((ex - sx) / length) * 14;
  return {
    ...common,
    path: curve(sx, sy, sx + nx, sy + ny, ex + nx, ey + ny, ex, ey),
    labelX: common.labelX + nx,
    labelY: common.labelY + ny,
  };
}

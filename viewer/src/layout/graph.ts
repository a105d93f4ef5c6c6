/**
 * Owns the geometry of any object graph: layers by distance from the objects it is entered at, each layer ordered
 * by where its neighbours stand (two sweeps of barycentres), objects drawn before keeping their order.
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

export interface GraphSpec {
  readonly ids: readonly string[];
  readonly links: readonly LinkSpec[];
  readonly width: (id: string) => number;
  readonly height: (id: string) => number;
  readonly headroom: number;
  /** What of that room a box's labels take: an arrow ends above them. */
  readonly lift: (id: string) => number;
  /** Places as drawn before, or null. */
  readonly previous: ReadonlyMap<string, { readonly x: number }> | null;
}

const GAP = 28;
const LAYER_GAP = 46;
const EDGE = 16;

export function layoutGraph(spec: GraphSpec): LinkedLayout {
  const layers = orderLayers(layersOf(spec), spec);
  const widths = layers.map((layer) => layer.reduce((w, id) => w + spec.width(id) + GAP, -GAP));
  const widest = Math.max(0, ...widths);
  const boxes = new Map<string, Box>();
  let y = spec.headroom;
  layers.forEach((layer, i) => {
    let x = EDGE + (widest - (widths[i] as number)) / 2;
    let tallest = 0;
    for (const id of layer) {
      boxes.set(id, { id, x, y, width: spec.width(id), height: spec.height(id) });
      x += spec.width(id) + GAP;
      tallest = Math.max(tallest, spec.height(id));
    }
    y += tallest + LAYER_GAP + spec.headroom;
  });
  const edges = spec.links.map((link) => edgeOf(link, boxes, spec));
  const placed = [...boxes.values()];
  return { ...bounds(placed, EDGE + 24, 24), boxes: placed, edges };
}

function layersOf({ ids, links }: GraphSpec): string[][] {
  const next = new Map<string, string[]>();
  const entered = new Set<string>();
  for (const { from, to } of links) {
    next.set(from, [...(next.get(from) ?? []), to]);
    if (from !== to) entered.add(to);
  }
  const depth = new Map<string, number>();
  const spread = (start: string) => {
    if (depth.has(start)) return;
    depth.set(start, 0);
    const queue = [start];
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      for (const to of next.get(id) ?? []) {
        if (depth.has(to)) continue;
        depth.set(to, (depth.get(id) as number) + 1);
        queue.push(to);
      }
    }
  };
  for (const id of ids) if (!entered.has(id)) spread(id);
  for (const id of ids) spread(id);
  const layers: string[][] = [];
  for (const id of ids) {
    const layer = depth.get(id) as number;
    while (layers.length <= layer) layers.push([]);
    (layers[layer] as string[]).push(id);
  }
  return layers;
}

function orderLayers(layers: string[][], { links, previous }: GraphSpec): string[][] {
  const known = previous !== null && layers.every((layer) => layer.every((id) => previous.has(id)));
  if (known) return layers.map((layer) => layer.slice().sort((a, b) => x(previous, a) - x(previous, b)));
  const near = new Map<string, string[]>();
  for (const { from, to } of links) {
    near.set(from, [...(near.get(from) ?? []), to]);
    near.set(to, [...(near.get(to) ?? []), from]);
  }
  let ordered = layers.map((layer) => layer.slice());
  for (const downwards of [true, false, true]) {
    const place = new Map<string, number>();
    for (const layer of ordered) {
      layer.forEach((id, i) => {
        place.set(id, (i + 0.5) / layer.length);
      });
    }
    const weight = (id: string, self: number) => {
      const seen = (near.get(id) ?? [])
        .filter((other) => other !== id)
        .map((other) => place.get(other) as number);
      return seen.length ? seen.reduce((a, b) => a + b, 0) / seen.length : self;
    };
    const sorted = ordered.map((layer, i) =>
      i === (downwards ? 0 : layers.length - 1)
        ? layer
        : layer.slice().sort((a, b) => weight(a, place.get(a) as number) - weight(b, place.get(b) as number)),
    );
    ordered = sorted;
  }
  return ordered;
}

function x(previous: ReadonlyMap<string, { readonly x: number }>, id: string): number {
  return previous.get(id)?.x ?? 0;
}

function edgeOf(link: LinkSpec, boxes: ReadonlyMap<string, Box>, spec: GraphSpec): Edge {
  const from = boxes.get(link.from) as Box;
  const to = boxes.get(link.to) as Box;
  const [x1, y1] = centre(from);
  const [x2, y2] = centre(to);
  const both = spec.links.some((other) => other.from === link.to && other.to === link.from);
  const common = {
    id: link.id,
    label: link.label,
    labelX: (x1 + x2) / 2,
    labelY: (y1 + y2) / 2,
  };
  if (from === to) return { ...common, path: selfLoop(from), ...besideLoop(from) };
  const [sx, sy] = rim(from, x2, y2);
  const lift = y1 < to.y ? spec.lift(link.to) : 0;
  const [ex, ey] = rim({ ...to, y: to.y - lift, height: to.height + 2 * lift }, x1, y1, 4);
  const sameLayer = Math.abs(y1 - y2) < 1;
  // A link past other layers would run across their boxes.
  const far = Math.abs(y1 - y2) > from.height + to.height + LAYER_GAP + spec.headroom;
  if (!both && !sameLayer && !far) return { ...common, path: line(sx, sy, ex, ey) };
  // Two links between the same boxes, or a link within a layer, bend aside so that they do not lie on each other.
  const length = Math.hypot(ex - sx, ey - sy) || 1;
  const bend = far ? Math.max(from.width, to.width) / 2 + 44 : sameLayer ? 34 : 20;
  const nx = (-(ey - sy) / length) * bend;
  const ny = ((ex - sx) / length) * bend;
  return {
    ...common,
    path: curve(sx, sy, sx + nx, sy + ny, ex + nx, ey + ny, ex, ey),
    labelX: common.labelX + nx * 0.75,
    labelY: common.labelY + ny * 0.75,
  };
}

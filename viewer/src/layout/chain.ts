/**
 * Owns the geometry of linked lists. Boxes stand in rows, and keep their places while only arrows change: that is
 * how a list being reversed is drawn on a whiteboard. They are put in order anew when that makes more arrows short.
 */

import {
  type Box,
  bounds,
  curve,
  type Edge,
  type LinkedLayout,
  type LinkSpec,
  line,
  selfLoop,
} from "./geometry";

export interface ChainSpec {
  readonly ids: readonly string[];
  /** Links that lead on, then (minor) those that lead back. */
  readonly links: readonly LinkSpec[];
  readonly boxWidth: number;
  readonly boxHeight: number;
  /** Width of the compartment that the arrow starts from. */
  readonly portWidth: number;
  /** Room across, in pixels. */
  readonly width: number;
  /** Room above each row for labels. */
  readonly headroom: number;
  /** Rows as drawn before, or null. */
  readonly previous: readonly (readonly string[])[] | null;
}

export interface ChainLayout extends LinkedLayout {
  readonly rows: readonly (readonly string[])[];
  /** Boxes whose arrow leaves to the left: their compartment is on that side. */
  readonly flipped: ReadonlySet<string>;
}

const GAP = 36;
const ROW_GAP = 34;
const EDGE = 14;

export function layoutChain(spec: ChainSpec): ChainLayout {
  const forward = spec.links.filter(({ minor }) => !minor);
  const rows = arrange({ ids: spec.ids, links: forward, previous: spec.previous });
  const perLine = Math.max(1, Math.floor((spec.width - 2 * EDGE + GAP) / (spec.boxWidth + GAP)));
  const boxes = new Map<string, Box>();
  const lineOf = new Map<string, number>();
  let top = spec.headroom;
  let lines = 0;
  for (const row of rows) {
    row.forEach((id, i) => {
      const x = EDGE + (i % perLine) * (spec.boxWidth + GAP);
      if (i > 0 && i % perLine === 0) {
        top += spec.boxHeight + ROW_GAP + spec.headroom;
        lines++;
      }
      boxes.set(id, { id, x, y: top, width: spec.boxWidth, height: spec.boxHeight });
      lineOf.set(id, lines);
    });
    top += spec.boxHeight + ROW_GAP + spec.headroom;
    lines++;
  }
  const flipped = new Set<string>();
  for (const link of forward) {
    const from = boxes.get(link.from) as Box;
    const to = boxes.get(link.to) as Box;
    if (to.x < from.x && lineOf.get(from.id) === lineOf.get(to.id)) flipped.add(link.from);
  }
  const doubled = forward.length < spec.links.length;
  const edges = spec.links.map((link) =>
    route(link, boxes, flipped, spec, link.minor ? 6 : doubled ? -6 : 0),
  );
  const placed = [...boxes.values()];
  const dip = edges.some((edge) => edge.path.includes("C")) ? 26 : 8;
  return { ...bounds(placed, EDGE + 8, dip), boxes: placed, edges, rows, flipped };
}

/** Rows of ids: as before where that has no more long arrows than chains followed from their heads. */
export function arrange({ ids, links, previous }: Pick<ChainSpec, "ids" | "links" | "previous">): string[][] {
  const fresh = followChains(ids, links);
  if (!previous) return fresh;
  const known = new Set(ids);
  const kept = previous.map((row) => row.filter((id) => known.has(id))).filter((row) => row.length > 0);
  const old = new Set(kept.flat());
  const seeded = [
    ...kept,
    ...followChains(
      ids.filter((id) => !old.has(id)),
      links,
    ),
  ];
  return longLinks(seeded, links) <= longLinks(fresh, links) ? seeded : fresh;
}

function followChains(ids: readonly string[], links: ChainSpec["links"]): string[][] {
  const known = new Set(ids);
  const next = new Map(
    links.filter(({ from, to }) => known.has(from) && known.has(to)).map(({ from, to }) => [from, to]),
  );
  const led = new Set([...next].filter(([from, to]) => from !== to).map(([, to]) => to));
  const placed = new Set<string>();
  const rows: string[][] = [];
  // Heads first; what is left then are circles, entered at their first member.
  for (const head of [...ids.filter((id) => !led.has(id)), ...ids]) {
    const row: string[] = [];
    for (let at: string | undefined = head; at !== undefined && !placed.has(at); at = next.get(at)) {
      placed.add(at);
      row.push(at);
    }
    if (row.length) rows.push(row);
  }
  return rows;
}

function longLinks(rows: readonly (readonly string[])[], links: ChainSpec["links"]): number {
  const place = new Map<string, readonly [number, number]>();
  rows.forEach((row, r) => {
    row.forEach((id, i) => {
      place.set(id, [r, i]);
    });
  });
  return links.filter(({ from, to }) => {
    const a = place.get(from);
    const b = place.get(to);
    return a && b && (a[0] !== b[0] || Math.abs(a[1] - b[1]) > 1);
  }).length;
}

function route(
  link: LinkSpec,
  boxes: ReadonlyMap<string, Box>,
  flipped: ReadonlySet<string>,
  spec: ChainSpec,
  shift: number,
): Edge {
  const { minor } = link;
  const from = boxes.get(link.from) as Box;
  const to = boxes.get(link.to) as Box;
  const common = { id: link.id, label: "", labelX: 0, labelY: 0 };
  if (from === to) return { ...common, path: selfLoop(from) };
  const y = from.y + from.height / 2 + shift;
  const near = from.y === to.y && Math.abs(from.x - to.x) <= spec.boxWidth + GAP + 1;
  const rightward = to.x > from.x;
  const port = spec.portWidth / 2;
  if (near) {
    const x1 = minor
      ? rightward
        ? from.x + from.width
        : from.x
      : rightward
        ? from.x + from.width - port
        : from.x + port;
    return { ...common, path: line(x1, y, rightward ? to.x - 3 : to.x + to.width + 3, y) };
  }
  const x1 = minor
    ? from.x + from.width / 3
    : flipped.has(from.id)
      ? from.x + port
      : from.x + from.width - port;
  const bottom = from.y + from.height;
  if (from.y === to.y) {
    const x2 = to.x + to.width / 2;
    return { ...common, path: curve(x1, y, x1, bottom + 30, x2, bottom + 30, x2, bottom + 3) };
  }
  const down = to.y > from.y;
  const x2 = to.x + to.width / 2 - (spec.headroom ? to.width / 4 : 0);
  const y2 = down ? to.y - 3 : to.y + to.height + 3;
  const bend = Math.min(60, Math.abs(y2 - y) / 2);
  return {
    ...common,
    path: curve(x1, y, x1, y + (down ? bend + 20 : -bend - 20), x2, y2 + (down ? -bend : bend), x2, y2),
  };
}

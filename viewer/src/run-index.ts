/**
 * Owns what is counted once per chunk, as a run arrives: how often each site ran, how deep the calls went, where writes,
 * calls, output and errors lie, and all calls as a tree. Small beside the log: some numbers for each chunk.
 */

import { Calls } from "./calls";
import { type Events, eachEvent } from "./events";
import type { EventName, Tables } from "./tables";

/** What the overview shows, as lanes. */
export const LANES = ["write", "call", "output", "error"] as const;
export type Lane = (typeof LANES)[number];

const LANE_OF: Partial<Record<EventName, Lane>> = {
  set: "write",
  setattr: "write",
  del: "write",
  delattr: "write",
  put: "write",
  insert: "write",
  remove: "write",
  add: "write",
  fill: "write",
  clear: "write",
  reverse: "write",
  enter: "call",
  output: "output",
  raise: "error",
};

/** Counts over steps, in a fixed number of bins that double their width as the run grows. */
export class Density {
  /** Steps per bin. */
  width = 1;
  readonly lanes: Record<Lane, Uint32Array>;

  constructor(readonly bins = 512) {
    this.lanes = Object.fromEntries(LANES.map((lane) => [lane, new Uint32Array(bins)])) as Record<
      Lane,
      Uint32Array
    >;
  }

  add(lane: Lane, step: number): void {
    while (step >= this.width * this.bins) this.widen();
    const counts = this.lanes[lane];
    const bin = Math.floor(step / this.width);
    counts[bin] = (counts[bin] as number) + 1;
  }

  private widen(): void {
    for (const counts of Object.values(this.lanes)) {
      const half = this.bins / 2;
      for (let i = 0; i < half; i++) counts[i] = (counts[2 * i] as number) + (counts[2 * i + 1] as number);
      counts.fill(0, half);
    }
    this.width *= 2;
  }
}

/** One chunk's counts. */
export interface Tally {
  readonly firstStep: number;
  readonly steps: number;
  /** Ids of the sites that ran, and how often. */
  readonly sites: Int32Array;
  readonly counts: Int32Array;
  /** Calls that are going on at the step of the chunk at which they are fewest. */
  readonly least: number;
  /** The newest object before the chunk, and with it. */
  readonly before: number;
  readonly newest: number;
}

export class RunIndex {
  readonly tallies: Tally[] = [];
  readonly density = new Density();
  readonly calls: Calls;
  private newest = 0;
  private sums: { chunk: number; counts: Map<number, number> } = { chunk: 0, counts: new Map() };

  constructor(maxCalls?: number) {
    this.calls = new Calls(maxCalls);
  }

  /** Takes in the next chunk. `begun` are the units of the calls going on before the first one. */
  take(events: Events, begun: readonly number[] = []): void {
    const { calls, density } = this;
    if (events.chunk !== this.tallies.length) return;
    if (events.chunk === 0) calls.begin(begun);
    const counts = new Int32Array(events.sites.length);
    const lanes = events.sites.map(({ event }) => LANE_OF[event] ?? null);
    let move = this.follow(events, 0, -1, events.firstStep);
    eachEvent(events, (event, code, step) => {
      counts[code] = (counts[code] as number) + 1;
      const lane = lanes[code];
      if (lane) density.add(lane, step);
      move = this.follow(events, move, event, step);
    });
    const sites = Int32Array.from(events.sites, ({ id }) => id);
    const { firstStep, steps } = events;
    const least = events.depths.reduce((low, depth) => Math.min(low, depth), Number.POSITIVE_INFINITY);
    const before = this.newest;
    this.newest = Math.max(before, events.newest);
    this.tallies.push({ firstStep, steps, sites, counts, least, before, newest: this.newest });
  }

  /** Takes in the moves of an event, from number `next` on; returns the number of the first that comes later. */
  private follow({ moves }: Events, next: number, event: number, step: number): number {
    let at = next;
    for (let move = moves[at]; move !== undefined && move.event <= event; move = moves[++at]) {
      const { what, unit, token } = move;
      if (what === "begin") this.calls.enter(unit, step, token);
      else if (what === "back") this.calls.resume(token);
      else if (what === "aside") this.calls.suspend();
      else this.calls.leave(step);
    }
    return at;
  }

  /** How often each site had run before a chunk, by site id; null while that is not known. */
  private before(chunk: number): ReadonlyMap<number, number> | null {
    if (chunk > this.tallies.length) return null;
    if (chunk < this.sums.chunk) this.sums = { chunk: 0, counts: new Map() };
    const { counts } = this.sums;
    for (; this.sums.chunk < chunk; this.sums.chunk++) {
      const tally = this.tallies[this.sums.chunk] as Tally;
      tally.sites.forEach((site, i) => {
        counts.set(site, (counts.get(site) ?? 0) + (tally.counts[i] as number));
      });
    }
    return counts;
  }

  /** How often each line of a source has run at a step of the chunk `events`; null while that is not known. */
  executed(step: number, events: Events, source: number, tables: Tables): Map<number, number> | null {
    const before = this.before(events.chunk);
    if (before === null) return null;
    const isLine = (id: number) => {
      const site = tables.sites[id];
      return site?.event === "line" && tables.units[site.unit]?.source === source;
    };
    const counts = new Map<number, number>();
    for (const [id, count] of before) if (isLine(id)) counts.set(id, count);
    const here = events.sites.map(({ id }) => isLine(id));
    const end = events.stops[step - events.firstStep] as number;
    for (let i = 0; i < end; i++) {
      const code = events.codes[i] as number;
      if (!here[code]) continue;
      const { id } = events.sites[code] as { id: number };
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return byLine(counts, tables);
  }
}

/**
 * Counts of line sites by line. A loop has two sites at one place, for its beginning and for each further round; several
 * statements may share a line, which has run as often as the one of them that ran most.
 */
function byLine(counts: ReadonlyMap<number, number>, tables: Tables): Map<number, number> {
  const places = new Map<number, Map<number, number>>();
  for (const [id, count] of counts) {
    const { line, col } = tables.sites[id] as { line: number; col: number };
    const columns = places.get(line) ?? new Map<number, number>();
    places.set(line, columns.set(col, (columns.get(col) ?? 0) + count));
  }
  return new Map([...places].map(([line, columns]) => [line, Math.max(...columns.values())]));
}

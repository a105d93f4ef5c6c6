/**
 * Owns what is counted once per chunk, as a run arrives: how often each site ran, how deep the calls went, where writes,
 * calls, output and errors lie, and all calls as a tree. Small beside the log: some numbers for each chunk.
 */

import { Calls } from "./calls";
import { type Counted, LANES, type Lane } from "./census";
import type { Tables } from "./tables";

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

/** How often each site had run is kept for every so many chunks. */
const SUMS_EVERY = 64;

export class RunIndex {
  readonly tallies: Tally[] = [];
  readonly density = new Density();
  readonly calls: Calls;
  private newest = 0;
  /** How often each site had run, by its id: before chunk 0, SUMS_EVERY, ... */
  private readonly sums: ReadonlyMap<number, number>[] = [];

  constructor(maxCalls?: number) {
    this.calls = new Calls(maxCalls);
  }

  /** Takes in the next chunk; another is left alone. `begun` are the units of the calls going on before the first one. */
  take(counted: Counted, begun: readonly number[] = []): void {
    const { calls, density } = this;
    const { chunk, firstStep, steps, sites, counts, least } = counted;
    if (chunk !== this.tallies.length) return;
    if (chunk === 0) calls.begin(begun);
    for (const lane of LANES) for (const step of counted.lanes[lane]) density.add(lane, step);
    for (const { what, unit, token, step } of counted.moves) {
      if (what === "begin") calls.enter(unit, step, token);
      else if (what === "back") calls.resume(token);
      else if (what === "aside") calls.suspend();
      else calls.leave(step);
    }
    const before = this.newest;
    this.newest = Math.max(before, counted.newest);
    this.tallies.push({ firstStep, steps, sites, counts, least, before, newest: this.newest });
  }

  /** How often each site had run before a chunk, by site id; null while that is not known. */
  private before(chunk: number): ReadonlyMap<number, number> | null {
    if (chunk > this.tallies.length) return null;
    const block = Math.floor(chunk / SUMS_EVERY);
    for (let next = this.sums.length; next <= block; next++)
      this.sums.push(
        next === 0 ? new Map() : this.sum(this.sums[next - 1], (next - 1) * SUMS_EVERY, next * SUMS_EVERY),
      );
    return this.sum(this.sums[block], block * SUMS_EVERY, chunk);
  }

  private sum(start: ReadonlyMap<number, number> | undefined, from: number, to: number): Map<number, number> {
    const sums = new Map(start);
    for (let chunk = from; chunk < to; chunk++) {
      const { sites, counts } = this.tallies[chunk] as Tally;
      for (let i = 0; i < sites.length; i++) {
        const site = sites[i] as number;
        sums.set(site, (sums.get(site) ?? 0) + (counts[i] as number));
      }
    }
    return sums;
  }

  /**
   * How often each line of a source has run, by what ran before a chunk and the sites of the stops (`stops` of them) that
   * ran in it; null while that is not known.
   */
  executed(
    chunk: number,
    siteOf: (stop: number) => number,
    stops: number,
    source: number,
    tables: Tables,
  ): Map<number, number> | null {
    const before = this.before(chunk);
    if (before === null) return null;
    const counts = new Map<number, number>();
    const isLine = (id: number) => {
      const site = tables.sites[id];
      return site?.event === "line" && tables.units[site.unit]?.source === source;
    };
    for (const [id, count] of before) if (isLine(id)) counts.set(id, count);
    const here = new Uint32Array(tables.sites.length);
    for (let stop = 0; stop < stops; stop++) {
      const id = siteOf(stop);
      if (id >= 0) here[id] = (here[id] as number) + 1;
    }
    here.forEach((count, id) => {
      if (count > 0 && isLine(id)) counts.set(id, (counts.get(id) ?? 0) + count);
    });
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

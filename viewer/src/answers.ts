/**
 * Owns finding the answers to a question in a run, chunk by chunk: how many each chunk holds, which steps they are, and
 * the next one from any step. Chunks whose sites cannot answer are never read; only counts are kept of the others.
 */

import { type Events, eachEvent, type Pace, type Walk } from "./events";
import type { Matcher } from "./questions";
import type { RunIndex } from "./run-index";
import { EVENTS, type Site, siteOf } from "./tables";
import { refTo } from "./values";

/** Chunks whose answers are kept as steps. Of a run with no more than these every answer is known exactly. */
const KEPT = 64;

export interface Rank {
  /** Answers up to a step, as far as known. */
  readonly before: number;
  /** Answers found so far. */
  readonly total: number;
  /** Whether every chunk known has been looked through. */
  readonly complete: boolean;
}

export class Answers {
  /** Answers in each chunk; undefined where nobody has looked yet. */
  private readonly counts: (number | undefined)[] = [];
  private readonly kept = new Map<number, readonly number[]>();
  private readonly interests = new Map<number, ReturnType<Matcher["interest"]>>();

  constructor(
    private readonly walk: Walk,
    private readonly index: RunIndex,
    private readonly matcher: Matcher,
  ) {}

  /** The answers in a chunk as steps, ascending. Rejects with TraceError, or Cancelled. */
  async stepsIn(chunk: number, pace: Pace): Promise<readonly number[]> {
    const known = this.kept.get(chunk);
    if (known) return known;
    if (this.counts[chunk] === undefined) this.counts[chunk] = this.countOf(chunk);
    if (this.counts[chunk] === 0) return [];
    await pace.breathe();
    const steps = await this.find(this.walk.peek(chunk) ?? (await this.walk.read(chunk)), pace);
    // The last chunk known may still grow by what belongs to its last step, so it is not remembered.
    if (chunk < this.walk.chunks - 1 || this.walk.tables.end) this.keep(chunk, steps);
    return steps;
  }

  /** Looks through all chunks, telling the part done (0 to 1) now and then. */
  async countAll(pace: Pace, tell: (part: number) => void): Promise<void> {
    for (let chunk = 0; chunk < this.walk.chunks; chunk++) {
      this.counts[chunk] ??= this.countOf(chunk);
      if (this.counts[chunk] === undefined || this.walk.chunks <= KEPT)
        this.counts[chunk] = (await this.stepsIn(chunk, pace)).length;
      if (chunk % 16 === 0) {
        await pace.breathe();
        tell(chunk / this.walk.chunks);
      }
    }
    tell(1);
  }

  /** The nearest answer after (direction 1) or before (-1) a step; null where there is none, or none up to `limit`. */
  async next(step: number, direction: 1 | -1, pace: Pace, limit = Infinity): Promise<number | null> {
    const { walk } = this;
    for (let chunk = walk.chunkOf(step); chunk >= 0 && chunk < walk.chunks; chunk += direction) {
      if (direction > 0 && chunk > walk.chunkOf(limit)) return null;
      const steps = await this.stepsIn(chunk, pace);
      const found = direction > 0 ? steps.find((s) => s > step) : steps.filter((s) => s < step).pop();
      if (found !== undefined) return found;
    }
    return null;
  }

  /** Where a step stands among the answers. Those of its own chunk count where they are known as steps. */
  rank(step: number): Rank {
    const here = this.walk.chunkOf(step);
    let before = 0;
    let total = 0;
    let known = 0;
    this.counts.forEach((count, chunk) => {
      if (count === undefined) return;
      known++;
      total += count;
      if (chunk < here) before += count;
    });
    before += (this.kept.get(here) ?? []).filter((s) => s <= step).length;
    return { before, total, complete: known >= this.walk.chunks };
  }

  /** How many answers lie in each of `bins` equal parts of the run: each chunk's are spread over it. */
  spread(bins: number): Uint8Array {
    const marks = new Uint8Array(bins);
    const { last } = this.walk;
    const mark = (step: number) => {
      marks[Math.min(bins - 1, Math.floor((step / Math.max(1, last)) * bins))] = 1;
    };
    this.counts.forEach((count, chunk) => {
      const tally = this.index.tallies[chunk];
      if (!count || !tally) return;
      const steps = this.kept.get(chunk);
      if (steps) for (const step of steps) mark(step);
      else for (let i = 0; i < 8; i++) mark(tally.firstStep + (i * tally.steps) / 8);
    });
    return marks;
  }

  private interest(site: Site): ReturnType<Matcher["interest"]> {
    let known = this.interests.get(site.id);
    if (known === undefined) {
      known = this.matcher.interest(site);
      this.interests.set(site.id, known);
    }
    return known;
  }

  /** The answers in a chunk by its counts alone; undefined where it has to be read. */
  private countOf(chunk: number): number | undefined {
    const tally = this.index.tallies[chunk];
    if (!tally || this.isBirth(chunk)) return undefined;
    let count = 0;
    for (let i = 0; i < tally.sites.length; i++) {
      const { sites, names } = this.walk.tables;
      const site = siteOf(tally.sites[i] as number, sites, names);
      const interest = this.interest(site);
      if (interest === "look" || (interest === "yes" && !EVENTS[site.event].stop)) return undefined;
      if (interest === "yes") count += tally.counts[i] as number;
    }
    return count;
  }

  /** Whether the object asked about appears first in a chunk that is counted. */
  private isBirth(chunk: number): boolean {
    const { birthOf } = this.matcher;
    const tally = this.index.tallies[chunk];
    return birthOf !== undefined && tally !== undefined && tally.before < birthOf && tally.newest >= birthOf;
  }

  private async find(events: Events, pace: Pace): Promise<number[]> {
    const interests = events.sites.map((site) => this.interest(site));
    const steps: number[] = [];
    const doubtful: number[] = [];
    let output = events.outputs;
    eachEvent(events, (event, code, step) => {
      const site = events.sites[code] as Site;
      const found =
        interests[code] === "look"
          ? this.matcher.look(events, event, site, output)
          : interests[code] === "yes";
      if (site.event === "output") output++;
      if (found === true && steps[steps.length - 1] !== step) steps.push(step);
      if (found === "compare" && doubtful[doubtful.length - 1] !== step) doubtful.push(step);
    });
    const born = this.birthIn(events);
    if (born !== null) doubtful.unshift(born);
    for (const step of doubtful) {
      await pace.breathe();
      if (!steps.includes(step) && (await this.differs(step, step === born))) steps.push(step);
    }
    return steps.sort((a, b) => a - b);
  }

  private async differs(step: number, born: boolean): Promise<boolean> {
    const after = await this.walk.stateAt(step);
    const before = await this.walk.stateAt(Math.max(0, step - 1));
    // Before it was there it held nothing, whatever the record of its chunk says.
    const nothing = { ...before, lookup: () => undefined };
    return this.matcher.compare?.(born ? nothing : before, after) ?? false;
  }

  /** The step at which the object asked about is first mentioned, if that is in this chunk. */
  private birthIn(events: Events): number | null {
    const { birthOf } = this.matcher;
    if (birthOf === undefined || !this.isBirth(events.chunk)) return null;
    const self = refTo(birthOf);
    let born: number | null = null;
    eachEvent(events, (event, code, step) => {
      if (born !== null) return;
      const { event: what, names } = events.sites[code] as Site;
      const operands = EVENTS[what].operands as string;
      const count = operands === "*" ? names.length : operands.length;
      for (let n = 0; n < count; n++) if (operands[n] !== "i" && events.value(event, n) === self) born = step;
    });
    return born;
  }

  private keep(chunk: number, steps: readonly number[]): void {
    this.counts[chunk] = steps.length;
    this.kept.set(chunk, steps);
    for (const old of this.kept.keys()) {
      if (this.kept.size <= KEPT) return;
      this.kept.delete(old);
    }
  }
}

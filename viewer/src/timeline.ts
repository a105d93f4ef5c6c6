/** Owns time: the state at any step, what happened on the way to it, and which step comes next at a granularity. */

import type { Counted } from "./census";
import type { Events, Pace } from "./events";
import type { TraceLog } from "./log";
import { type Happening, happeningsTo } from "./replay";
import type { State } from "./state";
import type { StopIndex } from "./stop-index";
import type { EventName, Piece, Site } from "./tables";
import { Usage } from "./usage";
import { Walker } from "./walker";
import type { RawChunk } from "./wire";

export type Granularity = "operation" | "line" | "call";

/** What a view shows: a step's state and the happenings that led to it since the step before (at the granularity). */
export interface Snapshot {
  readonly state: State;
  /** The state the happenings started from. */
  readonly before: State;
  readonly happenings: readonly Happening[];
  /** The site of the next line to be reached, where the loaded chunks say it. */
  readonly next: Site | null;
}

/** Steps at the beginning of a run that are read for how containers are used. */
const LOOK_AHEAD = 32_000;
/** A step at line granularity looks back at most so many stops for its beginning. */
const MAX_WINDOW = 2000;
/** A reader of happenings gets at most the last so many. */
const MAX_HAPPENINGS = 400;

/**
 * At line granularity a step ends before a stop of one of these, so that a line is shown with what it did;
 * at call granularity it ends at one.
 */
export const BEGINS: Record<"line" | "call", ReadonlySet<EventName>> = {
  line: new Set<EventName>(["line", "enter", "leave", "unwind", "raise", "yield", "resume"]),
  call: new Set<EventName>(["enter", "leave", "unwind", "yield", "resume"]),
};

export class Timeline {
  /** How the code uses containers, as far as the chunks looked at tell. */
  readonly usage: Usage;
  private ahead = 0;
  /** Chunks that `usage` has learnt from. */
  private readonly learned = new Set<number>();
  private readonly walker: Walker;

  constructor(
    readonly log: TraceLog,
    cacheBytes?: number,
  ) {
    this.walker = new Walker(log, cacheBytes);
    this.usage = new Usage(log.tables);
  }

  /** Last step known so far. */
  get last(): number {
    return this.log.steps.value;
  }

  /** The snapshot at a step if everything it needs is decoded already; else null. */
  at(step: number, granularity: Granularity): Snapshot | null {
    return this.walker.attempt(() => this.snapshot(step, granularity));
  }

  /** The snapshot at a step, decoding what it needs. Rejects with TraceError. */
  async load(step: number, granularity: Granularity): Promise<Snapshot> {
    await this.lookAhead();
    return this.walker.insist(() => this.snapshot(step, granularity));
  }

  /** Looks how containers are used at the beginning of the run, so that the first picture is that of what they are. */
  private async lookAhead(): Promise<void> {
    const { chunks } = this.log;
    for (; this.ahead < chunks.length; this.ahead++) {
      const { firstStep, index } = chunks[this.ahead] as RawChunk;
      if (firstStep > LOOK_AHEAD) return;
      try {
        await this.learn(index);
      } catch {
        // Whoever comes to a chunk that cannot be read is told then.
      }
    }
  }

  /** The step that Next (direction 1) or Previous (-1) goes to if that can be told at once; else null. */
  neighbourAt(step: number, direction: 1 | -1, granularity: Granularity): number | null {
    return this.walker.attempt(() => this.neighbour({ at: step + direction }, direction, granularity));
  }

  /** The step that Next or Previous goes to, bounded by 0 and the last step known. Rejects with TraceError. */
  loadNeighbour(step: number, direction: 1 | -1, granularity: Granularity): Promise<number> {
    const cursor = { at: step + direction };
    return this.walker.insist(() => this.neighbour(cursor, direction, granularity));
  }

  /** A chunk's events, if everything they need is decoded already. */
  peekEvents(index: number): Events | null {
    return this.walker.attempt(() => this.walker.eventsIn(index));
  }

  /** A chunk's events; chunks decoded for this alone are not kept. Rejects with TraceError. */
  readEvents(index: number): Promise<Events> {
    return this.walker.insist(() => this.walker.eventsIn(index), true);
  }

  /** What a chunk holds, counted; nothing of it is kept. Rejects with TraceError, or as `pace` does. */
  async count(index: number, pace: Pace | null = null): Promise<Counted> {
    const counted = await this.walker.count(index, this.usage.touch, pace);
    this.learned.add(index);
    this.usage.tell();
    return counted;
  }

  /** Takes in how a chunk uses containers, unless that is known. Rejects with TraceError, or as `pace` does. */
  async learn(index: number, pace: Pace | null = null): Promise<void> {
    if (!this.learned.has(index)) await this.count(index, pace);
  }

  /** The sites of the stops that lead to a step in its chunk, if everything they need is decoded already; else null. */
  stopsAt(
    step: number,
  ): { readonly chunk: number; readonly count: number; readonly stops: StopIndex } | null {
    const chunk = this.log.chunkOf(step);
    const count = step - (this.log.chunks[chunk] as RawChunk).firstStep;
    const stops = this.walker.attempt(() => this.walker.stopsIn(chunk, count));
    return stops && { chunk, count, stops };
  }

  /** Output printed up to a state: the newest `limit` characters of it. */
  outputAt(state: State, limit: number): { pieces: Piece[]; cut: boolean } {
    const all = this.log.tables.output;
    const pieces: Piece[] = [];
    let left = limit;
    for (let i = state.outputs - 1; i >= 0; i--) {
      const piece = all[i] as Piece;
      if (piece.text.length > left) {
        if (left > 0) pieces.push({ stream: piece.stream, text: piece.text.slice(-left) });
        return { pieces: pieces.reverse(), cut: true };
      }
      left -= piece.text.length;
      pieces.push(piece);
    }
    return { pieces: pieces.reverse(), cut: false };
  }

  private snapshot(step: number, granularity: Granularity): Snapshot {
    const from = this.windowStart(step, granularity);
    const before = this.walker.stateAt(from);
    const happenings: Happening[] = [];
    const tell = happeningsTo((happening) => happenings.push(happening));
    const state = from >= step ? before : this.walker.follow(before, step, tell);
    const recent = happenings.length > MAX_HAPPENINGS ? happenings.slice(-MAX_HAPPENINGS) : happenings;
    return { state, before, happenings: recent, next: this.nextLine(step) };
  }

  /** The step after which a step's own happenings begin. */
  private windowStart(step: number, granularity: Granularity): number {
    if (step <= 0) return 0;
    if (granularity !== "line") return step - 1;
    const floor = Math.max(0, step - MAX_WINDOW);
    for (let at = step - 1; at > floor; at--) if (this.isBoundary(at, granularity)) return at;
    return floor;
  }

  /** The site of a stop, by its number from 1. */
  private stopSite(number: number): Site {
    const index = this.log.chunkOf(number - 1);
    return this.walker.siteIn(index, number - 1 - (this.log.chunks[index] as RawChunk).firstStep);
  }

  /** Whether Next and Previous halt at a step strictly between the first and the last. */
  private isBoundary(step: number, granularity: "line" | "call"): boolean {
    return granularity === "line"
      ? BEGINS.line.has(this.stopSite(step + 1).event)
      : BEGINS.call.has(this.stopSite(step).event);
  }

  /** Moves the cursor until it stands on a step to halt at. */
  private neighbour(cursor: { at: number }, direction: 1 | -1, granularity: Granularity): number {
    const { last } = this;
    if (granularity !== "operation") {
      while (cursor.at > 0 && cursor.at < last && !this.isBoundary(cursor.at, granularity))
        cursor.at += direction;
    }
    return Math.min(Math.max(cursor.at, 0), last);
  }

  private nextLine(step: number): Site | null {
    const first = this.log.chunkOf(step);
    for (let index = first; index <= first + 1; index++) {
      const chunk = this.log.chunks[index];
      if (chunk === undefined) return null;
      for (let at = Math.max(0, step - chunk.firstStep); at < chunk.steps; at++) {
        const site = this.walker.siteIn(index, at);
        if (site.event === "line") return site;
      }
    }
    return null;
  }
}

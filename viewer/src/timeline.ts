/**
 * Owns time: the state at any step, what happened on the way to it, and which step comes next at a granularity.
 * A step is reached from the nearest keyframe or mark before it by walking the path; marks made on the way are kept, so
 * that stepping in either direction walks over few stops only.
 */

import type { DecodedChunk } from "./body";
import { ChunkCache } from "./cache";
import { Program } from "./compile";
import type { Records } from "./heap";
import { markAtStart } from "./keyframe";
import type { TraceLog } from "./log";
import { Machine, type Mark, StopIndex, type Tell } from "./machine";
import { type Happening, happeningsTo } from "./replay";
import { Segment } from "./segment";
import type { Annotation, State } from "./state";
import type { EventName, Piece, Site } from "./tables";
import { asTraceError, TraceError } from "./wire";

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

/** A mark is kept after so many stops, or more where copying what changed takes as long as walking them. */
const MARK_STOPS = 2048;
const BYTES_PER_STOP = 64;
/** Rough bytes of marks and records kept. */
const MARK_BYTES = 64 * 1024 * 1024;
const SEGMENTS = 4;
/** Chunks whose stops are remembered. */
const INDEXES = 256;
/** Chunks asked for at once. */
const BATCH = 16;
/** A step at line granularity looks back at most so many stops for its beginning. */
const MAX_WINDOW = 2000;
/** A reader of happenings gets at most the last so many. */
const MAX_HAPPENINGS = 400;

/**
 * At line granularity a step ends before a stop of one of these, so that a line is shown with what it did;
 * at call granularity it ends at one.
 */
const BEGINS: Record<"line" | "call", ReadonlySet<EventName>> = {
  line: new Set<EventName>(["line", "enter", "leave", "unwind", "raise", "yield", "resume"]),
  call: new Set<EventName>(["enter", "leave", "unwind", "yield", "resume"]),
};

/** Thrown inside, when a computation needs chunks that are not decoded: the caller loads them and tries again. */
class Missing {
  constructor(readonly chunks: readonly number[]) {}
}

/** A state with the mark to go on from. */
class Moment implements State {
  private said: readonly Annotation[] | null = null;

  constructor(
    readonly step: number,
    readonly mark: Mark,
    private readonly segment: Segment,
  ) {}

  get outputs(): number {
    return this.mark.outputs;
  }

  get stack(): State["stack"] {
    return this.mark.stack;
  }

  get suspended(): State["suspended"] {
    return this.mark.suspended;
  }

  get annotations(): readonly Annotation[] {
    this.said ??= [...this.mark.annotations.values()];
    return this.said;
  }

  readonly lookup: State["lookup"] = (id) =>
    this.mark.changed.get(id) ?? this.segment.find(id, this.mark.chunk);
}

export class Timeline {
  private readonly cache: ChunkCache;
  private readonly program: Program;
  private readonly segments = new Map<number, Segment>();
  private readonly indexes = new Map<number, StopIndex>();
  /** Chunks that running `load`s hold on to, so that a small cache cannot make them wait for ever. */
  private readonly held = new Set<Map<number, DecodedChunk>>();

  constructor(
    readonly log: TraceLog,
    cacheBytes?: number,
  ) {
    this.cache = new ChunkCache(log, cacheBytes);
    this.program = new Program(log.tables);
  }

  /** Last step known so far. */
  get last(): number {
    return this.log.steps.value;
  }

  /** The snapshot at a step if everything it needs is decoded already; else null. */
  at(step: number, granularity: Granularity): Snapshot | null {
    return this.attempt(() => this.snapshot(step, granularity));
  }

  /** The snapshot at a step, decoding what it needs. Rejects with TraceError. */
  load(step: number, granularity: Granularity): Promise<Snapshot> {
    return this.insist(() => this.snapshot(step, granularity));
  }

  /** The step that Next (direction 1) or Previous (-1) goes to if that can be told at once; else null. */
  neighbourAt(step: number, direction: 1 | -1, granularity: Granularity): number | null {
    return this.attempt(() => this.neighbour({ at: step + direction }, direction, granularity));
  }

  /** The step that Next or Previous goes to, bounded by 0 and the last step known. Rejects with TraceError. */
  loadNeighbour(step: number, direction: 1 | -1, granularity: Granularity): Promise<number> {
    const cursor = { at: step + direction };
    return this.insist(() => this.neighbour(cursor, direction, granularity));
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

  private attempt<T>(compute: () => T): T | null {
    try {
      return compute();
    } catch (error) {
      if (error instanceof Missing) return null;
      throw error;
    }
  }

  private async insist<T>(compute: () => T): Promise<T> {
    const hold = new Map<number, DecodedChunk>();
    this.held.add(hold);
    try {
      for (;;) {
        try {
          return compute();
        } catch (error) {
          if (!(error instanceof Missing)) throw error;
          // A long walk passes many chunks, and marks keep what it has come to: the oldest are let go.
          for (const index of hold.keys()) if (hold.size > 2 * BATCH) hold.delete(index);
          const chunks = await Promise.all(error.chunks.map((index) => this.cache.load(index)));
          for (const chunk of chunks) hold.set(chunk.index, chunk);
        }
      }
    } catch (error) {
      throw asTraceError(error);
    } finally {
      this.held.delete(hold);
    }
  }

  private decoded(index: number): DecodedChunk | undefined {
    const chunk = this.cache.get(index);
    if (chunk) return chunk;
    for (const hold of this.held) {
      const kept = hold.get(index);
      if (kept) return kept;
    }
    return undefined;
  }

  /** A decoded chunk. Where it is not decoded, asks for it and for what comes after it up to `last`. */
  private need(index: number, last = index): DecodedChunk {
    const chunk = this.decoded(index);
    if (chunk) return chunk;
    const missing: number[] = [];
    for (let i = index; i <= last && missing.length < BATCH; i++) if (!this.decoded(i)) missing.push(i);
    throw new Missing(missing);
  }

  private segment(keyframe: number): Segment {
    let segment = this.segments.get(keyframe);
    if (segment) this.segments.delete(keyframe);
    else segment = this.open(keyframe);
    this.segments.set(keyframe, segment);
    return segment;
  }

  private open(keyframe: number): Segment {
    const chunk = this.need(keyframe);
    const missing = chunk.bases.filter((index) => !this.decoded(index));
    if (missing.length > 0) throw new Missing(missing);
    const bases = new Map<number, Records>();
    for (const index of chunk.bases) {
      const { keyframe: whole, objects, atoms, recordAt } = this.need(index);
      if (!whole) throw new TraceError("a chunk has a patch of a chunk that is no keyframe");
      bases.set(index, { objects, atoms, recordAt });
    }
    const segment = new Segment(keyframe, bases, this.log.tables);
    segment.add(chunk);
    segment.start = markAtStart(chunk, this.program, (id) => segment.find(id, keyframe));
    return segment;
  }

  /** Lets go of what was not used for longest, down to the bytes there are for it. */
  private shrink(current: Segment): void {
    const total = () => [...this.segments.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [keyframe, old] of this.segments) {
      if (this.segments.size <= SEGMENTS && total() <= MARK_BYTES) return;
      if (old !== current) this.segments.delete(keyframe);
    }
    while (total() > MARK_BYTES && current.thin());
  }

  private indexOf(chunk: number): StopIndex {
    const index = this.indexes.get(chunk) ?? new StopIndex();
    this.indexes.delete(chunk);
    this.indexes.set(chunk, index);
    for (const old of this.indexes.keys()) {
      if (this.indexes.size <= INDEXES) break;
      this.indexes.delete(old);
    }
    return index;
  }

  /** A machine that stands after `stops` stops of a chunk. */
  private reach(chunk: number, stops: number): { machine: Machine; segment: Segment } {
    const segment = this.segment(this.log.keyframes[chunk] as number);
    const from = segment.nearest(chunk, stops);
    const machine = this.machineAt(segment, from, chunk);
    while (machine.chunk.index < chunk) {
      this.walk(machine, segment, machine.chunk.steps);
      this.pass(machine, segment, chunk);
    }
    this.walk(machine, segment, stops);
    return { machine, segment };
  }

  private machineAt(segment: Segment, from: Mark, last = from.chunk): Machine {
    const chunk = this.need(from.chunk, last);
    segment.add(chunk);
    return new Machine(this.program, segment.find, from, chunk, this.indexOf(from.chunk));
  }

  /** From the end of a chunk to the beginning of the next. */
  private pass(machine: Machine, segment: Segment, last: number): void {
    const next = machine.chunk.index + 1;
    if (!this.decoded(next)) segment.keep(machine.mark());
    const chunk = this.need(next, last);
    segment.add(chunk);
    machine.nextChunk(chunk, this.indexOf(next));
  }

  /** On to a stop of the machine's chunk, with marks on the way. */
  private walk(machine: Machine, segment: Segment, stops: number): void {
    let marked = machine.stops;
    do {
      const goal = Math.min(stops, machine.stops + MARK_STOPS);
      this.play(machine, goal, null);
      const due = Math.max(MARK_STOPS, machine.cost / BYTES_PER_STOP);
      if (machine.stops - marked >= due) {
        segment.keep(machine.mark());
        marked = machine.stops;
      }
    } while (machine.stops < stops);
    this.shrink(segment);
  }

  private play(machine: Machine, stops: number, tell: Tell | null): void {
    machine.playTo(stops, tell);
    const { chunk } = machine;
    if (machine.stops < stops) throw new TraceError("a chunk has fewer stops than it declares");
    // Only a run that was cut short may have begun more than it says.
    const isLast = this.log.tables.end !== null && chunk.index === this.log.chunks.length - 1;
    if (stops === chunk.steps && !machine.ended && !isLast)
      throw new TraceError("a chunk has more stops than it declares");
  }

  private stateAt(step: number): Moment {
    const index = this.log.chunkOf(step);
    const { firstStep } = this.log.chunks[index] as { firstStep: number };
    const segment = this.segment(this.log.keyframes[index] as number);
    const near = segment.nearest(index, step - firstStep);
    if (near !== segment.start && near.chunk === index && near.stops === step - firstStep) {
      segment.show(near);
      return new Moment(step, near, segment);
    }
    return this.moment(step, this.reach(index, step - firstStep));
  }

  private moment(step: number, { machine, segment }: { machine: Machine; segment: Segment }): Moment {
    const mark = machine.mark();
    segment.show(mark);
    return new Moment(step, mark, segment);
  }

  private snapshot(step: number, granularity: Granularity): Snapshot {
    const from = this.windowStart(step, granularity);
    const before = this.stateAt(from);
    const happenings: Happening[] = [];
    const state = from >= step ? before : this.follow(before, step, happenings);
    const recent = happenings.length > MAX_HAPPENINGS ? happenings.slice(-MAX_HAPPENINGS) : happenings;
    return { state, before, happenings: recent, next: this.nextLine(step) };
  }

  /** The state at a later step, and what happened on the way to it. */
  private follow(from: Moment, step: number, happenings: Happening[]): Moment {
    const { log } = this;
    const last = log.chunkOf(step);
    const tell = happeningsTo((happening) => happenings.push(happening));
    let segment = this.segment(log.keyframes[from.mark.chunk] as number);
    let machine = this.machineAt(segment, from.mark, last);
    for (;;) {
      const { index, firstStep, steps } = machine.chunk;
      this.play(machine, index === last ? step - firstStep : steps, tell);
      if (index === last) return this.moment(step, { machine, segment });
      const chunk = this.need(index + 1, last);
      if (chunk.keyframe) {
        segment = this.segment(chunk.index);
        machine = this.machineAt(segment, segment.start as Mark, last);
      } else {
        segment.add(chunk);
        machine.nextChunk(chunk, this.indexOf(chunk.index));
      }
    }
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
    return this.siteIn(index, number - 1 - (this.log.chunks[index] as { firstStep: number }).firstStep);
  }

  private siteIn(chunk: number, at: number): Site {
    const stops = this.indexOf(chunk);
    if (stops.siteOf(at) < 0) this.reach(chunk, (this.log.chunks[chunk] as { steps: number }).steps);
    const site = this.log.tables.sites[this.indexOf(chunk).siteOf(at)];
    if (site === undefined) throw new TraceError("a chunk has a stop at no site");
    return site;
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
        const site = this.siteIn(index, at);
        if (site.event === "line") return site;
      }
    }
    return null;
  }
}

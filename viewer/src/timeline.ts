/**
 * Owns time: the state at any step, what happened on the way to it, and which step comes next at a granularity.
 * A step is reached from its chunk's keyframes and by replaying at most that chunk; states made on the way are
 * kept as checkpoints, so that stepping in either direction replays a few events only.
 */

import type { DecodedChunk } from "./body";
import { ChunkCache } from "./cache";
import { type Events, eventsOf } from "./events";
import { type HeapObject, type Lookup, readRecord } from "./heap";
import type { TraceLog } from "./log";
import { type Happening, Replayer } from "./replay";
import { type State, stateAtStart } from "./state";
import type { EventName, Piece, Site } from "./tables";
import { Usage } from "./usage";
import { asTraceError, type RawChunk } from "./wire";

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

/** States are kept every so many stops of a replayed chunk. */
const CHECKPOINT = 512;
/** Steps at the beginning of a run that are read for how containers are used. */
const LOOK_AHEAD = 32_000;
/** Chunks whose checkpoints are kept. */
const SEGMENTS = 4;
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

/** How far back the keyframe of a chunk reaches: the largest power of 8 that divides its number. */
export function keyframeReach(chunk: number): number {
  if (chunk === 0) return 0;
  let reach = 1;
  while (chunk % (reach * 8) === 0) reach *= 8;
  return reach;
}

/** The chunks whose records together hold every object at the start of `chunk`, in the order to look. */
export function keyframeChain(chunk: number): number[] {
  const chain = [chunk];
  for (let c = chunk; c > 0; ) {
    c -= keyframeReach(c);
    chain.push(c);
  }
  return chain;
}

/** What is kept of the chunks of a keyframe chain. */
type Records = Pick<DecodedChunk, "objects" | "atoms" | "recordAt">;

/** One chunk ready to be replayed. */
interface Segment {
  readonly chunk: DecodedChunk;
  readonly base: Lookup;
  readonly start: State;
  /** Checkpoints by stops into the chunk. */
  readonly states: Map<number, State>;
  recent: State;
}

/** Thrown inside, when a computation needs chunks that are not decoded: the caller loads them and tries again. */
class Missing {
  constructor(readonly chunks: readonly number[]) {}
}

export class Timeline {
  /** How the code uses containers, as far as the chunks looked at tell. */
  readonly usage: Usage;
  private ahead = 0;
  private readonly cache: ChunkCache;
  private readonly segments = new Map<number, Segment>();
  /** Chunks that running `load`s hold on to, so that a small cache cannot make them wait for ever. */
  private readonly held = new Set<Map<number, DecodedChunk>>();

  constructor(
    readonly log: TraceLog,
    cacheBytes?: number,
  ) {
    this.cache = new ChunkCache(log, cacheBytes);
    this.usage = new Usage(log.tables);
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
  async load(step: number, granularity: Granularity): Promise<Snapshot> {
    await this.lookAhead();
    return this.insist(() => this.snapshot(step, granularity));
  }

  /** Looks how containers are used at the beginning of the run, so that the first picture is that of what they are. */
  private async lookAhead(): Promise<void> {
    const { chunks } = this.log;
    for (; this.ahead < chunks.length; this.ahead++) {
      const { firstStep, index } = chunks[this.ahead] as RawChunk;
      if (firstStep > LOOK_AHEAD) return;
      try {
        this.learnt(await this.cache.load(index));
      } catch {
        // Whoever comes to a chunk that cannot be read is told then.
      }
    }
  }

  /** The step that Next (direction 1) or Previous (-1) goes to if that can be told at once; else null. */
  neighbourAt(step: number, direction: 1 | -1, granularity: Granularity): number | null {
    return this.attempt(() => this.neighbour({ at: step + direction }, direction, granularity));
  }

  /** The step that Next or Previous goes to, bounded by 0 and the last step known. Rejects with TraceError. */
  loadNeighbour(step: number, direction: 1 | -1, granularity: Granularity): Promise<number> {
    const cursor = { at: step + direction };
    return this.insist((hold) => {
      // A search may pass thousands of chunks: only the one it is in is held on to.
      for (const index of hold.keys()) if (hold.size > 1) hold.delete(index);
      return this.neighbour(cursor, direction, granularity);
    });
  }

  /** A chunk's events, if it is decoded already. */
  peekEvents(index: number): Events | null {
    const chunk = this.segments.get(index)?.chunk ?? this.decoded(index);
    return chunk ? this.learnt(chunk) : null;
  }

  /** A chunk's events; a chunk decoded for this alone is not kept. Rejects with TraceError. */
  async readEvents(index: number): Promise<Events> {
    return this.learnt(await this.cache.read(index));
  }

  /** A chunk's events, of which is remembered how containers are used. */
  private learnt(chunk: DecodedChunk): Events {
    const events = eventsOf(chunk, this.log.outputBefore[chunk.index] as number);
    this.usage.learn(events);
    return events;
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

  private async insist<T>(compute: (hold: Map<number, DecodedChunk>) => T): Promise<T> {
    const hold = new Map<number, DecodedChunk>();
    this.held.add(hold);
    try {
      for (;;) {
        try {
          return compute(hold);
        } catch (error) {
          if (!(error instanceof Missing)) throw error;
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

  private need(indices: readonly number[]): DecodedChunk[] {
    const chunks = indices.map((index) => this.decoded(index));
    const missing = indices.filter((_, i) => chunks[i] === undefined);
    if (missing.length) throw new Missing(missing);
    return chunks as DecodedChunk[];
  }

  private one(index: number): DecodedChunk {
    return this.segments.get(index)?.chunk ?? (this.need([index])[0] as DecodedChunk);
  }

  private segment(index: number): Segment {
    let segment = this.segments.get(index);
    if (segment) this.segments.delete(index);
    else segment = this.open(index);
    this.segments.set(index, segment);
    for (const old of this.segments.keys()) {
      if (this.segments.size <= SEGMENTS) break;
      this.segments.delete(old);
    }
    return segment;
  }

  private open(index: number): Segment {
    const { tables, outputBefore } = this.log;
    const chunks = this.need(keyframeChain(index));
    for (const chunk of chunks) this.learnt(chunk);
    const chain = chunks.map(({ objects, atoms, recordAt }): Records => ({ objects, atoms, recordAt }));
    const known = new Map<number, HeapObject | undefined>();
    const base: Lookup = (id) => {
      const object = known.get(id);
      if (object !== undefined || known.has(id)) return object;
      const records = chain.find((candidate) => candidate.recordAt.has(id));
      if (!records) known.set(id, undefined);
      else
        readRecord(records, records.recordAt.get(id) as number, tables, base, (made) => known.set(id, made));
      return known.get(id);
    };
    const chunk = chunks[0] as DecodedChunk;
    const start = stateAtStart(chunk, tables, outputBefore[index] as number, base);
    return { chunk, base, start, states: new Map([[-1, start]]), recent: start };
  }

  private snapshot(step: number, granularity: Granularity): Snapshot {
    const from = this.windowStart(step, granularity);
    const before = this.stateIn(this.segment(this.log.chunkOf(from)), from);
    const happenings = this.between(from, step);
    const segment = this.segment(this.log.chunkOf(step));
    return {
      state: this.stateIn(segment, step),
      before,
      happenings,
      next: this.nextLine(segment.chunk, step),
    };
  }

  private stateIn(segment: Segment, step: number): State {
    const { chunk, states } = segment;
    const stop = step - chunk.firstStep;
    const end = chunk.stops[stop] as number;
    let mark = Math.floor(stop / CHECKPOINT) * CHECKPOINT;
    while (mark >= 0 && !states.has(mark)) mark -= CHECKPOINT;
    let from = states.get(mark) ?? segment.start;
    if (segment.recent.event <= end && segment.recent.event > from.event) from = segment.recent;
    if (from.event === end && from.step === step && from !== segment.start) return from;
    const replayer = new Replayer(from, segment.base, chunk, this.log.tables);
    for (let next = mark + CHECKPOINT; next < stop; next += CHECKPOINT) {
      const at = chunk.stops[next] as number;
      if (at < from.event) continue;
      replayer.playTo(at);
      if (next >= 0) states.set(next, replayer.freeze(chunk.firstStep + next));
    }
    replayer.playTo(end);
    segment.recent = replayer.freeze(step);
    if (stop % CHECKPOINT === 0) states.set(stop, segment.recent);
    return segment.recent;
  }

  /** What happened after step `from`, up to and including step `to`; at most the last MAX_HAPPENINGS of it. */
  private between(from: number, to: number): Happening[] {
    const happenings: Happening[] = [];
    if (from >= to) return happenings;
    const last = this.log.chunkOf(to);
    for (let index = this.log.chunkOf(from); index <= last; index++) {
      const segment = this.segment(index);
      const { chunk } = segment;
      const begin = chunk.firstStep > from ? segment.start : this.stateIn(segment, from);
      const end = index === last ? (chunk.stops[to - chunk.firstStep] as number) : chunk.codes.length;
      const tell = (happening: Happening) => happenings.push(happening);
      new Replayer(begin, segment.base, chunk, this.log.tables, tell).playTo(end);
    }
    return happenings.length > MAX_HAPPENINGS ? happenings.slice(-MAX_HAPPENINGS) : happenings;
  }

  /** The step after which a step's own happenings begin. */
  private windowStart(step: number, granularity: Granularity): number {
    if (step <= 0) return 0;
    if (granularity !== "line") return step - 1;
    const floor = Math.max(0, step - MAX_WINDOW);
    for (let at = step - 1; at > floor; at--) if (this.isBoundary(at, granularity)) return at;
    return floor;
  }

  private stopKind(number: number): EventName {
    const chunk = this.one(this.log.chunkOf(number - 1));
    const code = chunk.codes[chunk.stops[number - 1 - chunk.firstStep] as number] as number;
    return (chunk.sites[code] as Site).event;
  }

  /** Whether Next and Previous halt at a step strictly between the first and the last. */
  private isBoundary(step: number, granularity: "line" | "call"): boolean {
    return granularity === "line"
      ? BEGINS.line.has(this.stopKind(step + 1))
      : BEGINS.call.has(this.stopKind(step));
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

  private nextLine(chunk: DecodedChunk, step: number): Site | null {
    const lines = chunk.sites.map((site) => site.event === "line");
    for (let i = chunk.stops[step - chunk.firstStep] as number; i < chunk.codes.length; i++) {
      if (lines[chunk.codes[i] as number]) return chunk.sites[chunk.codes[i] as number] as Site;
    }
    const after = chunk.index + 1;
    if (after >= this.log.chunks.length) return null;
    const later = this.one(after);
    return later.steps > 0 ? this.firstLine(later) : null;
  }

  private firstLine(chunk: DecodedChunk): Site | null {
    const first = chunk.codes.find((code) => chunk.sites[code]?.event === "line");
    return first === undefined ? null : (chunk.sites[first] as Site);
  }
}

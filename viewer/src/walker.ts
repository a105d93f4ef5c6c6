/**
 * Owns getting anywhere in a trace: the state at a step is reached from the nearest keyframe or mark before it by walking
 * the path; marks made on the way are kept, so that going on in either direction walks over few stops only.
 */

import type { DecodedChunk } from "./body";
import { ChunkCache } from "./cache";
import type { CallStack } from "./call-stack";
import { Census, type Counted, type Touched } from "./census";
import { Program } from "./compile";
import { Collector, type Events, Pace } from "./events";
import type { Records } from "./heap";
import { markAtStart } from "./keyframe";
import type { TraceLog } from "./log";
import { Machine, type Mark, type Tell } from "./machine";
import { Moment } from "./moment";
import { Segment } from "./segment";
import { StopIndex } from "./stop-index";
import type { Site } from "./tables";
import { asTraceError, type RawChunk, TraceError } from "./wire";

/** A mark is kept after so many stops, or more where copying what changed takes as long as walking them. */
const MARK_STOPS = 2048;
const BYTES_PER_STOP = 64;
/** Bytes kept beside the log: decoded chunks get a third, marks and the objects they are about the rest. */
export const CACHE_BYTES = 36 * 1024 * 1024;
const CHUNKS_SHARE = 1 / 3;
/** Bytes of stops remembered, by their sites. */
const INDEX_BYTES = 2 * 1024 * 1024;
/** Chunks whose events are kept. */
const EVENTS_KEPT = 2;
/** Chunks asked for at once. */
const BATCH = 16;
/** Bytes that may be inflated while the page waits. */
const AT_ONCE = 1024 * 1024;
/** Stops looked at in one go. */
const LUMP = 256;
/** Stops counted before the page may have a turn. */
const SLICE = 4096;

/** Thrown inside, when a computation needs chunks that are not decoded: the caller loads them and tries again. */
class Missing {
  constructor(readonly chunks: readonly number[]) {}
}

/** A machine in the segment it walks through. */
interface Place {
  readonly machine: Machine;
  readonly segment: Segment;
}

export class Walker {
  private readonly cache: ChunkCache;
  private readonly program: Program;
  private readonly segments = new Map<number, Segment>();
  private readonly indexes = new Map<number, StopIndex>();
  private readonly events = new Map<number, Events>();
  /** The machines that collected events and counted last, at the ends of their chunks. */
  private runner: Place | null = null;
  private counter: Place | null = null;
  private readonly markBytes: number;
  /** Bytes that may be inflated at once by what is being computed. */
  private allowance = 0;
  /** Chunks that running computations hold on to, so that a small cache cannot make them wait for ever. */
  private readonly held = new Set<Map<number, DecodedChunk>>();

  constructor(
    readonly log: TraceLog,
    cacheBytes = CACHE_BYTES,
  ) {
    this.cache = new ChunkCache(log, cacheBytes * CHUNKS_SHARE);
    this.markBytes = cacheBytes * (1 - CHUNKS_SHARE);
    this.program = new Program(log.tables);
  }

  /** What a computation gives if all it needs is decoded, or soon; else null. */
  attempt<T>(compute: () => T): T | null {
    this.allowance = AT_ONCE;
    try {
      return compute();
    } catch (error) {
      if (error instanceof Missing) return null;
      throw error;
    } finally {
      this.allowance = 0;
    }
  }

  /** What a computation gives, decoding what it needs; what is needed `once` is not kept. Rejects with TraceError. */
  async insist<T>(compute: () => T, once = false): Promise<T> {
    const hold = new Map<number, DecodedChunk>();
    const pace = new Pace();
    this.held.add(hold);
    try {
      for (;;) {
        try {
          return compute();
        } catch (error) {
          if (!(error instanceof Missing)) throw error;
          // A long walk passes many chunks, and marks keep what it has come to: the oldest are let go.
          for (const index of hold.keys()) if (hold.size > 2 * BATCH) hold.delete(index);
          const { cache } = this;
          for (const index of error.chunks) {
            hold.set(index, once ? cache.read(index) : cache.load(index));
            await pace.breathe();
          }
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
    const { rawSize } = this.log.chunks[index] as RawChunk;
    if (rawSize > this.allowance) {
      const missing: number[] = [];
      for (let i = index; i <= last && missing.length < BATCH; i++) if (!this.decoded(i)) missing.push(i);
      throw new Missing(missing);
    }
    this.allowance -= rawSize;
    return this.cache.load(index);
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
    if (missing.length > 0 && this.allowance === 0) throw new Missing(missing);
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
      if (total() <= this.markBytes) return;
      if (old !== current) this.segments.delete(keyframe);
    }
    while (total() > this.markBytes && current.thin());
  }

  private indexOf(chunk: number): StopIndex {
    const known = this.indexes.get(chunk);
    if (known !== undefined) return known;
    let bytes = 0;
    for (const index of this.indexes.values()) bytes += index.bytes;
    for (const [old, index] of this.indexes) {
      if (bytes <= INDEX_BYTES) break;
      this.indexes.delete(old);
      bytes -= index.bytes;
    }
    const index = new StopIndex();
    this.indexes.set(chunk, index);
    return index;
  }

  /** A machine that stands after `stops` stops of a chunk. */
  private reach(chunk: number, stops: number): Place {
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
    // Only a run that was cut short may have begun more than it says. (Its end may come in a chunk of its own.)
    const { tables, steps } = this.log;
    const isLast = tables.end !== null && chunk.firstStep + chunk.steps === steps.value;
    if (stops === chunk.steps && !machine.ended && !isLast)
      throw new TraceError("a chunk has more stops than it declares");
  }

  /** The state at a step. */
  stateAt(step: number): Moment {
    const index = this.log.chunkOf(step);
    const { firstStep } = this.log.chunks[index] as RawChunk;
    const segment = this.segment(this.log.keyframes[index] as number);
    const near = segment.nearest(index, step - firstStep);
    if (near !== segment.start && near.chunk === index && near.stops === step - firstStep) {
      segment.show(near);
      return new Moment(step, near, segment);
    }
    return this.moment(step, this.reach(index, step - firstStep));
  }

  private moment(step: number, { machine, segment }: Place): Moment {
    const mark = machine.mark();
    segment.show(mark);
    return new Moment(step, mark, segment);
  }

  /** The state at a later step; `tell` hears of what happens on the way to it. */
  follow(from: Moment, step: number, tell: Tell): Moment {
    const { log } = this;
    const last = log.chunkOf(step);
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

  /** A chunk's events. Those of one chunk after the other cost one walk over them all. */
  eventsIn(index: number): Events {
    const known = this.events.get(index);
    if (known !== undefined) return known;
    const collector = new Collector();
    const machine = this.tellOf(index, collector.tell, collector.hear);
    const events = collector.finish(machine);
    this.events.set(index, events);
    for (const old of this.events.keys()) {
      if (this.events.size <= EVENTS_KEPT) break;
      this.events.delete(old);
    }
    return events;
  }

  /** Tells of a chunk's events, each just before it happens; throws Missing, if at all, before the first. */
  tellOf(index: number, tell: Tell, hear: CallStack["listener"] = null): Machine {
    const { machine, segment } = this.beginningOf(index, this.runner, this.indexOf(index));
    this.runner = null;
    machine.calls.listener = hear;
    this.play(machine, machine.chunk.steps, tell);
    machine.calls.listener = null;
    this.runner = { machine, segment };
    return machine;
  }

  /**
   * Counts what happens in a chunk, letting `pace` breathe on the way; `touches` hears of containers and the sites that use
   * them. Chunks counted one after the other cost one walk over them all, and nothing is kept. Rejects with TraceError.
   */
  async count(index: number, touches: Touched, pace: Pace | null): Promise<Counted> {
    const { machine, segment } = await this.insist(() => {
      const { counter } = this;
      return this.beginningOf(index, counter, new StopIndex(), (keyframe) => this.open(keyframe));
    }, true);
    this.counter = null;
    const census = new Census(machine, touches);
    const { steps } = machine.chunk;
    for (let to = Math.min(SLICE, steps); ; to = Math.min(to + SLICE, steps)) {
      this.play(machine, to, null);
      if (to === steps) break;
      await pace?.breathe();
    }
    this.counter = { machine, segment };
    return census.finish();
  }

  /** A machine that stands at the very beginning of a chunk; `last` is one at the end of some other, which may go on. */
  private beginningOf(
    index: number,
    last: Place | null,
    stops: StopIndex,
    segmentAt = (keyframe: number) => this.segment(keyframe),
  ): Place {
    const keyframe = this.log.keyframes[index] as number;
    const chunk = this.need(index);
    if (keyframe === index) {
      const segment = segmentAt(keyframe);
      return {
        machine: new Machine(this.program, segment.find, segment.start as Mark, chunk, stops),
        segment,
      };
    }
    const isNext = last?.machine.chunk.index === index - 1 && last.segment.keyframe === keyframe;
    const { machine, segment } = isNext
      ? last
      : this.reach(index - 1, (this.log.chunks[index - 1] as RawChunk).steps);
    segment.add(chunk);
    machine.nextChunk(chunk, stops);
    return { machine, segment };
  }

  /** The site of a chunk's stop number `at`, from 0. */
  siteIn(chunk: number, at: number): Site {
    if (this.indexOf(chunk).siteOf(at) < 0) this.look(chunk, at, at + LUMP);
    const site = this.log.tables.sites[this.indexOf(chunk).siteOf(at)];
    if (site === undefined) throw new TraceError("a chunk has a stop at no site");
    return site;
  }

  /** The sites of a chunk's stops, known for the first `stops` of them. */
  stopsIn(chunk: number, stops: number): StopIndex {
    const from = this.indexOf(chunk).known;
    if (from < stops) this.look(chunk, from, stops);
    return this.indexOf(chunk);
  }

  /** Walks over some stops of a chunk, so that their sites are known. */
  private look(chunk: number, from: number, to: number): void {
    const { machine, segment } = this.reach(chunk, from);
    this.walk(machine, segment, Math.min(to, machine.chunk.steps));
  }
}

/**
 * Owns walking a path: blocks are entered, their steps happen when the path says so, control codes act in between. A walk
 * halts before any stop it is told to halt before, and goes on from there, or from a `Mark` taken there, as if it had not.
 */

import type { DecodedChunk } from "./body";
import { CallStack } from "./call-stack";
import type { Column } from "./columns";
import type { Code, Program } from "./compile";
import { CONTROLS, type Control } from "./controls";
import { contentKey, type HeapObject, type Lookup } from "./heap";
import type { IdMap } from "./id-map";
import { Memory } from "./memory";
import { type Annotation, type Call, NO_TEMPORARIES } from "./state";
import type { StopIndex } from "./stop-index";
import { ANNOTATIONS, EVENTS, type Site, type Tables } from "./tables";
import { type Atom, floatValue, intValue, isSmallInt, keyOf, NOTHING, type Value } from "./values";
import { TraceError } from "./wire";

/** Where a walk stands, with the whole state: never changed once made. */
export interface Mark {
  readonly chunk: number;
  /** Stops of the chunk that have happened. */
  readonly stops: number;
  /** Next code of the path, and how far it has been dealt with. */
  readonly at: number;
  readonly flushed: boolean;
  readonly afterSplit: boolean;
  readonly ended: boolean;
  readonly fillAt: number;
  readonly outputs: number;
  /** How many values were taken from each column that the chunk has, in their order. */
  readonly cursors: Int32Array;
  /** The last value taken from each column before this chunk, since the keyframe. */
  readonly carried: readonly (Value | undefined)[];
  readonly stack: readonly Call[];
  readonly suspended: readonly Call[];
  readonly changed: IdMap<HeapObject>;
  readonly annotations: ReadonlyMap<string, Annotation>;
  /** Rough bytes that only this mark holds. */
  readonly bytes: number;
}

/** Sees what happens in bulk: steps of blocks, not single events with their operands. */
export interface Observer {
  /** Steps number `from` to `to` of a block are about to happen, after so many stops of the chunk. */
  steps(code: Code, from: number, to: number, stops: number): void;
  /** The event of a control code is about to happen; `stops` counts it in. */
  event(site: Site, stops: number): void;
  /** The event of a site is about this value. */
  touches(site: Site, container: Value): void;
}

/** Hears of each event just before it happens. */
export type Tell = (machine: Machine, site: Site, operands: readonly Value[], called: string) => void;

/** Finds an object as the chunks up to one record it. */
export type Recorded = (id: number, chunk: number) => HeapObject | undefined;

/** A column while it is read. */
interface Slot {
  readonly column: Column;
  at: number;
}

/** Codes and steps that may happen in one chunk: none of a program's has nearly so many, and it is a matter of seconds. */
const MAX_WORK = 2 ** 26;
const FIRST_BLOCK = 32;

/** What tells an annotation from others: a later one with the same takes its place. */
export function annotationId({ kind, subject, key }: Annotation, lookup: Lookup): string {
  return JSON.stringify([kind, keyOf(subject), key === null ? null : contentKey(key, lookup)]);
}

let epochs = 0;

/** A number that no object or call has been made under yet. */
function newEpoch(): number {
  return ++epochs;
}

export class Machine {
  readonly tables: Tables;
  readonly calls: CallStack;
  readonly memory: Memory;
  /** Temporaries of the block that is running. */
  temporaries: Value[] = [];
  /** Stops of the chunk that have happened. */
  stops = 0;
  outputs: number;
  ended = false;
  observer: Observer | null = null;
  private at = 0;
  private flushed = false;
  private afterSplit = false;
  annotations: Map<string, Annotation>;
  private ownsAnnotations = false;
  private atoms: readonly Atom[] = [];
  private slots: (Slot | undefined)[] = [];
  private carried: readonly (Value | undefined)[];
  private limit = 0;
  private work = 0;
  private paid = 0;
  private tell: Tell | null = null;

  constructor(
    private readonly program: Program,
    recorded: Recorded,
    from: Mark,
    public chunk: DecodedChunk,
    public index: StopIndex,
  ) {
    const epoch = newEpoch();
    this.tables = program.tables;
    this.calls = new CallStack(from.stack.slice(), from.suspended.slice(), epoch);
    this.memory = new Memory(from.changed.copy(), (id) => recorded(id, this.chunk.index), this.tables, epoch);
    this.annotations = from.annotations as Map<string, Annotation>;
    this.outputs = from.outputs;
    this.carried = from.carried;
    this.openChunk(chunk, from);
    this.stops = from.stops;
    this.at = from.at;
    this.flushed = from.flushed;
    this.afterSplit = from.afterSplit;
    this.ended = from.ended;
  }

  /** Goes on with the chunk after this one, which is no keyframe. */
  nextChunk(chunk: DecodedChunk, index: StopIndex): void {
    const carried = this.carried.slice();
    this.slots.forEach((slot, i) => {
      if (slot !== undefined && slot.at > 0) carried[i] = this.valueAt(slot, slot.at - 1);
    });
    this.carried = carried;
    this.chunk = chunk;
    this.index = index;
    this.outputs = chunk.outputs;
    this.stops = this.at = this.work = 0;
    this.flushed = this.ended = false;
    this.openChunk(chunk, null);
  }

  private openChunk(chunk: DecodedChunk, from: Mark | null): void {
    this.atoms = chunk.atoms;
    this.memory.open(chunk.fills, chunk.atoms, from?.fillAt ?? 0);
    this.slots = [];
    let i = 0;
    for (const [number, column] of chunk.columns) {
      this.slots[this.program.slotOf(number)] = { column, at: from?.cursors[i] ?? 0 };
      i++;
    }
  }

  /** Rough bytes that the next mark would hold alone. */
  get cost(): number {
    return this.calls.cost + this.memory.cost + this.memory.nodes * 300 - this.paid;
  }

  /** The state now, to go on from. */
  mark(): Mark {
    const { stack, suspended } = this.calls;
    const cursors = new Int32Array(this.chunk.columns.size);
    let i = 0;
    for (const number of this.chunk.columns.keys())
      cursors[i++] = this.slots[this.program.slotOf(number)]?.at ?? 0;
    const bytes = this.cost + 400 + 8 * (stack.length + suspended.length) + 4 * cursors.length;
    this.paid += this.cost;
    const epoch = newEpoch();
    const mark: Mark = {
      chunk: this.chunk.index,
      stops: this.stops,
      at: this.at,
      flushed: this.flushed,
      afterSplit: this.afterSplit,
      ended: this.ended,
      fillAt: this.memory.fillAt,
      outputs: this.outputs,
      cursors,
      carried: this.carried,
      stack: stack.slice(),
      suspended: suspended.slice(),
      changed: this.memory.freeze(epoch),
      annotations: this.annotations,
      bytes,
    };
    this.ownsAnnotations = false;
    this.calls.renew(epoch);
    return mark;
  }

  /** Goes on until the next event would be a stop beyond `limit` stops of the chunk, or to its end. Throws TraceError. */
  playTo(limit: number, tell: Tell | null = null): void {
    this.limit = limit;
    this.tell = tell;
    const { path } = this.chunk;
    const { data, count, stride } = path;
    while (this.at < count) {
      const code = data[this.at * stride] as number;
      if (++this.work > MAX_WORK) throw new TraceError("a chunk has too much in it to be followed");
      if (!(code >= FIRST_BLOCK ? this.enterBlock(code - FIRST_BLOCK) : this.control(code))) return;
      this.at++;
      this.flushed = false;
    }
    // After a split that ends a chunk the code that it announces comes first in the next one.
    if (!this.ended && (this.afterSplit || this.flush())) this.ended = true;
  }

  /** The next value of a column. */
  take(at: number): Value {
    const slot = this.slots[at];
    if (slot === undefined || slot.at >= slot.column.count)
      throw new TraceError("a chunk has a column that runs out");
    return this.valueAt(slot, slot.at++);
  }

  /** The value taken last from a column; *nothing* where none was since the keyframe. */
  last(at: number): Value {
    const slot = this.slots[at];
    if (slot !== undefined && slot.at > 0) return this.valueAt(slot, slot.at - 1);
    return this.carried[at] ?? NOTHING;
  }

  private valueAt({ column: { data, stride, holds } }: Slot, at: number): Value {
    const raw = data[at * stride] as number;
    if (holds !== "values") return holds === "floats" ? floatValue(raw) : intValue(raw);
    return (raw & 3) === 1 ? (this.atoms[raw >> 2] as Atom) : raw;
  }

  /** Another piece of output was printed. */
  print(): void {
    this.outputs++;
    if (this.outputs > this.chunk.outputs + this.chunk.pieces)
      throw new TraceError("a chunk has more output events than output");
  }

  /** What the author says: kept by kind, subject and key until it is taken back. */
  annotate(number: number, subject: Value, key: Value, data: Value): void {
    const kind = ANNOTATIONS[number];
    if (kind === undefined) throw new TraceError("a chunk has an annotation of no kind");
    if (!this.ownsAnnotations) this.annotations = new Map(this.annotations);
    this.ownsAnnotations = true;
    if (kind === "clear") {
      const about = keyOf(subject);
      for (const [id, annotation] of this.annotations)
        if (keyOf(annotation.subject) === about) this.annotations.delete(id);
      return;
    }
    const annotation = { kind, subject, key: key === NOTHING ? null : key, data };
    const id = annotationId(annotation, this.memory.find);
    if (data === NOTHING) this.annotations.delete(id);
    else this.annotations.set(id, annotation);
  }

  private enterBlock(id: number): boolean {
    const code = this.program.code(id);
    const { calls } = this;
    if (code.entry > 0) {
      if (!this.flushOnce() || this.stops === this.limit) return false;
      this.afterSplit = false;
      this.temporaries = [];
      this.crawl(code, 0, code.entry, null);
      return true;
    }
    calls.need();
    if (!this.afterSplit) while (calls.top.code !== null) if (!this.flush()) return false;
    if (code.unit >= 0 && calls.top.unit !== code.unit) calls.returnTo(code.unit);
    while (calls.top.code !== null) if (!this.flush()) return false;
    this.afterSplit = false;
    calls.top.code = code;
    calls.top.done = 0;
    if (calls.top.temporaries === NO_TEMPORARIES) calls.top.temporaries = [];
    return true;
  }

  private control(code: number): boolean {
    const control = CONTROLS[code];
    if (control === undefined) throw new TraceError("a chunk has a path with an unknown code");
    if (control.event === "split" || control.event === "abort") return this.interrupt(code);
    if (!this.flushOnce()) return false;
    if (control.stops && this.stops === this.limit) return false;
    this.afterSplit = false;
    this.act(control, code * 4);
    return true;
  }

  /** Steps of the top call's block up to a number happen now; the rest later (split), or never (abort). */
  private interrupt(code: number): boolean {
    const { top } = this.calls;
    const slot = this.slots[code * 4];
    const at = slot?.at ?? 0;
    const to = this.integer(code * 4);
    if (top.code !== null) {
      if (to < 0 || to > top.code.length)
        throw new TraceError("a chunk interrupts a block where it has no step");
      if (to > top.done && !this.perform(top, top.code, top.done, to)) {
        if (slot !== undefined) slot.at = at;
        return false;
      }
      if (code === ABORT && this.calls.top === top) top.code = null;
    }
    this.afterSplit = code === SPLIT;
    return true;
  }

  private act(control: Control, column: number): void {
    const operands = control.operands.map((_, i) => this.take(column + i));
    const site = control.siteOf(this, operands);
    if (control.stops) {
      this.index.note(this.stops++, site.id);
    }
    if (this.tell !== null) control.tell(this, this.tell, site, operands);
    if (this.observer !== null && control.event in EVENTS) {
      this.observer.event(site, this.stops);
      if (control.event === "call") this.observer.touches(site, operands[1] as Value);
    }
    control.act(this, site, operands);
  }

  /** The next value of a column, which must be a plain integer. */
  integer(at: number): number {
    const value = this.take(at);
    if (!isSmallInt(value)) throw new TraceError("a chunk has a value where a number belongs");
    return value >> 2;
  }

  /** What a code begins with, unless it follows a split: the steps left over in the top call's block happen, once. */
  private flushOnce(): boolean {
    if (this.afterSplit || this.flushed) return true;
    if (!this.flush()) return false;
    this.flushed = true;
    return true;
  }

  private flush(): boolean {
    const { top } = this.calls;
    return top.code === null || this.perform(top, top.code, top.done, top.code.length);
  }

  /** Steps of a block happen in its call; false where the limit came first, and the rest stays with the call on top. */
  private perform(call: Call, code: Code, from: number, to: number): boolean {
    this.temporaries = call.temporaries;
    this.work += to - from;
    const stops = (code.stops[to] as number) - (code.stops[from] as number);
    if (this.tell !== null || !code.straight || this.stops + stops > this.limit)
      return this.crawl(code, from, to, call);
    this.observer?.steps(code, from, to, this.stops);
    for (let i = code.stops[from] as number, end = i + stops; i < end; i++)
      this.index.note(this.stops++, code.sites[i] as number);
    if (to === code.length) call.code = null;
    else call.done = to;
    const seen = this.observer !== null;
    if (from === 0 && to === code.length) for (const effect of seen ? code.watched() : code.all) effect(this);
    else
      for (let i = from; i < to; i++) {
        if (seen) code.touches()[i]?.(this);
        code.effects[i]?.(this);
      }
    return true;
  }

  /** As `perform`, step by step. `call` has the block; nobody has one that is just being entered. */
  private crawl(code: Code, from: number, to: number, call: Call | null): boolean {
    const { calls, temporaries, tell, observer } = this;
    const tellings = tell === null ? null : code.tellings();
    const hold = (call: Call, done: number) => {
      call.code = done < code.length ? code : null;
      call.done = done;
      call.temporaries = temporaries;
    };
    if (call !== null) call.code = null;
    for (let at = from; at < to; at++) {
      const stop = code.stops[at] as number;
      if (stop < (code.stops[at + 1] as number)) {
        if (this.stops === this.limit) {
          hold(calls.top, at);
          return false;
        }
        observer?.steps(code, at, at + 1, this.stops);
        this.index.note(this.stops++, code.sites[stop] as number);
      } else observer?.steps(code, at, at + 1, this.stops);
      if (observer !== null) code.touches()[at]?.(this);
      const telling = tellings?.[at];
      if (tell !== null && telling) tell(this, telling.site, telling.operands(this), telling.called(this));
      const before = calls.top;
      const depth = calls.stack.length;
      code.effects[at]?.(this);
      if (calls.top === before) continue;
      // A call that was pushed takes over the rest of the block; one that was taken off keeps it, if it is ever seen again.
      if (calls.stack.length > depth) continue;
      hold(before, at + 1);
      return true;
    }
    hold(calls.top, to);
    return true;
  }
}

const SPLIT = 1;
const ABORT = 2;

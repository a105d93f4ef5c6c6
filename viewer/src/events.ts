/**
 * Owns how questions read a run: one chunk's events in order, whatever the log's format. `Walk` is all that searching,
 * counting and stepping need to know of a run; a chunk is read, looked through and let go.
 */

import type { DecodedChunk } from "./body";
import type { State } from "./state";
import { EVENTS, type Site, type Tables } from "./tables";
import { decodeValue, type Value } from "./values";

/** The events of one chunk. */
export interface Events {
  readonly chunk: number;
  /** Stops before this chunk, and in it. */
  readonly firstStep: number;
  readonly steps: number;
  /** Pieces of output before this chunk. */
  readonly outputs: number;
  readonly sites: readonly Site[];
  /** For each event, its site as an index into `sites`. */
  readonly codes: Int32Array;
  /** The event of the i-th stop; `stops[steps]` is the number of events. */
  readonly stops: Int32Array;
  /** The newest object recorded here, or 0. */
  readonly newest: number;
  /** Operand `n` of an event, as a value or as a plain integer. */
  value(event: number, n: number): Value;
  integer(event: number, n: number): number;
}

/** A run as questions see it. */
export interface Walk {
  readonly tables: Tables;
  /** Chunks and steps known so far. */
  readonly chunks: number;
  readonly last: number;
  /** The chunk a step is in. */
  chunkOf(step: number): number;
  /** A chunk's events, if they need no waiting. */
  peek(chunk: number): Events | null;
  /** A chunk's events. Rejects with TraceError. */
  read(chunk: number): Promise<Events>;
  /** The state at a step. Rejects with TraceError. */
  stateAt(step: number): Promise<State>;
}

const made = new WeakMap<DecodedChunk, Events>();

/** A decoded chunk as events; the same one each time. */
export function eventsOf(chunk: DecodedChunk, outputs: number): Events {
  let events = made.get(chunk);
  if (events === undefined) {
    events = makeEvents(chunk, outputs);
    made.set(chunk, events);
  }
  return events;
}

function makeEvents(chunk: DecodedChunk, outputs: number): Events {
  const raw = (event: number, n: number) =>
    chunk.operands[chunk.codes[event] as number]?.[n]?.[chunk.rows[event] as number] as number;
  return {
    chunk: chunk.index,
    firstStep: chunk.firstStep,
    steps: chunk.steps,
    outputs,
    sites: chunk.sites,
    codes: chunk.codes,
    stops: chunk.stops,
    newest: newestOf(chunk.recordAt.keys()),
    value: (event, n) => decodeValue(raw(event, n), chunk.atoms),
    integer: raw,
  };
}

function newestOf(ids: Iterable<number>): number {
  let newest = 0;
  for (const id of ids) if (id > newest) newest = id;
  return newest;
}

/** Calls `see` with every event and the step it belongs to, in order. */
export function eachEvent(events: Events, see: (event: number, code: number, step: number) => void): void {
  const stops = events.sites.map((site) => Number(EVENTS[site.event].stop));
  const { codes } = events;
  let step = events.firstStep;
  for (let event = 0; event < codes.length; event++) {
    const code = codes[event] as number;
    step += stops[code] as number;
    see(event, code, step);
  }
}

/** Milliseconds that long work may take before it lets the page do something else. */
const SHARE = 5;

/** Thrown out of work that nobody waits for any more. */
export class Cancelled extends Error {}

/** The pace of one piece of long work: it gives way to the page often, and can be told to stop. */
export class Pace {
  cancelled = false;
  private since = performance.now();

  /** Goes on at once, or after the page had its turn. Rejects with Cancelled. */
  async breathe(): Promise<void> {
    if (performance.now() - this.since > SHARE) {
      await new Promise((resume) => setTimeout(resume));
      this.since = performance.now();
    }
    if (this.cancelled) throw new Cancelled();
  }
}

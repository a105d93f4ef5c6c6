/**
 * Owns how questions read a run: one chunk's events in order, whatever the log's format. `Walk` is all that searching,
 * counting and stepping need to know of a run; a chunk is read, looked through and let go.
 */

import type { Move } from "./call-stack";
import type { Counted } from "./census";
import type { Machine, Tell } from "./machine";
import type { Frame, State } from "./state";
import { EVENTS, type Site, type Tables } from "./tables";
import { asIndex, type Value } from "./values";

/** A change of the call stack, with the event it happens with or after; -1 before the first. */
export interface Moved extends Move {
  readonly event: number;
}

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
  /** Active calls at each step, from the one before the first stop on. */
  readonly depths: Int32Array;
  /** Changes of the call stack, in order. */
  readonly moves: readonly Moved[];
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
  /** A chunk, counted, at a pace. Rejects with TraceError or Cancelled. */
  count(chunk: number, pace: Pace): Promise<Counted>;
  /** The state at a step. Rejects with TraceError. */
  stateAt(step: number): Promise<State>;
}

/** Collects the events of one chunk while a machine walks over it from its beginning. */
export class Collector {
  private readonly codeOf = new Map<number, number>();
  private readonly sites: Site[] = [];
  private readonly codes: number[] = [];
  private readonly stops: number[] = [];
  private readonly depths: number[] = [];
  /** Where in `values` an event's operands begin. */
  private readonly starts: number[] = [];
  private readonly values: Value[] = [];
  private readonly moves: Moved[] = [];

  readonly tell: Tell = ({ calls }, site, operands) => {
    let code = this.codeOf.get(site.id);
    if (code === undefined) {
      code = this.sites.push(site) - 1;
      this.codeOf.set(site.id, code);
    }
    if (EVENTS[site.event].stop) {
      this.stops.push(this.codes.length);
      this.depths.push(depthOf(calls.stack));
    }
    this.codes.push(code);
    this.starts.push(this.values.length);
    // The token of a call is no argument.
    for (let n = site.token ? 1 : 0; n < operands.length; n++) this.values.push(operands[n] as Value);
  };

  readonly hear = (move: Move): void => {
    this.moves.push({ ...move, event: this.codes.length - 1 });
  };

  /** What was collected. */
  finish(machine: Machine): Events {
    const { sites, starts, values, moves } = this;
    const { index, firstStep, steps, outputs, recordAt } = machine.chunk;
    const value = (event: number, n: number) => values[(starts[event] as number) + n] as Value;
    return {
      chunk: index,
      firstStep,
      steps,
      outputs,
      sites,
      codes: Int32Array.from(this.codes),
      stops: Int32Array.from([...this.stops, this.codes.length]),
      depths: Int32Array.from([...this.depths, depthOf(machine.calls.stack)]),
      moves,
      newest: newestOf(recordAt.keys()),
      value,
      integer: (event, n) => asIndex(value(event, n)) ?? 0,
    };
  }
}

/** Active calls of a stack: the module's frame stays in sight when it is over. */
function depthOf(stack: readonly Frame[]): number {
  return stack[0]?.status === "finished" ? stack.length - 1 : stack.length;
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

/** How work that somebody waits for gives way to the page, and work that nobody waits for. */
export const soon = (act: () => void): void => void setTimeout(act);
export const whenIdle = (act: () => void): void => {
  if (typeof requestIdleCallback === "function") requestIdleCallback(act, { timeout: 100 });
  else setTimeout(act, 8);
};

/** The pace of one piece of long work: it gives way to the page often, and can be told to stop. */
export class Pace {
  cancelled = false;
  private since = performance.now();

  constructor(private readonly giveWay = soon) {}

  /** Goes on at once, or after the page had its turn. Rejects with Cancelled. */
  async breathe(): Promise<void> {
    if (performance.now() - this.since > SHARE) {
      await new Promise<void>(this.giveWay);
      this.since = performance.now();
    }
    if (this.cancelled) throw new Cancelled();
  }
}

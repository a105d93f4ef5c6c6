/**
 * Owns counting a chunk while a machine walks over it, block by block: how often each site ran, where writes, calls, output
 * and errors lie, how the call stack moved. No event is made for it, so that a run of millions of steps is counted soon.
 */

import type { Move } from "./call-stack";
import type { Code } from "./compile";
import type { Machine, Observer } from "./machine";
import type { EventName, Site } from "./tables";
import type { Value } from "./values";

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

/** A change of the call stack, and the step it belongs to. */
export interface Moved extends Move {
  readonly step: number;
}

/** What was counted in one chunk. */
export interface Counted {
  readonly chunk: number;
  /** Stops before the chunk, and in it. */
  readonly firstStep: number;
  readonly steps: number;
  /** Ids of the sites that ran, and how often. */
  readonly sites: Int32Array;
  readonly counts: Int32Array;
  /** Steps at which something lies in a lane. */
  readonly lanes: Readonly<Record<Lane, readonly number[]>>;
  readonly moves: readonly Moved[];
  /** Calls that are going on where they are fewest. */
  readonly least: number;
  /** The newest object recorded here, or 0. */
  readonly newest: number;
}

/** Hears which objects the events of a site are about. */
export type Touched = (site: Site, container: Value) => void;

/** Active calls of a machine: the module's frame stays in sight when it is over. */
export function depthOf({ calls: { stack } }: Machine): number {
  return stack[0]?.status === "finished" ? stack.length - 1 : stack.length;
}

/** Counts one chunk of a machine that stands at its beginning. */
export class Census implements Observer {
  /** How often each block ran as a whole, by its number. */
  private readonly whole: number[] = [];
  private readonly blocks: Code[] = [];
  /** How often each site ran besides. */
  private readonly single = new Map<number, number>();
  private readonly lanes: Record<Lane, number[]> = { write: [], call: [], output: [], error: [] };
  private readonly moves: Moved[] = [];
  private least: number;

  constructor(
    private readonly machine: Machine,
    readonly touches: Touched,
  ) {
    this.least = depthOf(machine);
    machine.observer = this;
    machine.calls.listener = this.hear;
  }

  steps(code: Code, from: number, to: number, stops: number): void {
    const { firstStep } = this.machine.chunk;
    if (from === 0 && to === code.length) {
      const before = this.whole[code.id];
      if (before === undefined) this.blocks.push(code);
      this.whole[code.id] = (before ?? 0) + 1;
    } else {
      for (let i = from; i < to; i++) {
        const site = code.events[i];
        if (site) this.count(site.id, 1);
      }
    }
    const base = firstStep + stops - (code.stops[from] as number);
    for (const i of code.notable(isNotable)) {
      if (i < from || i >= to) continue;
      this.lanes[laneOf(code.events[i] as Site) as Lane].push(base + (code.stops[i + 1] as number));
    }
  }

  event(site: Site, stops: number): void {
    this.count(site.id, 1);
    const lane = laneOf(site);
    if (lane) this.lanes[lane].push(this.machine.chunk.firstStep + stops);
  }

  private readonly hear = (move: Move): void => {
    const { machine } = this;
    this.moves.push({ ...move, step: machine.chunk.firstStep + machine.stops });
    // Of a call that is about to be taken off is heard while it is there.
    const isLess = move.what !== "begin" && move.what !== "back" && machine.calls.stack.length > 1;
    this.least = Math.min(this.least, depthOf(machine) - Number(isLess));
  };

  private count(site: number, times: number): void {
    this.single.set(site, (this.single.get(site) ?? 0) + times);
  }

  /** What was counted, once the machine has come to the end of the chunk. */
  finish(): Counted {
    const { machine, blocks, whole, single, lanes, moves } = this;
    machine.observer = null;
    machine.calls.listener = null;
    for (const code of blocks)
      for (const site of code.events) if (site) this.count(site.id, whole[code.id] as number);
    const { index, firstStep, steps, recordAt } = machine.chunk;
    let newest = 0;
    for (const id of recordAt.keys()) if (id > newest) newest = id;
    return {
      chunk: index,
      firstStep,
      steps,
      sites: Int32Array.from(single.keys()),
      counts: Int32Array.from(single.values()),
      lanes,
      moves,
      // Between two moves the depth is that of one of them.
      least: Math.min(this.least, depthOf(machine)),
      newest,
    };
  }
}

function laneOf({ event }: Site): Lane | undefined {
  return LANE_OF[event];
}

function isNotable(site: Site): boolean {
  return laneOf(site) !== undefined;
}

/** Owns what a step is: the state as views see it, and the calls it is made of. */

import type { Code } from "./compile";
import type { Lookup } from "./heap";
import type { AnnotationKind } from "./tables";
import type { Value } from "./values";

export type FrameStatus = "active" | "suspended" | "finished";

export interface Frame {
  /** Its depth in the stack; of a generator's or coroutine's call a number of its own beyond all depths. */
  readonly id: number;
  readonly unit: number;
  readonly line: number;
  readonly status: FrameStatus;
  readonly vars: ReadonlyMap<string, Value>;
}

/** What the program's author said about a value, or about one place in it (docs of `dstruct_lite.annotate`). */
export interface Annotation {
  readonly kind: Exclude<AnnotationKind, "clear">;
  readonly subject: Value;
  /** Position, key or attribute; null where the whole is meant. */
  readonly key: Value | null;
  readonly data: Value;
}

/** Everything at one step. Never changed once made. */
export interface State {
  readonly step: number;
  /** Pieces of output printed, in the whole trace. */
  readonly outputs: number;
  /** Outermost first. */
  readonly stack: readonly Frame[];
  readonly suspended: readonly Frame[];
  /** The latest of each kind, subject and key; none that was taken back. */
  readonly annotations: readonly Annotation[];
  readonly lookup: Lookup;
}

/** Where an iteration stands. */
export interface Loop {
  readonly value: Value;
  /** Of the element read last: -1 before the first; far below where a keyframe does not say it. */
  position: number;
}

/** A position that nobody knows, and that no number of elements makes known. */
export const UNKNOWN_POSITION = -(2 ** 30);

/** Shared by all calls that are in no block; nothing ever writes to it. */
export const NO_TEMPORARIES: Value[] = [];

/** Ids of calls with a token begin here. */
const TOKENS = 2 ** 20;

/** The id of a call by its token, or by its depth where it has none. */
export function frameId(token: number, depth: number): number {
  return token > 0 ? TOKENS + token : depth;
}

/** The token of a call by its id; 0 where it has none. */
export function tokenOf(id: number): number {
  return Math.max(0, id - TOKENS);
}

/** A frame with all that a replay needs of it. Changed in place within its epoch only. */
export class Call implements Frame {
  status: FrameStatus = "active";
  /** Token of the call that this suspended one waits for, or 0. */
  waits = 0;
  /** The block whose steps from number `done` on are still to come, or null. */
  code: Code | null = null;
  done = 0;
  /** Temporaries of the block; whoever enters one makes them. */
  temporaries: Value[] = NO_TEMPORARIES;
  /** The loops it is in, by number; null where it never was in one. */
  loops: Map<number, Loop> | null = null;

  constructor(
    readonly epoch: number,
    readonly id: number,
    readonly unit: number,
    readonly token: number,
    public line: number,
    readonly vars: Map<string, Value>,
  ) {}

  copy(epoch: number): Call {
    const copy = new Call(epoch, this.id, this.unit, this.token, this.line, new Map(this.vars));
    copy.status = this.status;
    copy.waits = this.waits;
    copy.code = this.code;
    copy.done = this.done;
    if (this.code !== null) copy.temporaries = this.temporaries.slice();
    if (this.loops !== null) {
      copy.loops = new Map();
      for (const [number, { value, position }] of this.loops) copy.loops.set(number, { value, position });
    }
    return copy;
  }
}

/** Owns what a step is: the immutable state, and the one a chunk begins with. */

import type { DecodedChunk } from "./body";
import type { HeapObject, Lookup } from "./heap";
import type { Tables } from "./tables";
import { decodeValue, type Value } from "./values";

export type FrameStatus = "active" | "suspended" | "finished";

export interface Frame {
  readonly id: number;
  readonly unit: number;
  readonly line: number;
  readonly status: FrameStatus;
  readonly vars: ReadonlyMap<string, Value>;
}

/** What the program's author said about a value, or about one place in it (docs of `dstruct_lite.annotate`). */
export interface Annotation {
  readonly kind: "color" | "note" | "pointer" | "hide" | "group" | "show" | "info" | "blink";
  readonly subject: Value;
  /** Position, key or attribute; null where the whole is meant. */
  readonly key: Value | null;
  readonly data: Value;
}

/** Everything at one step, and where the replay stands. Never changed once made. */
export interface State {
  readonly step: number;
  readonly chunk: number;
  /** Next event of the chunk. */
  readonly event: number;
  /** Next entry of the chunk's fills column. */
  readonly fillAt: number;
  /** Pieces of output printed, in the whole trace. */
  readonly outputs: number;
  readonly nextFrame: number;
  /** Outermost first. */
  readonly stack: readonly Frame[];
  readonly suspended: readonly Frame[];
  readonly changed: ReadonlyMap<number, HeapObject>;
  /** The latest of each kind, subject and key; none that was taken back. */
  readonly annotations: readonly Annotation[];
  readonly lookup: Lookup;
}

const FRAME_STATUS: readonly FrameStatus[] = ["active", "suspended", "finished"];

/** The state at the start of a chunk, before its first event. `base` finds objects as they were then. */
export function stateAtStart(chunk: DecodedChunk, tables: Tables, outputs: number, base: Lookup): State {
  const flat = chunk.frames;
  const frames: Frame[] = [];
  let at = 2;
  for (let i = 0; i < (flat[1] as number); i++) {
    const vars = new Map<string, Value>();
    const size = flat[at + 4] as number;
    for (let j = 0; j < size; j++) {
      const name = tables.names[flat[at + 5 + 2 * j] as number] as string;
      vars.set(name, decodeValue(flat[at + 6 + 2 * j] as number, chunk.atoms));
    }
    frames.push({
      id: flat[at] as number,
      unit: flat[at + 1] as number,
      line: flat[at + 2] as number,
      status: FRAME_STATUS[flat[at + 3] as number] as FrameStatus,
      vars,
    });
    at += 5 + 2 * size;
  }
  return {
    step: chunk.firstStep,
    chunk: chunk.index,
    event: 0,
    fillAt: 0,
    outputs,
    nextFrame: flat[0] as number,
    stack: frames.filter((frame) => frame.status !== "suspended"),
    suspended: frames.filter((frame) => frame.status === "suspended"),
    changed: new Map(),
    annotations: [],
    lookup: base,
  };
}

/** Owns how a keyframe becomes a state to go on from: its flat call stack as calls. The body was checked before. */

import { type DecodedChunk, FRAME_FIELDS } from "./body";
import type { Program } from "./compile";
import type { Lookup } from "./heap";
import { IdMap } from "./id-map";
import { annotationId, type Mark } from "./machine";
import { type Annotation, Call, type FrameStatus, UNKNOWN_POSITION } from "./state";
import { ANNOTATIONS } from "./tables";
import { decodeValue, NOTHING, type Value } from "./values";

const STATUS: readonly FrameStatus[] = ["active", "suspended", "finished"];
/** The epoch of calls as a keyframe says them, which no replay may change. */
const RECORDED = 0;

/** The state at the start of a chunk with a keyframe, before its first event. */
export function markAtStart(chunk: DecodedChunk, program: Program, lookup: Lookup): Mark {
  const { frames: flat } = chunk;
  const stack: Call[] = [];
  const suspended: Call[] = [];
  let at = 1;
  for (let left = flat[0] as number; left > 0; left--) {
    const { call, end } = callAt(chunk, at, program);
    (call.status === "suspended" ? suspended : stack).push(call);
    at = end;
  }
  return {
    chunk: chunk.index,
    stops: 0,
    at: 0,
    flushed: false,
    afterSplit: false,
    ended: false,
    fillAt: 0,
    outputs: chunk.outputs,
    carried: [],
    cursors: new Int32Array(chunk.columns.size),
    stack,
    suspended,
    changed: new IdMap(),
    annotations: annotationsAt(chunk, at, lookup),
    bytes: 0,
  };
}

function callAt(
  { frames: flat, atoms }: DecodedChunk,
  from: number,
  program: Program,
): { call: Call; end: number } {
  const value = (i: number) => decodeValue(flat[i] as number, atoms);
  const fields = Array.from(flat.subarray(from, from + FRAME_FIELDS));
  const [id, unit, line, status, token, waits, block, done, t, l, n] = fields as number[] & {
    length: typeof FRAME_FIELDS;
  };
  const call = new Call(RECORDED, id as number, unit as number, token as number, line as number, new Map());
  call.status = STATUS[status as number] as FrameStatus;
  call.waits = waits as number;
  let at = from + FRAME_FIELDS;
  const code = (block as number) < 0 ? null : program.code(block as number);
  if (code !== null && (done as number) < code.length) {
    call.code = code;
    call.done = done as number;
    call.temporaries = Array.from({ length: t as number }, (_, i) => value(at + i));
  }
  at += t as number;
  if ((l as number) > 0) call.loops = new Map();
  for (const end = at + 3 * (l as number); at < end; at += 3)
    call.loops?.set(flat[at] as number, {
      position: positionOf(flat[at + 1] as number),
      value: value(at + 2),
    });
  for (const end = at + 2 * (n as number); at < end; at += 2)
    call.vars.set(program.tables.names[flat[at] as number] as string, value(at + 1));
  return { call, end: at };
}

function positionOf(position: number): number {
  return position < 0 ? UNKNOWN_POSITION : position;
}

function annotationsAt(
  { frames: flat, atoms }: DecodedChunk,
  from: number,
  lookup: Lookup,
): Map<string, Annotation> {
  const annotations = new Map<string, Annotation>();
  for (let at = from; at < flat.length; at += 4) {
    const [subject, key, data] = [1, 2, 3].map((i) => decodeValue(flat[at + i] as number, atoms)) as [
      Value,
      Value,
      Value,
    ];
    const annotation: Annotation = {
      kind: ANNOTATIONS[flat[at] as number] as Annotation["kind"],
      subject,
      key: key === NOTHING ? null : key,
      data,
    };
    annotations.set(annotationId(annotation, lookup), annotation);
  }
  return annotations;
}

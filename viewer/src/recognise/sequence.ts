/** Owns when a sequence is an array, a stack or a queue: by what the code calls on it, else by its kind. */

import { type HeapObject, isInline, isSequence } from "../heap";
import { isCyclic } from "../reach";
import { FIT, type Fit, type Scene, type Subject } from "../structure";
import type { Use } from "../usage";
import { isRef, refId } from "../values";

export interface SequenceModel {
  readonly object: HeapObject;
}

/** A sequence that holds more containers than this is told in one line each. */
const MAX_ROWS = 60;

function plain(object: HeapObject, score: number): Fit<SequenceModel> {
  return { score, model: () => ({ object }) };
}

/** Any sequence. */
export function fitArray({ object }: Subject): Fit<SequenceModel> | null {
  return object && isSequence(object) ? plain(object, FIT.plain) : null;
}

/** Pushed and popped at its end, and not looked into elsewhere by an index variable. */
export function fitStack({ object }: Subject, { usage }: Scene): Fit<SequenceModel> | null {
  if (object?.kind !== "list" && object?.kind !== "deque") return null;
  const { calls, indexed } = usage.of(object.id);
  const lifo = calls.has("append") && calls.has("pop") && !usesFront(calls);
  return plain(object, lifo && !indexed && !isHeapUse(calls) ? FIT.use : FIT.possible);
}

/** Added to at one end and taken from at the other; a deque that nothing was called on yet is one, too. */
export function fitQueue({ object }: Subject, { usage }: Scene): Fit<SequenceModel> | null {
  if (object?.kind !== "list" && object?.kind !== "deque") return null;
  const { calls } = usage.of(object.id);
  const adds = calls.has("append") || calls.has("appendleft") || calls.has("insert(0)");
  const lifo = calls.has("append") && calls.has("pop") && !usesFront(calls);
  if (usesFront(calls) && adds) return plain(object, FIT.use);
  return plain(object, object.kind === "deque" && !lifo ? FIT.shape : FIT.possible);
}

function usesFront(calls: Use["calls"]): boolean {
  return ["popleft", "appendleft", "pop(0)", "insert(0)", "extendleft"].some((name) => calls.has(name));
}

/** Whether functions of `heapq` were called with it. */
export function isHeapUse(calls: Use["calls"]): boolean {
  for (const name of calls) if (/^_?heap(push|pop|ify|replace)/.test(name)) return true;
  return false;
}

/** A sequence of containers that have more in them than one cell tells: one row each, figures inside. */
export function fitRows({ object }: Subject, { lookup }: Scene): Fit<SequenceModel> | null {
  if (!object || !isSequence(object) || object.items.length === 0) return null;
  const inside = object.items
    .slice(0, MAX_ROWS)
    .map((item) => (isRef(item) ? lookup(refId(item)) : undefined))
    .filter((item) => item !== undefined);
  if (inside.length === 0) return null;
  const containers = inside.filter((item) => item.kind !== "object" && item.kind !== "tuple");
  const large = inside.some((item) => !isInline(item, lookup));
  const telling = containers.length > 0 && (large || containers.length === object.items.length);
  return {
    score: telling && !isCyclic(object, lookup) ? FIT.plain + 0.5 : FIT.possible,
    model: () => ({ object }),
    nested: () => object.items.filter(isRef).map(refId),
  };
}

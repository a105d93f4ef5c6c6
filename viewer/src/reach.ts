/** Owns what a picture could show: every object the visible variables lead to, how, and from how many places. */

import type { HeapObject, Lookup } from "./heap";
import { framesOf } from "./scope";
import type { State } from "./state";
import { isRef, isSmallInt, refId, refTo, type Value } from "./values";

/** An object with the way to it. Ways are kept as steps and written out only for what is drawn. */
export class Reached {
  /** Places that hold it, variables apart. */
  holders = 0;
  /** The first of those places. */
  holder: Reached | null = null;

  constructor(
    readonly object: HeapObject,
    private readonly from: Reached | null,
    private readonly step: string | Step,
    readonly named: boolean,
  ) {}

  /** How the object is reached, in the program's own notation. */
  get path(): string {
    let path = "";
    let at: Reached = this;
    for (let i = 0; at.from && i < 64; i++) {
      path = (typeof at.step === "string" ? at.step : stepText(at.from.object, at.step)) + path;
      at = at.from;
    }
    return (typeof at.step === "string" ? at.step : "…") + path;
  }
}

/** Position of a reference among an object's. */
type Step = readonly [key: string, first: Value | null, index: number];

function stepText(object: HeapObject, [key, first, index]: Step): string {
  if (first === null) return `[${index}]`;
  if (object.kind === "object") return `.${key}`;
  return typeof first !== "number" ? `['${first.text}']` : isSmallInt(first) ? `[${first >> 2}]` : "[…]";
}

/** Objects looked at for one picture, and how many more around what is in focus. */
const MAX_OBJECTS = 12_000;
const MAX_FOCUSED = 400;
/** References followed out of one object. */
const MAX_REFS = 4000;

interface Ref {
  readonly id: number;
  readonly step: Step;
}

const references = new WeakMap<HeapObject, readonly Ref[]>();

/** The references an object holds, by its version. */
function referencesOf(object: HeapObject): readonly Ref[] {
  let refs = references.get(object);
  if (refs) return refs;
  const found: Ref[] = [];
  for (let i = 0; i < object.items.length && found.length < MAX_REFS; i++) {
    const item = object.items[i] as Value;
    if (isRef(item)) found.push({ id: refId(item), step: ["", null, i] });
  }
  for (const [key, [first, second]] of object.entries) {
    if (found.length >= MAX_REFS) break;
    if (isRef(second)) found.push({ id: refId(second), step: [key, first, -1] });
    if (isRef(first) && first !== second) found.push({ id: refId(first), step: [key, first, -1] });
  }
  refs = found;
  references.set(object, refs);
  return refs;
}

/** Objects that must be seen: those just touched and those the current frame has a name for. */
export function inFocus(state: State, touched: Iterable<number>): Set<number> {
  const focus = new Set(touched);
  for (const value of state.stack[state.stack.length - 1]?.vars.values() ?? [])
    if (isRef(value)) focus.add(refId(value));
  return focus;
}

/** Everything the visible variables lead to, breadth first; where that is too much, at least what is in focus. */
export function reach(state: State, focus: Iterable<number>): Map<number, Reached> {
  const { lookup } = state;
  const reached = new Map<number, Reached>();
  const queue: Reached[] = [];
  const add = (id: number, from: Reached | null, step: string | Step): void => {
    const object = lookup(id);
    if (!object) return;
    const entry = new Reached(object, from, step, from === null);
    reached.set(id, entry);
    queue.push(entry);
  };
  for (const frame of framesOf(state)) {
    for (const [name, value] of frame.vars)
      if (isRef(value) && !reached.has(refId(value))) add(refId(value), null, name);
  }
  const whole = spread(queue, 0, reached, MAX_OBJECTS, add);
  if (whole) return reached;
  const next = queue.length;
  // What the frames name was reached above; anything else in focus is there for having been touched.
  for (const id of focus) if (!reached.has(id) && isRef(refTo(id))) add(id, null, "…");
  spread(queue, next, reached, MAX_OBJECTS + MAX_FOCUSED, add);
  return reached;
}

/** Follows references; whether all were followed. */
function spread(
  queue: Reached[],
  start: number,
  reached: ReadonlyMap<number, Reached>,
  room: number,
  add: (id: number, from: Reached, step: Step) => void,
): boolean {
  for (let at = start; at < queue.length; at++) {
    const from = queue[at] as Reached;
    for (const { id, step } of referencesOf(from.object)) {
      if (!reached.has(id)) {
        if (reached.size >= room) return false;
        add(id, from, step);
      }
      const entry = reached.get(id);
      if (!entry) continue;
      entry.holders++;
      entry.holder ??= from;
    }
  }
  return true;
}

/** Whether an object leads back to itself, through containers of any kind. */
export function isCyclic(object: HeapObject, lookup: Lookup): boolean {
  const seen = new Set<number>();
  const stack = referencesOf(object).map(({ id }) => id);
  for (let id = stack.pop(); id !== undefined && seen.size < 200; id = stack.pop()) {
    if (id === object.id) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    const next = lookup(id);
    if (next) for (const ref of referencesOf(next)) stack.push(ref.id);
  }
  return false;
}

/** Ids of the objects that an object refers to, in order, with the key under which it does. */
export function* heldBy(
  object: HeapObject,
): Generator<readonly [id: number, key: string, first: Value | null]> {
  for (const { id, step } of referencesOf(object))
    yield [id, step[1] === null ? String(step[2]) : step[0], step[1]];
}

/** Owns what a picture could show: every object the visible variables lead to, how, and from how many places. */

import type { HeapObject, Lookup } from "./heap";
import { framesOf } from "./scope";
import type { State } from "./state";
import type { ObjectKind } from "./tables";
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
    /** The variable, or which of the references of `from`. */
    private readonly step: string | number,
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

function stepText(object: HeapObject, which: number): string {
  let n = 0;
  for (const [, key, first] of heldBy(object)) {
    if (n++ !== which) continue;
    if (first === null) return `[${key}]`;
    if (object.kind === "object") return `.${key}`;
    return typeof first !== "number" ? `['${first.text}']` : isSmallInt(first) ? `[${first >> 2}]` : "[…]";
  }
  return "…";
}

/** Objects looked at for one picture, and how many more around what is in focus. */
const MAX_OBJECTS = 12_000;
const MAX_FOCUSED = 400;
/** References followed out of one object. */
const MAX_REFS = 4000;

const NO_REFERENCES: readonly number[] = [];

/** Ids of the objects that an object refers to, in order; found once for each of its versions. */
function referencesOf(object: HeapObject): readonly number[] {
  object.references ??= findReferences(object);
  return object.references;
}

function findReferences({ items, entries }: HeapObject): readonly number[] {
  let found: number[] | null = null;
  const add = (value: Value) => {
    if (!isRef(value)) return;
    found ??= [];
    if (found.length < MAX_REFS) found.push(refId(value));
  };
  items.forEach(add);
  entries.forEach(([first, second]) => {
    add(second);
    if (first !== second) add(first);
  });
  return found ?? NO_REFERENCES;
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
  const add = (id: number, from: Reached | null, step: string | number): void => {
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
  add: (id: number, from: Reached, step: number) => void,
): boolean {
  for (let at = start; at < queue.length; at++) {
    const from = queue[at] as Reached;
    const ids = referencesOf(from.object);
    for (let which = 0; which < ids.length; which++) {
      const id = ids[which] as number;
      let entry = reached.get(id);
      if (!entry) {
        if (reached.size >= room) return false;
        add(id, from, which);
        entry = reached.get(id);
      }
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
  const stack = [...referencesOf(object)];
  for (let id = stack.pop(); id !== undefined && seen.size < 200; id = stack.pop()) {
    if (id === object.id) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    const next = lookup(id);
    if (next) stack.push(...referencesOf(next));
  }
  return false;
}

/** Whether an object refers to one of this kind. */
export function refersTo(object: HeapObject, kind: ObjectKind, lookup: Lookup): boolean {
  return referencesOf(object).some((id) => lookup(id)?.kind === kind);
}

/** Ids of the objects that an object refers to, in order, with the key under which it does. */
export function* heldBy({
  items,
  entries,
}: HeapObject): Generator<readonly [id: number, key: string, first: Value | null]> {
  let left = MAX_REFS;
  for (let i = 0; i < items.length && left > 0; i++) {
    const item = items[i] as Value;
    if (!isRef(item)) continue;
    yield [refId(item), String(i), null];
    left--;
  }
  for (const [key, [first, second]] of entries)
    for (const value of first === second ? [second] : [second, first]) {
      if (!isRef(value) || left-- <= 0) continue;
      yield [refId(value), key, first];
    }
}

/**
 * Owns recognition: which figures the heap is drawn as. Looks at shapes only (kinds, attributes, who refers to whom),
 * never at class names, and is pure: the same state gives the same figures.
 */

import { type HeapObject, isSequence, isSet, type Lookup } from "./heap";
import { type Linked, linkedFigures } from "./linked";
import { framesOf } from "./scope";
import type { State } from "./state";
import { isRef, isSmallInt, refId, refTo, type Value } from "./values";

export interface ArrayFigure {
  readonly kind: "array";
  readonly key: string;
  readonly object: HeapObject;
  readonly path: string;
}

export interface MatrixFigure {
  readonly kind: "matrix";
  readonly key: string;
  readonly object: HeapObject;
  readonly rows: readonly HeapObject[];
  readonly path: string;
}

export interface SetFigure {
  readonly kind: "set";
  readonly key: string;
  readonly object: HeapObject;
  readonly path: string;
}

/** A dict, or an object that is not linked to others of its kind. */
export interface TableFigure {
  readonly kind: "table";
  readonly key: string;
  readonly object: HeapObject;
  readonly path: string;
}

export type Figure = ArrayFigure | MatrixFigure | SetFigure | TableFigure | Linked;

/** Objects looked at for one picture, and how many more around what is in focus. */
const MAX_OBJECTS = 1000;
const MAX_FOCUSED = 200;
/** A container this small is drawn inside the cell that holds it. */
const INLINE_ITEMS = 8;
const MAX_MATRIX_ROWS = 200;

class Reached {
  constructor(
    readonly object: HeapObject,
    /** How the object is reached, in the program's own notation; a name where a variable holds it. */
    readonly path: () => string,
    readonly named: boolean,
  ) {}
}

/**
 * The figures of a state, in a stable order: by the variables that lead to them, outermost frame first.
 * Of what is too large, the part around the `touched` objects is drawn.
 */
export function classify(state: State, touched: Iterable<number> = []): Figure[] {
  const focus = inFocus(state, touched);
  const reached = reach(state, focus);
  const linked = linkedFigures(reached, focus, state.lookup);
  const drawn = new Set<number>(linked.flatMap((figure) => [...figure.members, ...figure.absorbed]));
  const figures: Figure[] = [];
  const rows = new Set<number>();
  for (const { object } of reached.values()) {
    const matrix = drawn.has(object.id) ? null : matrixRows(object, state.lookup);
    if (matrix) for (const row of matrix) rows.add(row.id);
  }
  const pending = new Map(linked.map((figure) => [figure.first, figure]));
  for (const { object, path, named } of reached.values()) {
    const group = pending.get(object.id);
    if (group) figures.push(group);
    if (drawn.has(object.id) || rows.has(object.id)) continue;
    if (!named && isInline(object, state.lookup)) continue;
    const figure = figureOf(object, path(), state.lookup);
    if (figure) figures.push(figure);
  }
  return figures;
}

/** Objects that must be seen: those just touched and those the current frame has a name for. */
function inFocus(state: State, touched: Iterable<number>): Set<number> {
  const focus = new Set(touched);
  for (const value of state.stack[state.stack.length - 1]?.vars.values() ?? [])
    if (isRef(value)) focus.add(refId(value));
  return focus;
}

/** Everything the visible variables lead to, breadth first; where that is too much, at least what is in focus. */
function reach(state: State, focus: Iterable<number>): Map<number, Reached> {
  const reached = new Map<number, Reached>();
  const queue: Reached[] = [];
  let room = MAX_OBJECTS;
  const visit = (value: Value, path: () => string, named: boolean) => {
    if (!isRef(value) || reached.size >= room || reached.has(refId(value))) return;
    const object = state.lookup(refId(value));
    if (!object) return;
    const entry = new Reached(object, path, named);
    reached.set(object.id, entry);
    queue.push(entry);
  };
  let next = 0;
  const spread = () => {
    for (; next < queue.length && reached.size < room; next++) visitParts(queue[next] as Reached, visit);
  };
  for (const frame of framesOf(state)) for (const [name, value] of frame.vars) visit(value, () => name, true);
  spread();
  if (reached.size < room) return reached;
  room += MAX_FOCUSED;
  // What the frames name was reached above; anything else in focus is there for having been touched.
  for (const id of focus) visit(refTo(id), () => "…", false);
  next = MAX_OBJECTS;
  spread();
  return reached;
}

function visitParts(
  { object, path }: Reached,
  visit: (value: Value, path: () => string, named: boolean) => void,
): void {
  object.items.forEach((item, i) => {
    if (isRef(item)) visit(item, () => `${path()}[${i}]`, false);
  });
  for (const [key, [first, second]] of object.entries) {
    if (isRef(second)) visit(second, () => path() + stepInto(object, key, first), false);
    if (isRef(first) && object.kind !== "object") visit(first, () => `${path()} key`, false);
  }
}

function stepInto(object: HeapObject, key: string, first: Value): string {
  if (object.kind === "object") return `.${key}`;
  return typeof first !== "number" ? `['${first.text}']` : isSmallInt(first) ? `[${first >> 2}]` : "[…]";
}

function figureOf(object: HeapObject, path: string, lookup: Lookup): Figure | null {
  const common = { key: `o${object.id}`, object, path };
  const rows = matrixRows(object, lookup);
  if (rows) return { kind: "matrix", rows, ...common };
  if (isSequence(object)) return { kind: "array", ...common };
  if (isSet(object)) return { kind: "set", ...common };
  return object.kind === "object" && object.entries.size === 0 ? null : { kind: "table", ...common };
}

function isAtomic(value: Value, lookup: Lookup): boolean {
  if (!isRef(value)) return true;
  const object = lookup(refId(value));
  return object?.kind === "tuple" && object.items.length <= 4 && object.items.every((item) => !isRef(item));
}

/** The rows of a list of lists of atoms, with at least two rows or columns; null where it is something else. */
function matrixRows(object: HeapObject, lookup: Lookup): HeapObject[] | null {
  if (object.kind !== "list" && object.kind !== "tuple") return null;
  if (object.items.length === 0 || object.items.length > MAX_MATRIX_ROWS) return null;
  const rows: HeapObject[] = [];
  for (const item of object.items) {
    const row = isRef(item) ? lookup(refId(item)) : undefined;
    if (row?.kind !== "list" || row === object || rows.includes(row)) return null;
    if (!row.items.every((cell) => isAtomic(cell, lookup))) return null;
    rows.push(row);
  }
  return rows.some((row) => row.items.length > 0) ? rows : null;
}

/** Whether an object that no variable names is small and plain enough to be drawn where it is referred to. */
export function isInline(object: HeapObject, lookup: Lookup): boolean {
  const size = object.items.length + object.entries.size;
  if (size > INLINE_ITEMS || object.length > INLINE_ITEMS) return false;
  const plain = (value: Value) => isAtomic(value, lookup);
  return (
    object.items.every(plain) &&
    [...object.entries.values()].every(([key, value]) => plain(key) && plain(value))
  );
}

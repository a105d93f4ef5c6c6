/** Owns what a step touched: which elements and attributes were read or written, and which variables changed. */

import { elementAt, entryKey, type HeapObject, isSequence, type Lookup } from "./heap";
import type { Happening } from "./replay";
import type { Snapshot } from "./timeline";
import { type Atom, asIndex, type Value } from "./values";

/** How a place was touched. */
export type Mark = "read" | "write" | "both" | "";

export function markOf(reads: boolean, writes: boolean): Mark {
  return reads && writes ? "both" : reads ? "read" : writes ? "write" : "";
}

/** How one place of an object was touched. */
export function markAt({ reads, writes }: Marks, key: string): Mark {
  return reads.size || writes.size ? markOf(reads.has(key), writes.has(key)) : "";
}

/** Touched places of one object. Positions of sequences as decimal text, else the entry's key. */
export interface Marks {
  readonly reads: Set<string>;
  readonly writes: Set<string>;
  /** A slice that was read or written: from, to. */
  range: readonly [number, number] | null;
}

export interface Touched {
  readonly objects: ReadonlyMap<number, Marks>;
  /** Texts that were read, by key. */
  readonly texts: ReadonlyMap<string, Marks>;
  /** Names bound at this step, by frame id. */
  readonly variables: ReadonlyMap<number, ReadonlySet<string>>;
}

export const NO_MARKS: Marks = { reads: new Set(), writes: new Set(), range: null };

function freshMarks(): Marks {
  return { reads: new Set(), writes: new Set(), range: null };
}

/** Collects the marks of a snapshot's happenings. */
export function touchedBy(snapshot: Snapshot): Touched {
  const objects = new Map<number, Marks>();
  const texts = new Map<string, Marks>();
  const variables = new Map<number, Set<string>>();
  for (const happening of snapshot.happenings) {
    for (const { frame, name } of happening.bindings) {
      const names = variables.get(frame) ?? new Set();
      variables.set(frame, names.add(name));
    }
    const object = happening.container < 0 ? undefined : snapshot.state.lookup(happening.container);
    if (!object) {
      markText(texts, happening);
      continue;
    }
    const marks = objects.get(object.id) ?? freshMarks();
    objects.set(object.id, marks);
    mark(marks, happening, object, snapshot);
  }
  return { objects, texts, variables };
}

/** A text has no elements of its own in the log: its positions are read, and members are found in it. */
function markText(texts: Map<string, Marks>, { event, subject, key, position, number }: Happening): void {
  if (subject === null || typeof subject === "number" || subject.kind !== "str") return;
  const marks = texts.get(subject.key) ?? freshMarks();
  texts.set(subject.key, marks);
  const length = Array.from(subject.text).length;
  if (event === "contains") {
    const found = key !== null && typeof key !== "number" ? subject.text.indexOf(key.text) : -1;
    if (found >= 0 && number === 1) marks.range = [found, found + (key as Atom).text.length];
    return;
  }
  const at = position ?? (event === "iter" ? number : key === null ? null : asIndex(key));
  if (at !== null) marks.reads.add(String(at < 0 ? at + length : at));
  else marks.range = sliceOf(key, length);
}

function mark(marks: Marks, happening: Happening, object: HeapObject, { before, state }: Snapshot): void {
  const key = keyText(happening, object, state.lookup);
  switch (happening.event) {
    case "get":
    case "getattr":
    case "iter":
      if (key !== null) marks.reads.add(key);
      else marks.range = sliceOf(happening.key, object.length);
      return;
    case "contains":
      markFound(marks, happening, object, state.lookup);
      return;
    case "set":
    case "setattr":
    case "put":
      if (key !== null) marks.writes.add(key);
      else marks.range = sliceOf(happening.key, object.length);
      return;
    case "default":
    case "missing":
      if (key !== null && happening.adds) marks.writes.add(key);
      return;
    case "insert":
      shift(marks, happening.position ?? 0, 1);
      if (key !== null) marks.writes.add(key);
      return;
    case "add":
      if (happening.value !== null) marks.writes.add(entryKey(object, happening.value, state.lookup));
      return;
    case "remove":
    case "del":
      if (key !== null && isSequence(object)) shift(marks, Number(key), -1);
      return;
    case "clear":
    case "reverse":
    case "fill":
      markChanges(marks, before.lookup(object.id), object);
  }
}

/** The place an event is about; null where its key names no single place (a slice). */
function keyText(happening: Happening, object: HeapObject, lookup: Lookup): string | null {
  if (isSequence(object)) return happening.position === null ? null : String(happening.position);
  if (happening.event === "iter")
    return happening.old === null ? null : entryKey(object, happening.old, lookup);
  return happening.key === null ? null : entryKey(object, happening.key, lookup);
}

function markFound(marks: Marks, happening: Happening, object: HeapObject, lookup: Lookup): void {
  if (happening.number !== 1 || happening.key === null) return;
  if (!isSequence(object)) {
    marks.reads.add(entryKey(object, happening.key, lookup));
    return;
  }
  const wanted = happening.key;
  const at = object.items.findIndex((item) => sameAtom(item, wanted));
  if (at >= 0) marks.reads.add(String(at));
}

function sameAtom(a: Value, b: Value): boolean {
  return typeof a === "number" || typeof b === "number" ? a === b : a.key === b.key;
}

/** Marks made before an insertion or a removal move with their elements. */
function shift(marks: Marks, from: number, by: 1 | -1): void {
  for (const set of [marks.reads, marks.writes]) {
    const moved = [...set].flatMap((text) => {
      const i = Number(text);
      if (i < from) return [text];
      return by < 0 && i === from ? [] : [String(i + by)];
    });
    set.clear();
    for (const text of moved) set.add(text);
  }
}

function sliceOf(key: Value | null, length: number): readonly [number, number] | null {
  if (key === null || typeof key === "number" || key.kind !== "slice") return null;
  const bound = (part: number | string | null | undefined, missing: number) => {
    const n = typeof part === "number" ? part : missing;
    return Math.min(Math.max(n < 0 ? n + length : n, 0), length);
  };
  const from = bound(key.parts[0], 0);
  const to = bound(key.parts[1], length);
  return from < to ? [from, to] : null;
}

function markChanges(marks: Marks, before: HeapObject | undefined, after: HeapObject): void {
  if (isSequence(after)) {
    after.items.forEach((item, i) => {
      if (!before || i >= before.length || !sameAtom(elementAt(before, i), item)) marks.writes.add(String(i));
    });
    return;
  }
  for (const [key, [, value]] of after.entries) {
    const old = before?.entries.get(key);
    if (!old || !sameAtom(old[1], value)) marks.writes.add(key);
  }
}

/**
 * Owns objects of the learner's program as the log tells them: one immutable shape for every kind of container,
 * how a record of the log becomes one, and every change an event can make to one (each returns nothing and
 * works on a copy the caller owns). Only the beginning of a large container may be known: `items` is then a
 * prefix and `far` holds what was touched beyond it.
 */

import type { DecodedChunk } from "./body";
import type { ObjectKind, Tables } from "./tables";
import {
  type Atom,
  asIndex,
  decodeValue,
  isRef,
  keyOf,
  NOT_RECORDED,
  nameAtom,
  refId,
  type Value,
} from "./values";
import { TraceError } from "./wire";

/** Key and value: of a dict entry; of an attribute (key is a str); of a set's member (key and value are the same). */
export type Entry = readonly [key: Value, value: Value];

export interface HeapObject {
  readonly id: number;
  readonly kind: ObjectKind;
  /** The class's name. */
  readonly type: string;
  /** True length; for an object, of its attributes. */
  length: number;
  /** Whether only the beginning was recorded. */
  partial: boolean;
  /** Sequences: the known beginning. */
  items: Value[];
  /** Sequences: known elements beyond `items`. */
  far: Map<number, Value> | null;
  /** Dicts, sets, attributes, by `keyOf` (attributes by name), in order. */
  entries: Map<string, Entry>;
}

/** Finds an object by id; undefined where the log has not said anything about it. */
export type Lookup = (id: number) => HeapObject | undefined;

const SEQUENCES: ReadonlySet<ObjectKind> = new Set(["list", "tuple", "deque", "array"]);

export function isSequence(object: { readonly kind: ObjectKind }): boolean {
  return SEQUENCES.has(object.kind);
}

export function isSet(object: { readonly kind: ObjectKind }): boolean {
  return object.kind === "set" || object.kind === "frozenset";
}

/** Element `i` (0 <= i < length) of a sequence. */
export function elementAt(object: HeapObject, i: number): Value {
  return object.items[i] ?? object.far?.get(i) ?? NOT_RECORDED;
}

/** The position a key value names in a sequence, counting negative ones from the end; null where it names none. */
export function positionOf(object: HeapObject, key: Value): number | null {
  const i = asIndex(key);
  return i === null ? null : i < 0 ? i + object.length : i;
}

/** The text under which `entries` holds a key. Tuples and frozensets compare by content, other objects by identity. */
export function entryKey(object: HeapObject, key: Value, lookup: Lookup): string {
  if (object.kind === "object") return typeof key === "object" ? key.text : keyOf(key);
  return contentKey(key, lookup, 0);
}

function contentKey(key: Value, lookup: Lookup, depth: number): string {
  return keyOf(key, (id) => {
    const object = depth < 4 ? lookup(id) : undefined;
    if (object?.kind === "tuple")
      return `(${object.items.map((item) => contentKey(item, lookup, depth + 1)).join(",")})`;
    if (object?.kind !== "frozenset") return `o${id}`;
    return `{${[...object.entries.keys()].sort().join(",")}}`;
  });
}

/** The element, entry, member or attribute under a key; null where there is none or it is not known. */
export function lookUp(object: HeapObject, key: Value, lookup: Lookup): Value | null {
  if (isSequence(object)) {
    const i = positionOf(object, key);
    return i === null || i < 0 || i >= object.length ? null : elementAt(object, i);
  }
  return object.entries.get(entryKey(object, key, lookup))?.[1] ?? null;
}

/** The object in the record at `at` of a chunk's object column. `announce` gets it before its contents are read,
 * so that a lookup made while reading them (a hostile set may hold itself) finds it. */
export function readRecord(
  chunk: Pick<DecodedChunk, "objects" | "atoms">,
  at: number,
  tables: Tables,
  lookup: Lookup,
  announce: (object: HeapObject) => void,
): HeapObject {
  const flat = chunk.objects;
  const type = tables.types[flat[at + 1] as number];
  if (type === undefined) throw new TraceError("an object has an unknown type");
  const object = blank(flat[at] as number, type.kind, type.name);
  announce(object);
  readContents(object, flat, at + 2, chunk.atoms, tables, lookup);
  return object;
}

/** Shared by all objects that have no use for them; nothing ever writes to them. */
const NO_ITEMS: Value[] = [];
const NO_ENTRIES = new Map<string, Entry>();

function blank(id: number, kind: ObjectKind, type: string): HeapObject {
  return { id, kind, type, length: 0, partial: false, items: NO_ITEMS, far: null, entries: NO_ENTRIES };
}

/** Replaces all contents by `length, shown, entries` at `at`; returns where they end. The entries must be checked. */
export function readContents(
  object: HeapObject,
  flat: Int32Array,
  at: number,
  atoms: readonly Atom[],
  tables: Tables,
  lookup: Lookup,
): number {
  const shown = flat[at + 1] as number;
  object.length = flat[at] as number;
  object.partial = shown < object.length;
  if (isSequence(object)) object.items = [];
  else object.entries = new Map();
  object.far = null;
  let next = at + 2;
  for (let i = 0; i < shown; i++) {
    const first = flat[next++] as number;
    if (object.kind === "object") {
      const name = tables.names[first] as string;
      object.entries.set(name, [nameAtom(name), decodeValue(flat[next++] as number, atoms)]);
      continue;
    }
    const value = decodeValue(first, atoms);
    if (isSequence(object)) object.items.push(value);
    else if (isSet(object)) object.entries.set(contentKey(value, lookup, 0), [value, value]);
    else
      object.entries.set(contentKey(value, lookup, 0), [value, decodeValue(flat[next++] as number, atoms)]);
  }
  return next;
}

/** A copy that may be changed. */
export function cloneObject(object: HeapObject): HeapObject {
  return {
    ...object,
    items: isSequence(object) ? object.items.slice() : NO_ITEMS,
    far: object.far && new Map(object.far),
    entries: isSequence(object) ? NO_ENTRIES : new Map(object.entries),
  };
}

/** c[k] = v, c.k = v. A key that is no position of a sequence (a slice) changes nothing: a fill follows. */
export function put(object: HeapObject, key: Value, value: Value, lookup: Lookup): void {
  if (isSequence(object)) {
    const i = positionOf(object, key);
    if (i === null || i < 0) return;
    if (i < object.items.length) object.items[i] = value;
    else if (i < object.length) setFar(object, i, value);
    return;
  }
  const known = entryKey(object, key, lookup);
  const before = object.entries.get(known);
  // Of a partly recorded dict nobody knows whether the key was there before.
  if (before === undefined && !object.partial) object.length++;
  object.entries.set(known, [before ? before[0] : key, value]);
}

function setFar(object: HeapObject, i: number, value: Value): void {
  object.far ??= new Map();
  object.far.set(i, value);
  for (
    let next = object.far.get(object.items.length);
    next !== undefined;
    next = object.far.get(object.items.length)
  ) {
    object.far.delete(object.items.length);
    object.items.push(next);
  }
}

function shiftFar(object: HeapObject, from: number, by: 1 | -1): void {
  if (!object.far) return;
  object.far = new Map([...object.far].map(([i, value]) => [i >= from ? i + by : i, value]));
}

/** Inserts before position `i` of a sequence; a position past the end appends, as Python's insert does. */
export function insertAt(object: HeapObject, i: number, value: Value): void {
  const at = Math.min(Math.max(i < 0 ? i + object.length : i, 0), object.length);
  const whole = object.items.length === object.length;
  shiftFar(object, at, 1);
  object.length++;
  if (at < object.items.length || whole) object.items.splice(at, 0, value);
  else setFar(object, at, value);
}

/** Removes a position, key, member or attribute. */
export function removeKey(object: HeapObject, key: Value, lookup: Lookup): void {
  if (!isSequence(object)) {
    const known = object.entries.delete(entryKey(object, key, lookup));
    if (known || object.partial) object.length = Math.max(0, object.length - 1);
    return;
  }
  const i = positionOf(object, key);
  if (i === null || i < 0 || i >= object.length) return;
  object.length--;
  if (i < object.items.length) object.items.splice(i, 1);
  else object.far?.delete(i);
  shiftFar(object, i + 1, -1);
}

/** Adds a member to a set. */
export function addMember(object: HeapObject, value: Value, lookup: Lookup): void {
  const known = contentKey(value, lookup, 0);
  if (object.entries.has(known)) return;
  object.entries.set(known, [value, value]);
  if (!object.partial) object.length++;
}

/** Ids of the objects a value, or all that an object holds, refers to. */
export function* refsOf(object: HeapObject): Generator<number> {
  for (const value of object.items) if (isRef(value)) yield refId(value);
  if (object.far) for (const value of object.far.values()) if (isRef(value)) yield refId(value);
  for (const [key, value] of object.entries.values()) {
    if (isRef(key)) yield refId(key);
    if (isRef(value) && value !== key) yield refId(value);
  }
}

/** A container this small is drawn inside the cell that holds it. */
const INLINE_ITEMS = 8;

/** Whether a value is told in one word: no object, or a short tuple of such values. */
export function isAtomic(value: Value, lookup: Lookup): boolean {
  if (!isRef(value)) return true;
  const object = lookup(refId(value));
  return object?.kind === "tuple" && object.items.length <= 4 && object.items.every((item) => !isRef(item));
}

/** Whether an object is small and plain enough to be drawn where it is referred to. */
export function isInline(object: HeapObject, lookup: Lookup): boolean {
  const size = object.items.length + object.entries.size;
  if (size > INLINE_ITEMS || object.length > INLINE_ITEMS) return false;
  const plain = (value: Value) => isAtomic(value, lookup);
  return (
    object.items.every(plain) &&
    [...object.entries.values()].every(([key, value]) => plain(key) && plain(value))
  );
}

/**
 * Owns objects of the learner's program as the log tells them: one immutable shape for every kind of container,
 * how a record of the log becomes one, and every change an event can make to one (each returns nothing and
 * works on a copy the caller owns). Only the beginning of a large container may be known: `items` is then a prefix.
 */

import type { DecodedChunk } from "./body";
import type { ObjectKind, ObjectType, Tables } from "./tables";
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
  /** What the class defines itself. */
  readonly about: ObjectType;
  /** The stretch of a replay that may change this object in place; nobody else ever does. */
  readonly epoch: number;
  /** True length; for an object, of its attributes. */
  length: number;
  /** Whether only the beginning was recorded. */
  partial: boolean;
  /** Sequences: the known beginning. */
  items: Value[];
  /** Dicts, sets, attributes, by `keyOf` (attributes by name), in order. */
  entries: Map<string, Entry>;
  /** Ids it refers to, once somebody has looked, who may do so only when it no longer changes (reach.ts). */
  references: readonly number[] | null;
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
  return object.items[i] ?? NOT_RECORDED;
}

/** The position a key value names in a sequence, counting negative ones from the end; null where it names none. */
export function positionOf(object: HeapObject, key: Value): number | null {
  const i = asIndex(key);
  return i === null ? null : i < 0 ? i + object.length : i;
}

/** The text under which `entries` holds a key. Tuples and frozensets compare by content, other objects by identity. */
export function entryKey(object: HeapObject, key: Value, lookup: Lookup): string {
  if (object.kind === "object") return typeof key === "object" ? key.text : keyOf(key);
  return contentKey(key, lookup);
}

/** Keys of tuples and frozensets: what these hold never changes. */
const contents = new WeakMap<HeapObject, string>();
/** Long keys by number, so that tuples of tuples of tuples do not grow without end. */
const longKeys = new Map<string, number>();
const LONG = 256;

/** A text that is equal for what a dict or a set takes for the same key. */
export function contentKey(key: Value, lookup: Lookup): string {
  return keyOf(key, (id) => {
    const object = lookup(id);
    return object?.kind === "tuple" || object?.kind === "frozenset" ? contentOf(object, lookup) : `o${id}`;
  });
}

function contentOf(object: HeapObject, lookup: Lookup): string {
  const known = contents.get(object);
  if (known !== undefined) return known;
  // One that holds itself (no program can make it, a hostile trace can) is told by its identity.
  contents.set(object, `o${object.id}`);
  const items =
    object.kind === "tuple" ? object.items : [...object.entries.values()].map(([member]) => member);
  const keys = items.map((item) => contentKey(item, lookup));
  if (object.kind === "frozenset") keys.sort();
  let text = JSON.stringify([object.kind, object.length, keys]);
  if (text.length > LONG) {
    const number = longKeys.get(text) ?? longKeys.size;
    longKeys.set(text, number);
    text = `#${number}`;
  }
  contents.set(object, text);
  return text;
}

/** The element, entry, member or attribute under a key; null where there is none or it is not known. */
export function lookUp(object: HeapObject, key: Value, lookup: Lookup): Value | null {
  if (isSequence(object)) {
    const i = positionOf(object, key);
    return i === null || i < 0 || i >= object.length ? null : elementAt(object, i);
  }
  return object.entries.get(entryKey(object, key, lookup))?.[1] ?? null;
}

/** What is needed of a chunk to read its records. */
export type Records = Pick<DecodedChunk, "objects" | "atoms" | "recordAt">;

/** Finds the records of another chunk, which a patch is about. */
export type RecordsOf = (chunk: number) => Records | undefined;

/** The epoch of objects as records say them, which no replay may change. */
export const RECORDED = 0;

/** The object in a chunk's record. `announce` gets it before its contents are read, so that a lookup made while
 * reading them (a hostile set may hold itself) finds it. Throws TraceError. */
export function readRecord(
  records: Records,
  id: number,
  tables: Tables,
  lookup: Lookup,
  others: RecordsOf,
  announce: (object: HeapObject) => void,
): HeapObject {
  const flat = records.objects;
  const at = records.recordAt.get(id) as number;
  const type = tables.types[flat[at + 1] as number];
  if (type === undefined) throw new TraceError("an object has an unknown type");
  const object = blank(id, type);
  announce(object);
  if (flat[at + 3] !== -1) readContents(object, flat, at + 2, records.atoms, tables, lookup);
  else readPatch(object, records, at, tables, lookup, others);
  return object;
}

function readPatch(
  object: HeapObject,
  { objects: flat, atoms }: Records,
  at: number,
  tables: Tables,
  lookup: Lookup,
  others: RecordsOf,
): void {
  const bad = () => new TraceError("an object is patched that is not there to be patched");
  const base = others(flat[at + 4] as number);
  const from = base?.recordAt.get(object.id);
  if (base === undefined || from === undefined) throw bad();
  const same = base.objects[from + 1] === flat[at + 1] && base.objects[from + 2] === flat[at + 2];
  if (!same || base.objects[from + 3] === -1) throw bad();
  readContents(object, base.objects, from + 2, base.atoms, tables, lookup);
  const n = flat[at + 5] as number;
  if (n > 0 && !isSequence(object)) throw bad();
  for (let i = at + 6; i < at + 6 + 2 * n; i += 2) {
    const position = flat[i] as number;
    if (position < object.items.length) object.items[position] = decodeValue(flat[i + 1] as number, atoms);
  }
}

/** Shared by all objects that have no use for them; nothing ever writes to them. */
const NO_ITEMS: Value[] = [];
const NO_ENTRIES = new Map<string, Entry>();

function blank(id: number, about: ObjectType): HeapObject {
  const { kind, name: type } = about;
  return {
    id,
    kind,
    type,
    about,
    epoch: RECORDED,
    length: 0,
    partial: false,
    items: NO_ITEMS,
    entries: NO_ENTRIES,
    references: null,
  };
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
    else if (isSet(object)) object.entries.set(contentKey(value, lookup), [value, value]);
    else object.entries.set(contentKey(value, lookup), [value, decodeValue(flat[next++] as number, atoms)]);
  }
  return next;
}

/** A copy that may be changed within an epoch. */
export function cloneObject(object: HeapObject, epoch: number): HeapObject {
  const { id, kind, type, about, length, partial } = object;
  return {
    id,
    kind,
    type,
    about,
    epoch,
    length,
    partial,
    items: isSequence(object) ? object.items.slice() : NO_ITEMS,
    entries: isSequence(object) ? NO_ENTRIES : new Map(object.entries),
    references: null,
  };
}

/** c[k] = v, c.k = v. A key that is no position of a sequence (a slice) changes nothing: a fill follows. */
export function put(object: HeapObject, key: Value, value: Value, lookup: Lookup): void {
  if (isSequence(object)) {
    const i = positionOf(object, key);
    if (i === null || i < 0) return;
    if (i < object.items.length) object.items[i] = value;
    return;
  }
  const known = entryKey(object, key, lookup);
  const before = object.entries.get(known);
  // Of a partly recorded dict nobody knows whether the key was there before.
  if (before === undefined && !object.partial) object.length++;
  object.entries.set(known, [before ? before[0] : key, value]);
}

/** Inserts before position `i` of a sequence; a position past the end appends, as Python's insert does. */
export function insertAt(object: HeapObject, i: number, value: Value): void {
  if (!isSequence(object)) return;
  const at = Math.min(Math.max(i < 0 ? i + object.length : i, 0), object.length);
  const whole = object.items.length === object.length;
  object.length++;
  if (at === object.items.length) {
    if (whole) object.items.push(value);
  } else if (at < object.items.length) object.items.splice(at, 0, value);
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
  if (i === object.items.length - 1) object.items.pop();
  else if (i < object.items.length) object.items.splice(i, 1);
}

/** Adds a member to a set. */
export function addMember(object: HeapObject, value: Value, lookup: Lookup): void {
  if (!isSet(object)) return;
  const known = contentKey(value, lookup);
  if (object.entries.has(known)) return;
  object.entries.set(known, [value, value]);
  if (!object.partial) object.length++;
}

/** c[k] = v unless there is such a key. */
export function putDefault(object: HeapObject, key: Value, value: Value, lookup: Lookup): void {
  if (!isSequence(object) && lookUp(object, key, lookup) === null) put(object, key, value, lookup);
}

/** Whether reading a key that is not there adds it, by the class's own way. */
export function makesDefaults({ type, about }: HeapObject): boolean {
  return type === "defaultdict" && !about.overrides.has("__missing__");
}

/** Takes everything out. */
export function clearAll(object: HeapObject): void {
  object.length = 0;
  object.partial = false;
  if (isSequence(object)) object.items = [];
  else object.entries = new Map();
}

/** Turns a sequence round. Of one known in part only the length is known afterwards. */
export function reverseAll(object: HeapObject): void {
  if (!isSequence(object)) return;
  if (object.items.length === object.length) object.items.reverse();
  else object.items = [];
}

/** The key of a dict's i-th entry, the i-th member of a set; null where there is none. */
export function entryAt(object: HeapObject, i: number): Value | null {
  if (i < 0 || i >= object.entries.size) return null;
  for (const [key] of object.entries.values()) if (i-- === 0) return key;
  return null;
}

/** Ids of the objects a value, or all that an object holds, refers to. */
export function* refsOf(object: HeapObject): Generator<number> {
  for (const value of object.items) if (isRef(value)) yield refId(value);
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

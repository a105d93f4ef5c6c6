/**
 * Owns the heap while a replay runs: finds objects, as changed since the keyframe or as recorded, and makes the changes
 * that events ask for. Objects of another epoch are copied before they change.
 */

import {
  addMember,
  clearAll,
  cloneObject,
  type HeapObject,
  insertAt,
  isSequence,
  type Lookup,
  makesDefaults,
  positionOf,
  put,
  putDefault,
  readContents,
  removeKey,
  reverseAll,
} from "./heap";
import type { IdMap } from "./id-map";
import type { Tables } from "./tables";
import { type Atom, asIndex, isRef, isValidRaw, nameAtom, refId, type Value } from "./values";
import { TraceError } from "./wire";

/** Rough bytes of an object and of each thing in it: what copying one costs. */
const OBJECT_BYTES = 150;
const ITEM_BYTES = 8;
const ENTRY_BYTES = 90;

export class Memory {
  /** Bytes of what was copied so far. */
  cost = 0;
  /** Where in the chunk's fills the next one is. */
  fillAt = 0;
  private fills = new Int32Array(0);
  private atoms: readonly Atom[] = [];

  constructor(
    private readonly changed: IdMap<HeapObject>,
    private readonly recorded: Lookup,
    private readonly tables: Tables,
    private epoch: number,
  ) {}

  /** An object as it is now. */
  readonly find: Lookup = (id) => this.changed.get(id) ?? this.recorded(id);

  /** Goes on with the fills of a chunk. */
  open(fills: Int32Array, atoms: readonly Atom[], at: number): void {
    this.fills = fills as Int32Array<ArrayBuffer>;
    this.atoms = atoms;
    this.fillAt = at;
  }

  /** All changes so far; what is there now is never changed again. */
  freeze(epoch: number): IdMap<HeapObject> {
    this.epoch = epoch;
    return this.changed.copy();
  }

  get nodes(): number {
    return this.changed.made;
  }

  /** c[k] = v; nothing where the class does it itself. */
  set(c: Value, key: Value, value: Value): void {
    const object = this.own(c, "__setitem__");
    if (object !== null) put(object, key, value, this.find);
  }

  delete(c: Value, key: Value): void {
    const object = this.own(c, "__delitem__");
    if (object !== null && (!isSequence(object) || positionOf(object, key) !== null))
      removeKey(object, key, this.find);
  }

  setAttribute(c: Value, name: string, value: Value): void {
    const object = this.own(c, "__setattr__", name);
    if (object !== null) put(object, nameAtom(name), value, this.find);
  }

  deleteAttribute(c: Value, name: string): void {
    const object = this.own(c, "__delattr__", name);
    if (object !== null) removeKey(object, nameAtom(name), this.find);
  }

  put(c: Value, key: Value, value: Value): void {
    const object = this.own(c);
    if (object !== null) put(object, key, value, this.find);
  }

  insert(c: Value, at: Value, value: Value): void {
    const i = asIndex(at);
    const object = i === null ? null : this.own(c);
    if (object !== null) insertAt(object, i as number, value);
  }

  remove(c: Value, key: Value): void {
    const object = this.own(c);
    if (object !== null) removeKey(object, key, this.find);
  }

  add(c: Value, value: Value): void {
    const object = this.own(c);
    if (object !== null) addMember(object, value, this.find);
  }

  putDefault(c: Value, key: Value, value: Value): void {
    const object = this.own(c);
    if (object !== null) putDefault(object, key, value, this.find);
  }

  /** What a defaultdict does about a key it lacks. */
  missing(c: Value, key: Value, value: Value): void {
    const object = isRef(c) ? this.find(refId(c)) : undefined;
    if (object !== undefined && makesDefaults(object)) this.putDefault(c, key, value);
  }

  clear(c: Value): void {
    const object = this.own(c);
    if (object !== null) clearAll(object);
  }

  reverse(c: Value): void {
    const object = this.own(c);
    if (object !== null) reverseAll(object);
  }

  /** Whole new contents, from the next record of the chunk's fills. */
  fill(c: Value): void {
    const object = this.own(c);
    const { fills: flat, fillAt: at, tables, atoms } = this;
    const length = flat[at];
    const shown = flat[at + 1];
    if (object === null || length === undefined || shown === undefined || shown < 0 || length < shown)
      throw new TraceError("a chunk has a fill record of the wrong form");
    const width = object.kind === "dict" || object.kind === "object" ? 2 : 1;
    const end = at + 2 + shown * width;
    if (end > flat.length) throw new TraceError("a chunk has a fill record that is cut off");
    for (let i = at + 2; i < end; i++) {
      const raw = flat[i] as number;
      const isName = object.kind === "object" && (i - at) % 2 === 0;
      const ok = isName ? raw >= 0 && raw < tables.names.length : isValidRaw(raw, atoms.length);
      if (!ok) throw new TraceError("a chunk has a fill record that refers to nothing");
    }
    this.fillAt = readContents(object, flat, at, atoms, tables, this.find);
  }

  /**
   * The object a value refers to, as a copy that may be changed; null for atoms, for objects nobody recorded, and where
   * its class has a method or a computed attribute of this name, which is told of by itself.
   */
  private own(c: Value, method = "", attribute = ""): HeapObject | null {
    if (!isRef(c)) return null;
    const id = refId(c);
    const object = this.find(id);
    if (object === undefined) return null;
    if (method !== "" && object.about.overrides.has(method)) return null;
    if (attribute !== "" && object.about.described.has(attribute)) return null;
    if (object.epoch === this.epoch) return object;
    const copy = cloneObject(object, this.epoch);
    this.cost += OBJECT_BYTES + ITEM_BYTES * copy.items.length + ENTRY_BYTES * copy.entries.size;
    this.changed.set(id, copy);
    return copy;
  }
}

/**
 * Owns values: what a tagged 32-bit integer of the log means, and when two values are the same key.
 * A value in memory is either that integer (small ints, object references, constants) or an `Atom`.
 */

import { parseJson, TraceError } from "./wire";

export type AtomKind =
  | "int"
  | "float"
  | "complex"
  | "str"
  | "bytes"
  | "function"
  | "class"
  | "module"
  | "exception"
  | "slice"
  | "range"
  | "object"
  | "generator";

/** An immutable value that does not fit into the integer. */
export interface Atom {
  readonly kind: AtomKind;
  /** Digits, repr, characters, name, message or type name, by kind. */
  readonly text: string;
  /** True length where the text is only the beginning of a str or bytes; else -1. */
  readonly length: number;
  /** Exception: the type's name. */
  readonly type: string;
  /** Slice and range: start, stop, step. */
  readonly parts: readonly (number | string | null)[];
  /** Generator: its frame's id; else -1. */
  readonly frame: number;
  /** Equal for equal atoms. */
  readonly key: string;
}

export type Value = number | Atom;

export const NONE: Value = 3;
export const FALSE: Value = 7;
export const TRUE: Value = 11;
export const ELLIPSIS: Value = 15;
/** Unbound or missing. */
export const NOTHING: Value = 19;
export const NOT_RECORDED: Value = 23;

const TAG_ATOM = 1;
const TAG_OBJECT = 2;
const TAG_CONSTANT = 3;

export function isRef(value: Value): value is number {
  return typeof value === "number" && (value & 3) === TAG_OBJECT;
}

/** The object id of a reference. */
export function refId(value: Value): number {
  return (value as number) >> 2;
}

export function refTo(id: number): Value {
  return (id << 2) | TAG_OBJECT;
}

export function isSmallInt(value: Value): value is number {
  return typeof value === "number" && (value & 3) === 0;
}

/** The integer in a small-int value, or null for any other value. True and False count as Python counts them. */
export function asIndex(value: Value): number | null {
  if (isSmallInt(value)) return value >> 2;
  if (value === TRUE) return 1;
  if (value === FALSE) return 0;
  return null;
}

export function smallInt(n: number): Value {
  return n << 2;
}

const names = new Map<string, Atom>();

/** A str value made here, for an attribute's name. The same few names come again and again, so they are kept. */
export function nameAtom(text: string): Atom {
  let made = names.get(text);
  if (made === undefined) {
    if (names.size > 10_000) names.clear();
    made = new MadeAtom("str", text);
    names.set(text, made);
  }
  return made;
}

/** Whether a raw integer is a value: its atom exists, its object id is positive, its constant is known. */
export function isValidRaw(raw: number, atomCount: number): boolean {
  switch (raw & 3) {
    case TAG_ATOM:
      return raw >= 0 && raw >> 2 < atomCount;
    case TAG_OBJECT:
      return raw >> 2 > 0;
    case TAG_CONSTANT:
      return raw >= 0 && raw >> 2 <= 5;
    default:
      return true;
  }
}

/** The value of a raw integer that was checked with `isValidRaw`. */
export function decodeValue(raw: number, atoms: readonly Atom[]): Value {
  return (raw & 3) === TAG_ATOM ? (atoms[raw >> 2] as Atom) : raw;
}

/**
 * A text that is equal for values that are one dict key in Python: 1, 1.0 and True are the same.
 * References compare by identity; `ofRef` may say more (tuples compare by content).
 */
export function keyOf(value: Value, ofRef: (id: number) => string = (id) => `o${id}`): string {
  if (typeof value !== "number") {
    if (value.kind === "float" && /^-?\d+\.0$/.test(value.text)) return `i${value.text.slice(0, -2)}`;
    return value.key;
  }
  const n = asIndex(value);
  if (n !== null) return `i${n}`;
  return isRef(value) ? ofRef(refId(value)) : `c${value}`;
}

/** A chunk's atoms from their JSON. Throws TraceError. */
export function parseAtoms(bytes: Uint8Array): Atom[] {
  const list = parseJson(bytes, "a chunk's value table");
  if (!Array.isArray(list)) throw new TraceError("a chunk's value table is not a list");
  return list.map(parseAtom);
}

function refuse(): never {
  throw new TraceError("a chunk's value table has an entry of unknown form");
}

const NO_PARTS: Atom["parts"] = [];

/** An atom whose key is made only when somebody compares it: most atoms are only shown, or not even that. */
class MadeAtom implements Atom {
  private known: string | null = null;

  constructor(
    readonly kind: AtomKind,
    readonly text: string,
    readonly length = -1,
    readonly type = "",
    readonly parts: Atom["parts"] = NO_PARTS,
    readonly frame = -1,
  ) {}

  get key(): string {
    this.known ??=
      this.kind === "int"
        ? `i${this.text}`
        : JSON.stringify([this.kind, this.text, this.length, this.type, this.parts]);
    return this.known;
  }
}

function parseAtom(entry: unknown): Atom {
  if (!Array.isArray(entry)) return refuse();
  const [kind, first, second, third] = entry as unknown[];
  switch (kind) {
    case "slice":
    case "range":
      return parseParts(kind, [first, second, third]);
    case "exception":
      if (typeof first !== "string" || typeof second !== "string") return refuse();
      return new MadeAtom("exception", second, -1, first);
    case "generator":
      if (typeof first !== "string" || !(Number.isInteger(second) || second === undefined)) return refuse();
      return new MadeAtom("generator", first, -1, "", NO_PARTS, (second as number | undefined) ?? -1);
    case "int":
    case "str":
    case "bytes":
      if (typeof first !== "string" || !(second === undefined || isLength(second))) return refuse();
      return new MadeAtom(kind, first, (second as number | undefined) ?? -1);
    case "float":
    case "complex":
    case "function":
    case "class":
    case "module":
    case "object":
      return typeof first === "string" ? new MadeAtom(kind, first) : refuse();
    default:
      return refuse();
  }
}

function isLength(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseParts(kind: "slice" | "range", parts: unknown[]): Atom {
  const ok = parts.every(
    (part) => part === null || part === undefined || Number.isInteger(part) || typeof part === "string",
  );
  if (!ok) return refuse();
  const clean = parts.map((part) => (part ?? null) as number | string | null);
  return new MadeAtom(kind, clean.map((part) => part ?? "").join(":"), -1, "", clean);
}

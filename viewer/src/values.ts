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
  /** True length (of an int: in bits) where the text is only the beginning; else -1. */
  readonly length: number;
  /** Differs where the rest that was cut differs. */
  readonly check: number;
  /** Exception: the type's name. */
  readonly type: string;
  /** Slice and range: start, stop, step. */
  readonly parts: readonly (number | string | null)[];
  /** Generator: the token of its frame; else -1. */
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

/** A small int lies in -LIMIT <= n < LIMIT. */
export const LIMIT = 2 ** 29;
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

/** The integer as a value, whatever its size. */
export function intValue(n: number): Value {
  return n >= -LIMIT && n < LIMIT ? n << 2 : new MadeAtom("int", BigInt(n).toString());
}

/** A slice as a value, from its bounds: start, stop, step. */
export function sliceValue(bounds: readonly Value[]): Atom {
  const parts = bounds.map((bound) => {
    if (isSmallInt(bound)) return bound >> 2;
    const n =
      typeof bound !== "number" && bound.kind === "int" && bound.length < 0 ? Number(bound.text) : NaN;
    return Number.isSafeInteger(n) ? n : null;
  });
  return new MadeAtom("slice", "", -1, 0, "", parts);
}

/** A float as a value. */
export function floatValue(n: number): Atom {
  return new FloatAtom(n);
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
  if (typeof value !== "number") return value.key;
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
    readonly check = 0,
    readonly type = "",
    readonly parts: Atom["parts"] = NO_PARTS,
    readonly frame = -1,
  ) {}

  get key(): string {
    this.known ??= this.makeKey();
    return this.known;
  }

  private makeKey(): string {
    const { kind, text, length, check } = this;
    if (length < 0) {
      if (kind === "str") return `s${text}`;
      if (kind === "int") return `i${text}`;
      if (kind === "float") return floatKey(floatOf(text));
      if (kind === "complex") return complexKey(text) ?? `z${text}`;
    }
    return JSON.stringify([kind, text, length, check, this.type, this.parts, this.frame]);
  }
}

/** A float from a column: most are never looked at, so its text is made when it is. */
class FloatAtom implements Atom {
  readonly kind = "float";
  readonly length = -1;
  readonly check = 0;
  readonly type = "";
  readonly parts = NO_PARTS;
  readonly frame = -1;

  constructor(readonly number: number) {}

  get text(): string {
    return floatRepr(this.number);
  }

  get key(): string {
    return floatKey(this.number);
  }
}

/** What Python's repr says of a float. */
export function floatRepr(n: number): string {
  if (Number.isNaN(n)) return "nan";
  if (!Number.isFinite(n)) return n < 0 ? "-inf" : "inf";
  const sign = n < 0 || Object.is(n, -0) ? "-" : "";
  const [mantissa, exponent] = Math.abs(n).toExponential().split("e") as [string, string];
  const digits = mantissa.replace(".", "");
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${sign}${mantissa}e${power < 0 ? "-" : "+"}${size}`;
  }
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  return `${sign}${whole}.${digits.slice(power + 1) || "0"}`;
}

function floatOf(text: string): number {
  if (text === "inf" || text === "-inf") return text === "inf" ? Infinity : -Infinity;
  return Number(text);
}

function floatKey(n: number): string {
  return Number.isInteger(n) ? `i${BigInt(n)}` : `f${n}`;
}

/** The key of a complex by its repr, `(1+2j)` or `2j`; null where it is none. */
function complexKey(text: string): string | null {
  const part = "[+-]?(?:inf|nan|[0-9.]+(?:e[+-]?[0-9]+)?)";
  const match = new RegExp(`^\\(?(${part}(?=[+-]))?(${part})j\\)?$`).exec(text);
  if (!match) return null;
  const [re, im] = [match[1] ?? "0", match[2] as string].map((s) => floatOf(s.replace("+", ""))) as [
    number,
    number,
  ];
  return im === 0 ? floatKey(re) : `z${re + 0},${im + 0}`;
}

/** An atom from its JSON. Throws TraceError. */
export function parseAtom(entry: unknown): Atom {
  if (!Array.isArray(entry)) return refuse();
  const [kind, first, second, third] = entry as unknown[];
  switch (kind) {
    case "slice":
    case "range":
      return parseParts(kind, [first, second, third]);
    case "exception":
      if (typeof first !== "string" || typeof second !== "string") return refuse();
      return new MadeAtom("exception", second, -1, 0, first);
    case "generator":
      if (typeof first !== "string" || !(Number.isInteger(second) || second === undefined)) return refuse();
      return new MadeAtom("generator", first, -1, 0, "", NO_PARTS, (second as number | undefined) ?? -1);
    case "int":
    case "str":
    case "bytes":
      return parseText(kind, first, second, third);
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

function parseText(kind: "int" | "str" | "bytes", text: unknown, length: unknown, check: unknown): Atom {
  if (typeof text !== "string") return refuse();
  if (length === undefined) {
    if (kind === "int" && !/^-?[0-9]+$/.test(text)) return refuse();
    return new MadeAtom(kind, text);
  }
  if (!isLength(length) || !(check === undefined || Number.isSafeInteger(check))) return refuse();
  return new MadeAtom(kind, text, length as number, (check as number | undefined) ?? 0);
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
  return new MadeAtom(kind, clean.map((part) => part ?? "").join(":"), -1, 0, "", clean);
}

/** Ints beyond this are written as a hexadecimal beginning and their size, so no sum of a trace grows without end. */
const DIGITS_BITS = 8192;

/** The integer a value is (True and False count as 1 and 0); null for any other value and for one that was cut. */
function bigOf(value: Value): bigint | null {
  const n = asIndex(value);
  if (n !== null) return BigInt(n);
  if (typeof value === "number" || value.kind !== "int" || value.length >= 0) return null;
  return value.text.length <= DIGITS_BITS ? BigInt(value.text) : null;
}

function bigValue(n: bigint): Value {
  const small = Number(n);
  if (small >= -LIMIT && small < LIMIT) return small << 2;
  const magnitude = n < 0n ? -n : n;
  const bits =
    magnitude.toString(16).length * 4 - (Math.clz32(parseInt(magnitude.toString(16)[0] as string, 16)) - 28);
  if (bits <= DIGITS_BITS) return new MadeAtom("int", n.toString());
  const head = (magnitude >> BigInt(bits - 64)).toString(16);
  return new MadeAtom("int", `${n < 0n ? "-" : ""}0x${head}…`, bits);
}

export type Operator = "+" | "-" | "*" | "//" | "%";

/** What Python makes of two integers; *nothing* if a value is no integer or was cut, or on division by zero. */
export function calculate(operator: Operator, left: Value, right: Value): Value {
  const divides = operator === "//" || operator === "%";
  if (divides && asIndex(right) === 0) return NOTHING;
  if (isSmallInt(left) && isSmallInt(right)) {
    const n = SMALL[operator](left >> 2, right >> 2);
    if (n >= -LIMIT && n < LIMIT) return n << 2;
  }
  const a = bigOf(left);
  const b = bigOf(right);
  if (a === null || b === null) return NOTHING;
  return bigValue(BIG[operator](a, b));
}

/** Below 2^29 a quotient of doubles is exact enough to be rounded down. */
const SMALL: Record<Operator, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "//": (a, b) => Math.floor(a / b),
  "%": (a, b) => a - b * Math.floor(a / b),
};

/** The remainder has the divisor's sign. */
const modulo = (a: bigint, b: bigint) => ((a % b) + b) % b;

const BIG: Record<Operator, (a: bigint, b: bigint) => bigint> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "//": (a, b) => (a - modulo(a, b)) / b,
  "%": modulo,
};

/**
 * Owns where CPython puts entries of a dict or set: sizes, hashes of whole numbers, and probing as in its source. Python
 * salts the hashes of texts anew in every process, so those are placed by a hash of our own.
 */

import { asIndex, keyOf, type Value } from "./values";

export interface Slot {
  /** Position of the entry among the entries, in order of insertion; -1 for an empty slot. */
  readonly entry: number;
  /** The slot its hash asks for. */
  readonly home: number;
}

export interface Slots {
  readonly slots: readonly Slot[];
  /** Whether some hash is not the one that Python computes. */
  readonly standIn: boolean;
}

const MODULUS = (1n << 61n) - 1n;
const MASK = (1n << 64n) - 1n;
const LINEAR_PROBES = 9;

function hashOf(value: Value): { hash: bigint; real: boolean } {
  const index = asIndex(value);
  const digits =
    typeof value !== "number" && value.kind === "int" && /^-?\d+$/.test(value.text) ? value.text : null;
  if (index !== null || digits !== null) {
    const n = BigInt(digits ?? (index as number));
    const reduced = (n < 0n ? -n : n) % MODULUS;
    const hash = n < 0n ? -reduced : reduced;
    // -1 is how C code says that hashing failed.
    return { hash: hash === -1n ? -2n : hash, real: true };
  }
  let hash = 0xcbf29ce484222325n;
  for (const character of keyOf(value)) {
    hash ^= BigInt(character.codePointAt(0) as number);
    hash = (hash * 0x100000001b3n) & MASK;
  }
  return { hash: BigInt.asIntN(64, hash ^ (hash >> 32n)), real: false };
}

/** An empty table that has room for so many and more. */
function roomFor(more: number): Slot[] {
  let size = 8;
  while (size <= more) size *= 2;
  return Array.from({ length: size }, () => ({ entry: -1, home: -1 }));
}

/** Places keys into a table to which they were added in this order, and from which nothing was ever taken. */
export function placeKeys(keys: readonly Value[], kind: "dict" | "set"): Slots {
  const hashes = keys.map(hashOf);
  const probe = kind === "dict" ? probeDict : probeSet;
  let slots = roomFor(kind === "dict" ? Math.ceil(keys.length * 1.5) - 1 : 0);
  const put = (entry: number) => {
    const { hash } = hashes[entry] as { readonly hash: bigint };
    const home = Number(BigInt.asUintN(64, hash) & BigInt(slots.length - 1));
    slots[probe(slots, hash, home)] = { entry, home };
  };
  for (let fill = 1; fill <= keys.length; fill++) {
    put(fill - 1);
    // A set that grows fills its new table in the order of the old one, a dict in that of insertion.
    if (kind === "dict" || fill * 5 < (slots.length - 1) * 3) continue;
    const old = slots;
    slots = roomFor(fill > 50_000 ? fill * 2 : fill * 4);
    for (const { entry } of old) if (entry >= 0) put(entry);
  }
  return { slots, standIn: hashes.some(({ real }) => !real) };
}

function isFree(slots: readonly Slot[], at: number): boolean {
  return (slots[at] as Slot).entry < 0;
}

function next(at: number, perturb: bigint, mask: number): number {
  return Number((BigInt(at) * 5n + perturb + 1n) & BigInt(mask));
}

function probeDict(slots: readonly Slot[], hash: bigint, home: number): number {
  let perturb = BigInt.asUintN(64, hash);
  let at = home;
  while (!isFree(slots, at)) {
    perturb >>= 5n;
    at = next(at, perturb, slots.length - 1);
  }
  return at;
}

function probeSet(slots: readonly Slot[], hash: bigint, home: number): number {
  let perturb = BigInt.asUintN(64, hash);
  let at = home;
  const mask = slots.length - 1;
  for (;;) {
    const near = at + LINEAR_PROBES <= mask ? LINEAR_PROBES : 0;
    for (let i = 0; i <= near; i++) if (isFree(slots, at + i)) return at + i;
    perturb >>= 5n;
    at = next(at, perturb, mask);
  }
}

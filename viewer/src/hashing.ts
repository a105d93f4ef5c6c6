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

/** Slots of a dict with so many entries that were only ever added. */
export function dictSize(entries: number): number {
  let size = 8;
  while (Math.floor((size * 2) / 3) < entries) size *= 2;
  return size;
}

/** Slots of a set with so many members that were only ever added. */
export function setSize(members: number): number {
  let size = 8;
  for (let fill = 1; fill <= members; fill++) {
    if (fill * 5 < (size - 1) * 3) continue;
    const wanted = fill > 50_000 ? fill * 2 : fill * 4;
    while (size <= wanted) size *= 2;
  }
  return size;
}

/** Places keys, in order of insertion, into a table. */
export function placeKeys(keys: readonly Value[], kind: "dict" | "set"): Slots {
  const size = kind === "dict" ? dictSize(keys.length) : setSize(keys.length);
  const slots: Slot[] = Array.from({ length: size }, () => ({ entry: -1, home: -1 }));
  let standIn = false;
  keys.forEach((key, entry) => {
    const { hash, real } = hashOf(key);
    standIn ||= !real;
    const home = Number(BigInt.asUintN(64, hash) & BigInt(size - 1));
    const at = kind === "dict" ? probeDict(slots, hash, home) : probeSet(slots, hash, home);
    slots[at] = { entry, home };
  });
  return { slots, standIn };
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

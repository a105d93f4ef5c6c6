/** Owns the corpus of bad traces as the tests here get it: made by the generator that pytest uses, read from its output. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

export interface HostileCase {
  readonly name: string;
  readonly data: Uint8Array;
  /** Whether a reader must refuse it; otherwise it may also turn out to be readable. */
  readonly refused: boolean;
}

// Paths, not URLs: where there is a DOM, URL is that of the DOM.
const ROOT = resolve(import.meta.dirname, "../..");
const GENERATOR = resolve(ROOT, "tests/hostile/corpus.py");
const VALUES = resolve(ROOT, "tests/hostile/values.json");
const NEED = resolve(ROOT, "scripts/need");

/** The fixed cases, and as many at random as DSTRUCT_HOSTILE says. */
export function hostileCases(count = Number(process.env.DSTRUCT_HOSTILE ?? 600)): HostileCase[] {
  const python = execFileSync(NEED, ["python"], { encoding: "utf8" }).trim();
  const bytes = execFileSync(python, [GENERATOR, String(count)], { maxBuffer: 2 ** 30 });
  const cases: HostileCase[] = [];
  for (let at = 0; at < bytes.length; ) {
    const nameAt = at + 9;
    const dataAt = nameAt + bytes.readUInt32LE(at + 1);
    const end = dataAt + bytes.readUInt32LE(at + 5);
    cases.push({
      refused: bytes.readUInt8(at) === 1,
      name: bytes.toString("utf8", nameAt, dataAt),
      data: new Uint8Array(bytes.subarray(dataAt, end)),
    });
    at = end;
  }
  return cases;
}

interface HostileText {
  readonly name: string;
  readonly text?: string;
  readonly times?: number;
}

/** The texts that also go through a real Python in the browser tests, and what else a saved state may hold for a text. */
export function hostileValues(): unknown[] {
  const entries = JSON.parse(readFileSync(VALUES, "utf8")) as HostileText[];
  const texts = entries.flatMap(({ text, times = 1 }) => (text === undefined ? [] : [text.repeat(times)]));
  const numbers = [-1, 0, 0.5, 1e308, 2 ** 53, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY];
  let nested: unknown[] = [];
  for (let depth = 0; depth < 5_000; depth++) nested = [nested];
  const odd: unknown[] = [
    null,
    undefined,
    true,
    [],
    {},
    [[]],
    [1, "x"],
    { length: -1 },
    { toString: null },
    nested,
  ];
  return [
    ...texts,
    ...numbers,
    ...odd,
    Object.create(null),
    new Uint8Array(3),
    new DataView(new ArrayBuffer(2)),
  ];
}

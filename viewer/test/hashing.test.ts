/** Where entries of dicts and sets are drawn, beside where this machine's CPython really has them: read out of its memory. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { placeKeys } from "../src/hashing";
import { intValue, parseAtom, type Value } from "../src/values";

interface Case {
  readonly kind: "dict" | "set";
  readonly keys: readonly string[];
  readonly slots: readonly number[];
}

const root = join(import.meta.dirname, "../..");
const own = join(root, ".venv/bin/python");
const python = process.env.DSTRUCT_PYTHON ?? (existsSync(own) ? own : "python3");
const cases = JSON.parse(
  execFileSync(python, [join(root, "tests/structures/slots.py")], { encoding: "utf8" }),
) as Case[];

function key(text: string): Value {
  const n = Number(text);
  return Number.isSafeInteger(n) ? intValue(n) : parseAtom(["int", text]);
}

describe.each(["dict", "set"] as const)("a %s", (kind) => {
  const mine = cases.filter((one) => one.kind === kind);

  it("has its entries where Python has them", () => {
    expect(mine.length).toBeGreaterThan(80);
    for (const { keys, slots } of mine) {
      const placed = placeKeys(keys.map(key), kind);
      expect(placed.standIn).toBe(false);
      expect(
        placed.slots.map(({ entry }) => entry),
        keys.join(" "),
      ).toEqual(slots);
    }
  });

  it("collides in some of these cases", () => {
    const moved = mine.filter(({ keys }) =>
      placeKeys(keys.map(key), kind).slots.some(({ entry, home }, i) => entry >= 0 && home !== i),
    );
    expect(moved.length).toBeGreaterThan(20);
  });
});

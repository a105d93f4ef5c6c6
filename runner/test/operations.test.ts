/** Operations worked out on the page are those that Python tells of the same trace. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { operationsOfTrace } from "../src/operations";

const folder = new URL("../../tests/golden/", import.meta.url);
const names = [
  "operations/said",
  ...readdirSync(folder).flatMap((file) => (file.endsWith(".trace") ? [file.slice(0, -6)] : [])),
];

const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`${name}.trace`, folder)));

/** What Python tells (tests/harness/goldens.py): the first few hundred, of a run that began at 0 and took a second. */
function told(name: string): Record<string, unknown>[] {
  const lines = readFileSync(new URL(`${name}.frames`, folder), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe.each(names)("%s", (name) => {
  it("has the operations that Python tells", async () => {
    const expected = told(name);
    const { callstack, truncated } = await operationsOfTrace(bytes(name), Number.POSITIVE_INFINITY, 0, 1000);
    expect(callstack.slice(0, expected.length)).toEqual(expected);
    expect(truncated).toBe(false);
  });
});

it("ends after so many steps, and says so", async () => {
  const all = await operationsOfTrace(bytes("bubble_sort"), 1e9, 0, 1000);
  const some = await operationsOfTrace(bytes("bubble_sort"), 30, 0, 1000);
  expect(all.events.line).toBeGreaterThan(10);
  expect([some.truncated, some.events]).toEqual([true, {}]);
  expect(some.callstack.length).toBeGreaterThan(3);
  expect(some.callstack).toEqual(all.callstack.slice(0, some.callstack.length));
});

it("a trace that breaks off, or is none, has what can be read", async () => {
  const whole = bytes("long_run");
  const all = await operationsOfTrace(whole, 1e9, 0, 1000);
  const cut = await operationsOfTrace(whole.slice(0, whole.length - 500), 1e9, 0, 1000);
  expect(cut.callstack.length).toBeGreaterThan(1000);
  expect(cut.callstack.map(({ name }) => name)).toEqual(
    all.callstack.slice(0, cut.callstack.length).map(({ name }) => name),
  );
  expect((await operationsOfTrace(new Uint8Array([1, 2, 3]), 1e9, 0, 1)).callstack).toEqual([]);
});

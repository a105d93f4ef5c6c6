/** The replay: forwards equals backwards equals any order, and equals what the program did. */

import { describe, expect, it } from "vitest";
import { TraceLog } from "../src/log";
import { Timeline } from "../src/timeline";
import { dump } from "./dump";
import { bubble, insertTree, mixed, reverseList } from "./programs";

function open(bytes: Uint8Array, cacheBytes?: number): Timeline {
  const log = new TraceLog();
  log.appendFile(bytes);
  expect(log.problem.value).toBeNull();
  return new Timeline(log, cacheBytes);
}

describe.each([
  ["bubble sort, one chunk", bubble()],
  ["bubble sort, a chunk per round", bubble([5, 2, 9, 1, 7, 3, 8, 6, 4, 0, 11, 10], 1)],
  ["list reversal", reverseList()],
  ["tree insertion", insertTree()],
  ["many kinds", mixed()],
])("%s", (_, bytes) => {
  it("gives the same states forwards, backwards and at random, whatever is cached", async () => {
    const forwards = open(bytes);
    const steps = Array.from({ length: forwards.last + 1 }, (_unused, step) => step);
    const expected: string[] = [];
    for (const step of steps)
      expected.push(JSON.stringify(dump(await forwards.load(step, "operation"), forwards)));
    const backwards = open(bytes, 1);
    for (const step of steps.slice().reverse()) {
      expect(JSON.stringify(dump(await backwards.load(step, "operation"), backwards))).toBe(expected[step]);
    }
    for (const step of steps.map((s) => (s * 7919) % steps.length)) {
      expect(JSON.stringify(dump(await forwards.load(step, "operation"), forwards))).toBe(expected[step]);
    }
  });

  it.each(["line", "call"] as const)(
    "halts at the same steps in both directions, by %s",
    async (granularity) => {
      const timeline = open(bytes);
      const ahead = [0];
      while (ahead.at(-1) !== timeline.last) {
        ahead.push(await timeline.loadNeighbour(ahead.at(-1) as number, 1, granularity));
      }
      const back = [timeline.last];
      while (back.at(-1) !== 0)
        back.push(await timeline.loadNeighbour(back.at(-1) as number, -1, granularity));
      expect(back.reverse()).toEqual(ahead);
      expect(ahead).toEqual([...new Set(ahead)].sort((a, b) => a - b));
      expect(ahead.length).toBeLessThan(timeline.last);
    },
  );
});

describe("bubble sort", () => {
  it("ends sorted, with its output, and shows what a step did", async () => {
    const timeline = open(bubble());
    const { state } = await timeline.load(timeline.last, "operation");
    const list = [...(state.stack[0]?.vars.entries() ?? [])].find(([name]) => name === "numbers");
    expect(state.lookup((list?.[1] as number) >> 2)?.items.map((v) => (v as number) >> 2)).toEqual([
      1, 2, 5, 9,
    ]);
    expect(timeline.outputAt(state, 100).pieces).toEqual([{ stream: 0, text: "[1, 2, 5, 9]\n" }]);
    expect(timeline.outputAt(state, 3)).toEqual({ pieces: [{ stream: 0, text: "9]\n" }], cut: true });
    expect(state.stack[0]?.status).toBe("finished");
    const first = await timeline.load(6, "operation");
    expect(first.happenings.map((h) => [h.event, h.position, (h.old as number) >> 2])).toEqual([
      ["get", 1, 2],
    ]);
    expect(first.next?.line).toBe(6);
  });

  it("gathers a line's happenings at line granularity", async () => {
    const timeline = open(bubble([5, 2, 9, 1], 2));
    const step = await timeline.loadNeighbour(0, 1, "line");
    const steps = [step];
    while (steps.length < 5) steps.push(await timeline.loadNeighbour(steps.at(-1) as number, 1, "line"));
    const swap = await timeline.load(steps[4] as number, "line");
    expect(swap.happenings.map((h) => h.event)).toEqual(["line", "get", "get", "set", "set"]);
    expect(swap.state.stack[0]?.line).toBe(6);
  });
});

/** Questions and their answers: what the index and the events say equals what the states say, step by step. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Answers } from "../src/answers";
import { LANES } from "../src/census";
import { Cancelled, Pace, type Walk } from "../src/events";
import { formatValue } from "../src/format";
import { TraceLog } from "../src/log";
import { seek } from "../src/navigate";
import { matcherOf, type Question, type Subject, sameValue, valueIn } from "../src/questions";
import { RunIndex } from "../src/run-index";
import type { State } from "../src/state";
import { EVENTS } from "../src/tables";
import { Timeline } from "../src/timeline";
import { isRef, refId } from "../src/values";
import { bubble, insertTree, mixed, reverseList } from "./programs";

interface Run {
  readonly walk: Walk;
  readonly timeline: Timeline;
  readonly index: RunIndex;
  readonly states: State[];
}

async function open(bytes: Uint8Array, cacheBytes?: number): Promise<Run> {
  const log = new TraceLog();
  log.appendFile(bytes);
  expect(log.problem.value).toBeNull();
  const timeline = new Timeline(log, cacheBytes);
  const walk: Walk = {
    tables: log.tables,
    chunks: log.chunks.length,
    last: log.steps.value,
    chunkOf: (step) => log.chunkOf(step),
    peek: (chunk) => timeline.peekEvents(chunk),
    read: (chunk) => timeline.readEvents(chunk),
    count: (chunk, pace) => timeline.count(chunk, pace),
    stateAt: async (step) => (await timeline.load(step, "operation")).state,
  };
  const index = new RunIndex();
  const states: State[] = [];
  for (let step = 0; step <= walk.last; step++) states.push(await walk.stateAt(step));
  const begun = (states[0] as State).stack.map(({ unit }) => unit);
  for (let chunk = 0; chunk < walk.chunks; chunk++) index.take(await walk.count(chunk, new Pace()), begun);
  return { walk, timeline, index, states };
}

async function answers({ walk, index }: Run, question: Question): Promise<number[]> {
  const found = new Answers(walk, index, matcherOf(question, walk.tables));
  const steps: number[] = [];
  for (let at: number | null = -1; ; ) {
    at = await found.next(at, 1, new Pace());
    if (at === null) break;
    steps.push(at);
  }
  const back: number[] = [];
  for (let at: number | null = walk.last + 1; ; ) {
    at = await found.next(at, -1, new Pace());
    if (at === null) break;
    back.unshift(at);
  }
  expect(back).toEqual(steps);
  await found.countAll(new Pace(), () => undefined);
  expect(found.rank(walk.last)).toMatchObject({ complete: true });
  expect(found.rank(walk.last).total).toBe(steps.length);
  return steps;
}

/** Every subject that the program's last states know. */
function subjectsOf({ states, walk }: Run): Subject[] {
  const found = new Map<string, Subject>();
  const add = (subject: Subject) => found.set(JSON.stringify(subject), subject);
  for (const state of states) {
    for (const frame of state.stack) {
      for (const [name, value] of frame.vars) {
        add({ kind: "variable", unit: frame.unit, name });
        const object = isRef(value) ? state.lookup(refId(value)) : undefined;
        if (!object) continue;
        const id = object.id;
        object.items.slice(0, 6).forEach((_, position) => {
          add({ kind: "element", object: id, position });
        });
        for (const [key] of [...object.entries.values()].slice(0, 6)) {
          if (object.kind !== "object") add({ kind: "entry", object: id, key });
          else if (typeof key !== "number") add({ kind: "attribute", object: id, name: key.text });
        }
      }
    }
  }
  expect(walk.tables.units.length).toBeGreaterThan(0);
  return [...found.values()];
}

const golden = new URL("../../tests/golden/", import.meta.url);
const traces = readdirSync(golden).filter((name) => name.endsWith(".trace") && !name.startsWith("long"));
const runs: [string, Uint8Array][] = [
  ["bubble sort, a chunk per round", bubble([5, 2, 9, 1, 7, 3, 8], 1)],
  ["list reversal", reverseList()],
  ["tree insertion", insertTree()],
  ["many kinds", mixed()],
  ["operations of every kind", readFileSync(new URL("operations/said.trace", golden))],
  ...traces.map((name): [string, Uint8Array] => [name, readFileSync(new URL(name, golden))]),
];

describe.each(runs)("%s", (_, bytes) => {
  it("answers about every change and every value as the states do", async () => {
    const run = await open(bytes);
    const { states } = run;
    const subjects = subjectsOf(run);
    expect(subjects.length).toBeGreaterThan(0);
    for (const subject of subjects.filter(({ kind }) => kind !== "variable").slice(0, 40)) {
      const id = (subject as { object: number }).object;
      const before = (i: number) =>
        states[i - 1]?.lookup(id) ? valueIn(subject, states[i - 1] as State) : null;
      const changed = states.flatMap((state, i) =>
        i > 0 && states[i - 1]?.lookup(id) && !sameValue(before(i), valueIn(subject, state)) ? [i] : [],
      );
      const told = await answers(run, { ask: "changes", subject });
      expect(told, JSON.stringify(subject)).toEqual(expect.arrayContaining(changed));
      const value = valueIn(subject, states.at(-1) as State);
      if (value === null) continue;
      const became = await answers(run, { ask: "value", subject, value });
      for (const step of became) expect(sameValue(valueIn(subject, states[step] as State), value)).toBe(true);
      const turned = changed.filter((i) => sameValue(valueIn(subject, states[i] as State), value));
      expect(became, JSON.stringify(subject)).toEqual(expect.arrayContaining(turned));
    }
  });

  it("answers about every variable as the happenings do", async () => {
    const run = await open(bytes, 1);
    const bound = new Map<string, number[]>();
    for (let step = 1; step <= run.walk.last; step++) {
      const { happenings, state, before } = await run.timeline.load(step, "operation");
      const frames = new Map(
        [...before.stack, ...before.suspended, ...state.stack].map((frame) => [frame.id, frame.unit]),
      );
      for (const { bindings } of happenings)
        for (const { frame, name } of bindings) {
          const key = `${frames.get(frame)}:${name}`;
          const steps = bound.get(key) ?? [];
          if (steps.at(-1) !== step) steps.push(step);
          bound.set(key, steps);
        }
    }
    expect(bound.size).toBeGreaterThan(0);
    for (const [key, steps] of bound) {
      const [unit, name] = key.split(":") as [string, string];
      const subject: Subject = { kind: "variable", unit: Number(unit), name };
      // A closure may bind a name of a call that is over, and so in no frame that is shown: that is an answer too.
      const closures = run.walk.tables.sites.some(
        ({ scope, names }) => scope === "nonlocal" && names.includes(name),
      );
      const told = (await answers(run, { ask: "changes", subject })).filter((step) => step > 0);
      expect(told, key).toEqual(closures ? expect.arrayContaining(steps) : steps);
    }
  });

  it("counts what ran, and knows every call", async () => {
    const run = await open(bytes);
    const { index, walk, states, timeline } = run;
    const ran = new Map<string, number>();
    const source = walk.tables.units[states.at(-1)?.stack[0]?.unit ?? 0]?.source ?? 0;
    for (let step = 1; step <= walk.last; step++) {
      const { happenings } = await timeline.load(step, "operation");
      for (const { event, site } of happenings)
        if (event === "line" && walk.tables.units[site.unit]?.source === source)
          ran.set(`${site.line}:${site.col}`, (ran.get(`${site.line}:${site.col}`) ?? 0) + 1);
      const here = timeline.stopsAt(step);
      const siteOf = (stop: number) => here?.stops.siteOf(stop) ?? -1;
      const counts = index.executed(here?.chunk ?? 0, siteOf, here?.count ?? 0, source, walk.tables);
      const most = new Map<number, number>();
      for (const [place, n] of ran) {
        const line = Number(place.split(":")[0]);
        most.set(line, Math.max(most.get(line) ?? 0, n));
      }
      expect([...(counts ?? [])].filter(([, n]) => n > 0).sort()).toEqual([...most].sort());
    }
    for (const state of states) {
      const path = index.calls.pathOf(state.stack, state.step);
      expect(path.length).toBe(state.stack.length);
      for (const [i, frame] of state.stack.entries()) {
        const call = index.calls.at(path[i] as number);
        expect(call?.unit).toBe(frame.unit);
        expect(call?.start).toBeLessThanOrEqual(state.step);
        if (frame.status !== "finished") expect(call?.end === -1 || (call?.end ?? 0) > state.step).toBe(true);
      }
    }
    const total = LANES.map((lane) => index.density.lanes[lane].reduce((sum, n) => sum + n, 0));
    expect(total[LANES.indexOf("output")]).toBe(walk.tables.output.length);
  });

  it.each(["over", "out"] as const)("steps %s calls in both directions", async (move) => {
    const run = await open(bytes);
    const { walk, index, states, timeline } = run;
    const depth = (step: number) => states[step]?.stack.length ?? 0;
    const lines = new Set([0, walk.last]);
    for (let at = 0; at < walk.last; lines.add(at)) at = await timeline.loadNeighbour(at, 1, "line");
    const halts = (step: number, limit: number) =>
      step === 0 || step === walk.last || (depth(step) <= limit && (move === "out" || lines.has(step)));
    for (let step = 0; step <= walk.last; step++) {
      for (const direction of [1, -1] as const) {
        const limit = Math.max(1, depth(step)) - (move === "out" ? 1 : 0);
        let wanted = Math.min(Math.max(step + direction, 0), walk.last);
        if (limit < 1) wanted = direction > 0 ? walk.last : 0;
        while (!halts(wanted, limit)) wanted += direction;
        expect(await seek(walk, index, step, direction, move, new Pace()), `${step} ${direction}`).toBe(
          wanted,
        );
      }
    }
  });
});

describe("other questions", () => {
  it("finds texts in values, in names' values and in output", async () => {
    const run = await open(mixed());
    const text = async (typed: string) => {
      const steps = await answers(run, { ask: "text", text: typed });
      return steps.map((step) => run.states[step]?.stack.at(-1)?.line);
    };
    expect(await text("hello")).toEqual([7]);
    expect(await text("60")).toEqual([8]);
    expect(await text("6")).toEqual([]);
    expect(await text("no more")).toEqual([10]);
    expect(await text("  ")).toEqual([]);
    const sort = await open(bubble([5, 2, 9, 1]));
    const at = (await answers(sort, { ask: "text", text: "i = 2" })).map((step) =>
      formatValue(
        valueIn({ kind: "variable", unit: 0, name: "i" }, sort.states[step] as State) ?? 0,
        () => undefined,
      ),
    );
    expect(at).toEqual(["2"]);
  });

  it("finds lines, calls and exceptions from the counts alone", async () => {
    const run = await open(insertTree());
    const { walk, states } = run;
    const reading: Walk = {
      ...walk,
      peek: () => null,
      read: () => Promise.reject(new Error("a chunk was read that holds no answer")),
    };
    const none = new Answers(reading, run.index, matcherOf({ ask: "errors" }, walk.tables));
    expect(await none.next(0, 1, new Pace())).toBeNull();
    const line = await answers(run, { ask: "line", source: 0, line: 9 });
    expect(line.map((step) => states[step]?.stack.at(-1)?.line)).toEqual([9, 9, 9, 9, 9, 9]);
    const unit = walk.tables.units.findIndex(({ name }) => name === "insert");
    expect((await answers(run, { ask: "calls", unit })).length).toBe(
      states.filter((state, i) => i > 0 && state.stack.length > (states[i - 1] as State).stack.length).length,
    );
  });

  it("ends at once when nobody waits any more", async () => {
    const run = await open(bubble([5, 2, 9, 1, 7, 3, 8], 1));
    const question: Question = { ask: "text", text: "nowhere" };
    const pace = new Pace();
    pace.cancelled = true;
    const found = new Answers(run.walk, run.index, matcherOf(question, run.walk.tables));
    await expect(found.next(0, 1, pace)).rejects.toBeInstanceOf(Cancelled);
  });

  it("keeps as many calls as it may, and no more", async () => {
    const run = await open(insertTree());
    const few = new RunIndex(5);
    for (let chunk = 0; chunk < run.walk.chunks; chunk++)
      few.take(await run.walk.count(chunk, new Pace()), [0]);
    expect(few.calls.length).toBe(5);
    expect(few.calls.seen).toBe(run.index.calls.seen);
    expect(few.calls.at(4)).toEqual(run.index.calls.at(4));
    expect(few.calls.at(5)).toBeNull();
    expect(Object.values(EVENTS).length).toBeGreaterThan(0);
  });
});

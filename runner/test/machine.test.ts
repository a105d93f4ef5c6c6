/** The machine's decisions, one story each, and what holds in every story: each job is settled once, no worker leaks. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Effect,
  type Event,
  INITIAL,
  MAX_TRACE,
  STRIKES,
  type State,
  step,
  TIMING,
  wakeAt,
} from "../src/machine";
import { ANSWER } from "./fakes";

const ERROR = { name: "E", message: "m", stack: "" };
const init: Event = { type: "init" };
const tick: Event = { type: "tick" };
const run = (id: string, timeoutMs = 30_000): Event => ({ type: "run", job: { id, timeoutMs } });
const ready = (worker: number): Event => ({ type: "ready", worker });
const started = (worker: number, job: string): Event => ({ type: "started", worker, job });
const ended = (worker: number, job: string): Event => ({ type: "ended", worker, job });
const result = (worker: number, job: string): Event => ({ type: "result", worker, job, result: ANSWER });
const chunk = (worker: number, job: string, bytes = 3): Event => ({
  type: "chunk",
  worker,
  job,
  chunk: { byteLength: bytes } as Uint8Array,
});
const crashed = (worker: number): Event => ({ type: "crashed", worker, error: ERROR });
const abort = (job: string): Event => ({ type: "abort", job });

/** Plays a story; gives the last state and each step's effects as short words. */
function play(events: readonly [number, Event][], spare = false): { state: State; said: string[][] } {
  let state = INITIAL;
  const said = events.map(([at, event]) => {
    const done = step(state, event, at, { spare });
    state = done.state;
    return done.effects.map(inWords);
  });
  return { state, said };
}

function inWords(effect: Effect): string {
  switch (effect.type) {
    case "spawn":
    case "terminate":
      return `${effect.type} ${effect.worker}`;
    case "post":
      return `post ${effect.job} to ${effect.worker}`;
    case "deliver":
    case "answer":
      return `${effect.type} ${effect.job}`;
    case "settle":
      return `${effect.verdict.kind} ${effect.job}`;
    case "progress":
      return `progress ${effect.value}`;
    case "opened":
      return effect.error ? `failed ${effect.error.name}` : "open";
  }
}

describe("starting", () => {
  it("starts one worker, tells of its progress and opens", () => {
    const { state, said } = play([
      [0, init],
      [1, init],
      [2, { type: "progress", worker: 1, value: 0.5, stage: "download" }],
      [3, ready(1)],
      [4, init],
    ]);
    expect(said).toEqual([["spawn 1"], [], ["progress 0.5"], ["open"], ["open"]]);
    expect(wakeAt(state)).toBeNull();
  });

  it("fails after silence, not after slowness; what waits is told; the next call tries again", () => {
    const late = TIMING.stallMs - 1;
    const { said } = play([
      [0, run("a")],
      [late, { type: "progress", worker: 1, value: 0.1, stage: "download" }],
      [late + 1, tick],
      [late + TIMING.stallMs, tick],
      [late + TIMING.stallMs + 1, run("b")],
      [late + TIMING.stallMs + 2, ready(2)],
    ]);
    expect(said.slice(2)).toEqual([
      [],
      ["terminate 1", "not-started a", "failed InitError"],
      ["spawn 2"],
      ["open", "post b to 2"],
    ]);
  });

  it("does not start again by itself when a start fails", () => {
    const { state, said } = play([
      [0, init],
      [1, crashed(1)],
    ]);
    expect(said[1]).toEqual(["terminate 1", "failed E"]);
    expect(state.failure).toEqual(ERROR);
    expect(wakeAt(state)).toBeNull();
  });
});

describe("running", () => {
  it("hands out one program at a time, in order", () => {
    const { said } = play([
      [0, run("a")],
      [0, run("b")],
      [1, ready(1)],
      [2, chunk(1, "a")],
      [3, result(1, "a")],
      [4, result(1, "b")],
    ]);
    expect(said.slice(2)).toEqual([
      ["open", "post a to 1"],
      ["deliver a"],
      ["answer a", "post b to 1"],
      ["answer b"],
    ]);
  });

  it("lets the time of a run begin when a ready worker gets it", () => {
    const { state } = play([
      [0, run("a", 1_000)],
      [50_000, ready(1)],
    ]);
    expect(wakeAt(state)).toBe(51_000);
  });

  it("ends the worker of a run that is over its time, and starts another", () => {
    const { said } = play([
      [0, run("a", 1_000)],
      [0, ready(1)],
      [10, started(1, "a")],
      [1_009, tick],
      [1_010, tick],
    ]);
    expect(said.slice(3)).toEqual([[], ["terminate 1", "timeout a", "spawn 2"]]);
  });

  it("has no limit for a run with none", () => {
    const { state } = play([
      [0, run("a", Number.POSITIVE_INFINITY)],
      [0, ready(1)],
      [0, started(1, "a")],
    ]);
    expect(wakeAt(state)).toBeNull();
  });

  it("gives a program that has ended time to make its result, once", () => {
    const { state, said } = play([
      [0, run("a", 1_000)],
      [0, ready(1)],
      [900, ended(1, "a")],
      [1_500, tick],
      [2_000, ended(1, "a")],
    ]);
    expect(said[3]).toEqual([]);
    expect(wakeAt(state)).toBe(900 + TIMING.finishMs);
  });

  it("hears waiting messages before it judges, when the page has slept", () => {
    const { said } = play([
      [0, run("a", 1_000)],
      [0, ready(1)],
      [60_000, tick],
      [60_000 + TIMING.settleMs - 1, result(1, "a")],
      [70_000, tick],
    ]);
    expect(said.slice(2)).toEqual([[], ["answer a"], []]);
    const hung = play([
      [0, run("a", 1_000)],
      [0, ready(1)],
      [60_000, tick],
      [60_000 + TIMING.settleMs, tick],
    ]);
    expect(hung.said[3]).toEqual(["terminate 1", "timeout a", "spawn 2"]);
  });

  it("gives the job to another worker when this one is still busy with what an earlier program left", () => {
    const { said } = play([
      [0, run("a")],
      [0, ready(1)],
      [0, started(1, "a")],
      [1, result(1, "a")],
      [2, run("b", 1_000)],
      [2 + TIMING.acknowledgeMs, tick],
      [6_000, ready(2)],
      [6_001, started(2, "b")],
      [7_001, tick],
    ]);
    expect(said.slice(4)).toEqual([
      ["post b to 1"],
      ["terminate 1", "spawn 2"],
      ["open", "post b to 2"],
      [],
      ["terminate 2", "timeout b", "spawn 3"],
    ]);
  });

  it("does not blame a program for a worker that breaks before the program has begun", () => {
    const { said } = play([
      [0, run("a")],
      [0, ready(1)],
      [0, started(1, "a")],
      [1, result(1, "a")],
      [2, run("b")],
      [3, crashed(1)],
      [4, ready(2)],
      [5, crashed(2)],
    ]);
    expect(said.slice(4)).toEqual([
      ["post b to 1"],
      ["terminate 1", "spawn 2"],
      ["open", "post b to 2"],
      ["terminate 2", "crashed b", "spawn 3"],
    ]);
  });

  it("goes on after a request that was refused", () => {
    const { said } = play([
      [0, run("a")],
      [0, run("b")],
      [0, ready(1)],
      [1, { type: "refused", worker: 1, job: "a", error: ERROR }],
    ]);
    expect(said[3]).toEqual(["refused a", "post b to 1"]);
  });

  it("ends a run that floods the page", () => {
    const { said } = play([
      [0, run("a")],
      [0, ready(1)],
      [1, chunk(1, "a", MAX_TRACE)],
      [2, chunk(1, "a", 1)],
    ]);
    expect(said.slice(2)).toEqual([["deliver a"], ["terminate 1", "flooded a", "spawn 2"]]);
  });

  it("hears nothing of workers and jobs that are gone", () => {
    const { said } = play([
      [0, run("a", 1_000)],
      [0, ready(1)],
      [1_000, tick],
      [1_001, result(1, "a")],
      [1_002, chunk(1, "a")],
      [1_003, ready(1)],
      [1_004, crashed(1)],
      [1_005, ready(2)],
      [1_006, result(2, "a")],
    ]);
    expect(said.slice(3)).toEqual([[], [], [], [], ["open"], []]);
  });
});

describe("crashes, aborts, disposal", () => {
  it("tells the run that went on, and goes on with the next", () => {
    const { said } = play([
      [0, run("a")],
      [0, run("b")],
      [0, ready(1)],
      [1, crashed(1)],
      [2, ready(2)],
    ]);
    expect(said.slice(3)).toEqual([
      ["terminate 1", "crashed a", "spawn 2"],
      ["open", "post b to 2"],
    ]);
  });

  it("gives up on workers that are lost again and again while nothing runs", () => {
    const events: [number, Event][] = [[0, init]];
    for (let worker = 1; worker <= STRIKES + 1; worker++)
      events.push([worker, ready(worker)], [worker, crashed(worker)]);
    const { state, said } = play(events);
    expect(said.at(-1)).toEqual([`terminate ${STRIKES + 1}`]);
    expect(state.main).toBeNull();
    expect(step(state, run("a"), 99, { spare: false }).effects).toEqual([
      { type: "spawn", worker: STRIKES + 2 },
    ]);
  });

  it("aborts what waits at once and what runs with its worker; never twice", () => {
    const { said } = play([
      [0, run("a")],
      [0, run("b")],
      [0, ready(1)],
      [1, abort("b")],
      [2, abort("a")],
      [3, abort("a")],
    ]);
    expect(said.slice(3)).toEqual([["aborted b"], ["terminate 1", "aborted a", "spawn 2"], []]);
  });

  it("ends everything on disposal and starts nothing after it", () => {
    const { state, said } = play(
      [
        [0, run("a")],
        [0, run("b")],
        [0, ready(1)],
        [1, { type: "dispose" }],
        [2, run("c")],
        [3, init],
        [4, ready(2)],
        [5, { type: "dispose" }],
      ],
      true,
    );
    expect(said.slice(3)).toEqual([
      ["terminate 1", "terminate 2", "disposed a", "disposed b", "failed DisposedError"],
      ["disposed c"],
      ["failed DisposedError"],
      [],
      [],
    ]);
    expect(wakeAt(state)).toBeNull();
  });
});

describe("a spare", () => {
  it("is started when the first is ready, takes its place, and is followed by another", () => {
    const { said } = play(
      [
        [0, run("a", 1_000)],
        [1, ready(1)],
        [2, ready(2)],
        [3, run("b")],
        [1_001, tick],
      ],
      true,
    );
    expect(said).toEqual([
      ["spawn 1"],
      ["open", "post a to 1", "spawn 2"],
      [],
      [],
      ["terminate 1", "timeout a", "open", "post b to 2", "spawn 3"],
    ]);
  });

  it("that is still starting becomes the one to wait for", () => {
    const { said } = play(
      [
        [0, run("a", 1_000)],
        [1, ready(1)],
        [1_001, tick],
        [2_000, run("b")],
        [3_000, ready(2)],
      ],
      true,
    );
    expect(said.slice(2)).toEqual([["terminate 1", "timeout a"], [], ["open", "post b to 2", "spawn 3"]]);
  });

  it("that fails is not worth a word", () => {
    const { state, said } = play(
      [
        [0, init],
        [1, ready(1)],
        [2, crashed(2)],
        [3, run("a")],
      ],
      true,
    );
    expect(said.slice(2)).toEqual([["terminate 2"], ["post a to 1", "spawn 3"]]);
    expect(state.failure).toBeNull();
  });
});

const worker = fc.integer({ min: 1, max: 6 });
const job = fc.constantFrom("a", "b", "c", "d");
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.constantFrom<Event>(init, tick, tick),
  fc.record({ type: fc.constant("abort" as const), job }),
  fc.record({ type: fc.constantFrom("ready" as const), worker }),
  fc.record({ type: fc.constantFrom("started" as const, "ended" as const), worker, job }),
  fc.tuple(worker, job).map(([w, j]) => result(w, j)),
  fc.tuple(worker, job).map(([w, j]) => chunk(w, j, MAX_TRACE / 2)),
  fc.tuple(worker, job).map(([w, j]): Event => ({ type: "refused", worker: w, job: j, error: ERROR })),
  worker.map(crashed),
);

describe("in every story", () => {
  it("each job is settled exactly once, workers are ended exactly once, and at most two live", () => {
    const story = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), anyEvent), { maxLength: 60 });
    const property = fc.property(
      story,
      fc.boolean(),
      fc.integer({ min: 0, max: 60 }),
      (events, spare, at) => {
        const settled: string[] = [];
        const alive = new Set<number>();
        let state = INITIAL;
        let now = 0;
        const feed = (event: Event) => {
          const done = step(state, event, now, { spare });
          state = done.state;
          for (const effect of done.effects) {
            if (effect.type === "settle" || effect.type === "answer") settled.push(effect.job);
            if (effect.type === "spawn") alive.add(effect.worker);
            if (effect.type === "post") expect(alive.has(effect.worker)).toBe(true);
            if (effect.type === "terminate") expect(alive.delete(effect.worker)).toBe(true);
          }
          expect(alive.size).toBeLessThanOrEqual(spare ? 2 : 1);
          expect([state.main, state.spare].flatMap((slot) => slot?.id ?? []).sort()).toEqual(
            [...alive].sort(),
          );
          if (state.queue.length) expect(state.main).not.toBeNull();
        };
        const names = ["a", "b", "c", "d"];
        events.forEach(([wait, event], i) => {
          now += wait;
          if (i % 3 === 0 && names.length) feed(run(names.shift() as string, 1_000));
          if (i === at) feed({ type: "dispose" });
          feed(event);
        });
        feed({ type: "dispose" });
        expect(alive.size).toBe(0);
        expect(settled.sort()).toEqual(["a", "b", "c", "d"].slice(0, 4 - names.length));
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });
});

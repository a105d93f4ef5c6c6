/** The runner as a page uses it, over fake workers and a fake clock: what is sent, what promises resolve to, what is cleaned up. */

import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { splitChunks } from "../../viewer/src/wire";
import { type Progress, PythonRunner, type RunnerOptions, type RunnerState } from "../src/index";
import { ANSWER, FakeClock, FakeWorker } from "./fakes";

const TRACE = new Uint8Array(readFileSync(new URL("../../tests/golden/bubble_sort.trace", import.meta.url)));
const { chunks: CHUNKS } = splitChunks(TRACE);

function setUp(options: RunnerOptions = {}) {
  const workers: FakeWorker[] = [];
  const clock = new FakeClock();
  const createWorker = () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  };
  const runner = new PythonRunner(undefined, { createWorker, clock, ...options });
  const at = (i: number) => workers[i] as FakeWorker;
  return { runner, workers, clock, at };
}

afterEach(() => vi.restoreAllMocks());

describe("init", () => {
  it("starts with the constructor and resolves when Python can be used", async () => {
    const { runner, workers, at } = setUp();
    expect(workers.length).toBe(1);
    expect(at(0).got).toEqual([{ type: "INIT", snapshot: true }]);
    const seen: Progress[] = [];
    const opened = runner.init((progress) => seen.push(progress));
    at(0).says({ type: "PROGRESS", value: 0.4, stage: "download" });
    at(0).says({ type: "READY" });
    expect(await opened).toEqual({ ok: true });
    at(0).says({ type: "PROGRESS", value: 0.9, stage: "download" });
    expect(seen.map(({ value }) => value)).toEqual([0, 0.4]);
    expect(await runner.init()).toEqual({ ok: true });
    expect(workers.length).toBe(1);
  });

  it("passes indexURL on", () => {
    const worker = new FakeWorker();
    new PythonRunner("https://example.org/pyodide/", { createWorker: () => worker, clock: new FakeClock() });
    expect(worker.got).toEqual([{ type: "INIT", snapshot: true, indexURL: "https://example.org/pyodide/" }]);
  });

  it.each([
    [
      "an ERROR",
      (worker: FakeWorker) => worker.says({ type: "ERROR", error: { name: "Error", message: "no network" } }),
      "no network",
    ],
    ["a worker that cannot be loaded", (worker: FakeWorker) => worker.fails("error"), "could not be loaded"],
    ["unreadable messages", (worker: FakeWorker) => worker.fails("messageerror"), "unreadable"],
  ])("resolves with the reason after %s, and the next call tries again", async (_, fail, message) => {
    const { runner, workers, at } = setUp();
    const [opened, result] = [runner.init(), runner.run("1")];
    fail(at(0));
    expect(await opened).toMatchObject({ ok: false, error: { message: expect.stringContaining(message) } });
    expect(await result).toMatchObject({
      stopReason: "error",
      error: { message: expect.stringContaining(message) },
    });
    expect(at(0).terminated).toBe(true);
    expect(runner.state).toBe("idle");
    const again = runner.init();
    expect(workers.length).toBe(2);
    at(1).says({ type: "READY" });
    expect(await again).toEqual({ ok: true });
  });

  it("resolves with the reason where workers cannot be made at all", async () => {
    const runner = new PythonRunner(undefined, {
      createWorker: () => {
        throw new Error("blocked by the page's policy");
      },
    });
    expect(await runner.init()).toMatchObject({
      ok: false,
      error: { message: "blocked by the page's policy" },
    });
  });

  it("fails after a minute of silence", async () => {
    const { runner, clock } = setUp();
    const opened = runner.init();
    clock.advance(60_000);
    expect(await opened).toMatchObject({ ok: false, error: { name: "InitError" } });
    expect(clock.pending).toBe(false);
  });
});

describe("run", () => {
  it("sends code, arguments and limits, streams chunks, and resolves with Python's answer and the trace", async () => {
    const { runner, at } = setUp();
    const indexes: number[] = [];
    const result = runner.run("def f(a): ...", {
      args: [[1, null, { x: "é" }]],
      entry: "f",
      timeoutMs: 5_000,
      limits: { steps: 100, logBytes: null },
      onChunk: (_, index) => indexes.push(index),
    });
    at(0).says({ type: "READY" });
    expect(at(0).got[1]).toEqual({
      type: "RUN",
      requestId: "run-1",
      code: "def f(a): ...",
      args: [[1, null, { x: "é" }]],
      entry: "f",
      limits: { seconds: 4.5, steps: 100, log_bytes: null },
      callstackSteps: 50_000,
    });
    for (const chunk of CHUNKS) at(0).says({ type: "CHUNK", requestId: "run-1", chunk });
    at(0).says({ type: "RUN_RESULT", requestId: "run-1", result: { ...ANSWER, output: "hello", steps: 7 } });
    expect(await result).toEqual({ ...ANSWER, output: "hello", steps: 7, trace: TRACE });
    expect(indexes).toEqual(CHUNKS.map((_, i) => i));
  });

  it("serialises runs", async () => {
    const { runner, at } = setUp();
    at(0).says({ type: "READY" });
    const [first, second] = [runner.run("1"), runner.run("2")];
    expect(at(0).request).toBe("run-1");
    at(0).says({ type: "RUN_RESULT", requestId: "run-1", result: { ...ANSWER, result: "1" } });
    expect(at(0).request).toBe("run-2");
    at(0).says({ type: "RUN_RESULT", requestId: "run-2", result: { ...ANSWER, result: "2" } });
    expect([(await first).result, (await second).result]).toEqual(["1", "2"]);
  });

  it("terminates the worker after 30 s, keeps what was streamed, and makes another", async () => {
    const { runner, workers, clock, at } = setUp();
    at(0).says({ type: "READY" });
    const result = runner.run("while True: pass");
    for (const chunk of CHUNKS.slice(0, -1)) at(0).says({ type: "CHUNK", requestId: "run-1", chunk });
    at(0).says({ type: "CHUNK", requestId: "run-1", chunk: CHUNKS.at(-1) });
    clock.advance(29_999);
    expect(at(0).terminated).toBe(false);
    clock.advance(1);
    expect(at(0).terminated).toBe(true);
    expect(await result).toMatchObject({
      stopReason: "timeout",
      error: { name: "TimeoutError", message: "The program did not end within 30 s and was stopped." },
      runtime: 30_000,
      trace: TRACE,
    });
    expect((await result).steps).toBeGreaterThan(10);
    expect((await result).output).toContain("[");
    // Worked out on the page, since the worker that would have told them is gone.
    expect((await result).callstack.map(({ name }) => name)).toContain("readArrayItem");
    expect((await result).events.line).toBeGreaterThan(1);
    expect(workers.length).toBe(2);
    at(1).says({ type: "READY" });
    const next = runner.run("2");
    at(1).says({ type: "RUN_RESULT", requestId: "run-2", result: ANSWER });
    expect((await next).stopReason).toBe("ok");
  });

  it("with a spare, the next run begins at once", () => {
    const { runner, clock, at } = setUp({ spare: true, timeoutMs: 1_000 });
    at(0).says({ type: "READY" });
    at(1).says({ type: "READY" });
    void runner.run("while True: pass");
    void runner.run("2");
    clock.advance(1_000);
    expect(at(0).terminated).toBe(true);
    expect(at(1).request).toBe("run-2");
    expect(at(2).got).toEqual([{ type: "INIT", snapshot: true }]);
  });

  it("resolves when the worker crashes, with what was streamed", async () => {
    const { runner, workers, at } = setUp();
    at(0).says({ type: "READY" });
    const result = runner.run("1");
    at(0).says({ type: "CHUNK", requestId: "run-1", chunk: CHUNKS[0] });
    at(0).says({
      type: "ERROR",
      requestId: "run-1",
      error: { name: "Exit", message: "exit(3)" },
      fatal: true,
    });
    expect(await result).toMatchObject({
      stopReason: "killed",
      error: { name: "Exit", message: "exit(3)" },
      trace: CHUNKS[0],
    });
    expect(workers.length).toBe(2);
  });

  it("resolves with an ERROR to the request, and keeps the worker", async () => {
    const { runner, workers, at } = setUp();
    at(0).says({ type: "READY" });
    const result = runner.run("1");
    at(0).says({ type: "ERROR", requestId: "run-1", error: { name: "ValueError", message: "no" } });
    expect(await result).toMatchObject({
      stopReason: "error",
      error: { name: "ValueError", message: "no", stack: "" },
    });
    expect(workers.length).toBe(1);
  });

  it("stops a run by its signal, before, while waiting and while running", async () => {
    const { runner, at } = setUp();
    const stop = [new AbortController(), new AbortController()] as const;
    const first = runner.run("1", { signal: stop[0].signal });
    const second = runner.run("2", { signal: stop[1].signal });
    const third = runner.run("3", { signal: AbortSignal.abort() });
    expect((await third).stopReason).toBe("interrupted");
    stop[1].abort();
    expect(await second).toMatchObject({ stopReason: "interrupted", error: { name: "AbortError" } });
    at(0).says({ type: "READY" });
    stop[0].abort();
    expect((await first).stopReason).toBe("interrupted");
    expect(at(0).terminated).toBe(true);
  });

  it("survives callbacks that throw", async () => {
    const complained = vi.spyOn(console, "error").mockReturnValue();
    const { runner, at } = setUp();
    const opened = runner.init(() => {
      throw new Error("progress");
    });
    at(0).says({ type: "READY" });
    await opened;
    const result = runner.run("1", {
      onChunk: () => {
        throw new Error("chunk");
      },
    });
    at(0).says({ type: "CHUNK", requestId: "run-1", chunk: CHUNKS[0] });
    at(0).says({ type: "RUN_RESULT", requestId: "run-1", result: ANSWER });
    expect((await result).trace).toEqual(CHUNKS[0]);
    expect(complained).toHaveBeenCalledTimes(2);
  });

  it.each([
    [5, {}, "code must be a string, not 5"],
    ["1", { timeoutMs: 0 }, "timeoutMs must be a positive number"],
    ["1", { timeoutMs: Number.NaN }, "timeoutMs must be a positive number"],
    ["1", { args: [1, [Number.NaN]] }, "args[1].0 is NaN, which is not JSON"],
    ["1", { args: [{ f: () => 1 }] }, "args[0].f is function, which is not JSON"],
    ["1", { args: [new Map()] }, "args[0] is a Map, not a plain object"],
    ["1", { args: {} }, "args must be an array, not a Object"],
    ["1", { entry: 3 }, "entry must be a string"],
    ["1", { limits: { steps: -1 } }, "limits.steps must be a positive whole number"],
    ["1", { limits: { seconds: 1 } }, "limits has no seconds"],
    ["1", { callstackSteps: -1 }, "callstackSteps must be a whole number"],
  ])("resolves with what is wrong for %j %j", async (code, options, message) => {
    const { runner, at } = setUp();
    at(0).says({ type: "READY" });
    const result = await runner.run(code as string, options as object);
    expect(result).toMatchObject({
      stopReason: "error",
      steps: 0,
      error: { message: expect.stringContaining(message) },
    });
    expect(at(0).got.length).toBe(1);
  });

  it("refuses an argument that contains itself", async () => {
    const { runner } = setUp();
    const ring: unknown[] = [];
    ring.push(ring);
    expect((await runner.run("1", { args: ring as never[] })).error?.message).toContain("contains itself");
  });
});

describe("messages that are none", () => {
  it.each<unknown>([
    null,
    5,
    "READY",
    {},
    { type: "RUN_RESULT" },
    { type: "CHUNK", requestId: "run-1", chunk: "text" },
    { type: "PROGRESS", value: "1", stage: "download" },
    { type: "PROGRESS", value: 1, stage: "<script>" },
    { type: "RUN_RESULT", requestId: "run-2", result: ANSWER },
  ])("are ignored: %j", (message) => {
    const { runner, at } = setUp();
    at(0).says({ type: "READY" });
    void runner.run("1");
    at(0).says(message);
    expect(runner.state).toBe("running");
  });

  it.each<unknown>([
    null,
    {},
    { ...ANSWER, output: 5 },
    { ...ANSWER, stopReason: "<b>" },
    { ...ANSWER, callstack: [null] },
    { ...ANSWER, events: { line: "x" } },
  ])("a result of another shape is an error: %j", async (result) => {
    const { runner, at } = setUp();
    at(0).says({ type: "READY" });
    const done = runner.run("1");
    at(0).says({ type: "RUN_RESULT", requestId: "run-1", result });
    expect(await done).toMatchObject({ stopReason: "error", error: { name: "ProtocolError" } });
  });
});

describe("dispose", () => {
  it("ends workers and timers, resolves what is under way and what comes later", async () => {
    const { runner, workers, clock, at } = setUp({ spare: true });
    at(0).says({ type: "READY" });
    const running = runner.run("1");
    const waiting = runner.run("2");
    at(0).says({ type: "CHUNK", requestId: "run-1", chunk: CHUNKS[0] });
    runner.dispose();
    runner.dispose();
    expect(await running).toMatchObject({
      stopReason: "interrupted",
      error: { name: "DisposedError" },
      trace: CHUNKS[0],
    });
    expect((await waiting).error?.name).toBe("DisposedError");
    expect((await runner.run("3")).error?.name).toBe("DisposedError");
    expect(await runner.init()).toMatchObject({ ok: false });
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true]);
    expect(clock.pending).toBe(false);
    expect(runner.state).toBe("disposed");
  });

  it("leaves no listener on a signal", async () => {
    const { runner } = setUp();
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, "removeEventListener");
    const result = runner.run("1", { signal });
    runner.dispose();
    await result;
    expect(removed).toHaveBeenCalledTimes(1);
  });
});

it("tells what it is doing, until asked to stop", async () => {
  const { runner, clock, at } = setUp({ timeoutMs: 1_000 });
  const seen: RunnerState[] = [];
  const unsubscribe = runner.subscribe((state) => seen.push(state));
  expect(runner.state).toBe("starting");
  at(0).says({ type: "READY" });
  void runner.run("1");
  clock.advance(1_000);
  at(1).says({ type: "READY" });
  unsubscribe();
  runner.dispose();
  expect(seen).toEqual(["ready", "running", "starting", "ready"]);
});

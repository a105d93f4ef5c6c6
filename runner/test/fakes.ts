/** Owns the doubles of the runner's tests: a worker that says what it is told to say, and a clock moved by hand. */

import type { ToWorker } from "../src/protocol";
import type { Answer } from "../src/result";
import type { Clock, WorkerEvent, WorkerLike } from "../src/runner";

/** What Python answers for a program that does nothing. */
export const ANSWER: Answer = Object.freeze({
  output: "",
  error: null,
  stopReason: "ok",
  steps: 0,
  events: {},
  result: "",
  runtime: 1,
  startTimestamp: 2,
  callstack: [],
  callstackTruncated: false,
  recorderError: null,
});

export class FakeWorker implements WorkerLike {
  readonly got: ToWorker[] = [];
  terminated = false;
  readonly #listeners: Record<string, ((event: WorkerEvent) => void)[]> = {};

  postMessage(message: ToWorker): void {
    this.got.push(message);
  }

  terminate(): void {
    this.terminated = true;
  }

  addEventListener(type: string, listener: (event: WorkerEvent) => void): void {
    const listeners = this.#listeners[type] ?? [];
    this.#listeners[type] = [...listeners, listener];
  }

  /** The worker posts a message. */
  says(data: unknown): void {
    this.#emit("message", { data });
  }

  /** The worker could not be loaded, or posted what cannot be read. */
  fails(type: "error" | "messageerror", message = ""): void {
    this.#emit(type, { message });
  }

  /** The id of the program it was given last. */
  get request(): string {
    const last = this.got.at(-1);
    if (last?.type !== "RUN") throw new Error("the worker was given no program");
    return last.requestId;
  }

  #emit(type: string, event: { data?: unknown; message?: unknown }): void {
    for (const listener of this.#listeners[type] ?? []) listener({ ...event, preventDefault: () => {} });
  }
}

export class FakeClock implements Clock {
  #now = 0;
  #alarm: { at: number; callback: () => void } | null = null;

  now(): number {
    return this.#now;
  }

  get pending(): boolean {
    return this.#alarm !== null;
  }

  after(delay: number, callback: () => void): () => void {
    const alarm = { at: this.#now + delay, callback };
    if (this.#alarm) throw new Error("the runner keeps one alarm only");
    this.#alarm = alarm;
    return () => {
      if (this.#alarm === alarm) this.#alarm = null;
    };
  }

  /** Lets time pass; alarms go off when they are due. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (this.#alarm && this.#alarm.at <= end) {
      const { at, callback } = this.#alarm;
      this.#alarm = null;
      this.#now = at;
      callback();
    }
    this.#now = end;
  }
}

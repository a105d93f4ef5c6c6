/**
 * Owns `PythonRunner`: the machine's wiring to workers, the clock and the callers' promises. It decides nothing
 * and passes on what it is told.
 */

import { answered, endedHere } from "./ending";
import {
  type Effect,
  type Event,
  INITIAL,
  type JobId,
  type Millis,
  type State,
  step,
  type WorkerId,
  wakeAt,
} from "./machine";
import {
  type FromWorker,
  type InitMessage,
  parseReply,
  type RunMessage,
  type Stage,
  type ToWorker,
} from "./protocol";
import { type RunOptions, runMessage } from "./request";
import { type ExecutionResult, type RunError, said, type Verdict } from "./result";

/** The part of a worker's events that is used here. */
export interface WorkerEvent {
  readonly data?: unknown;
  readonly message?: unknown;
  preventDefault(): void;
}

/** The part of a `Worker` that is used here. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  terminate(): void;
  addEventListener(type: "message" | "error" | "messageerror", listener: (event: WorkerEvent) => void): void;
}

/** Time, as the runner needs it. */
export interface Clock {
  now(): Millis;
  /** Calls back once, `delay` ms from now or later; returns the way to call it off. */
  after(delay: Millis, callback: () => void): () => void;
}

export interface RunnerOptions {
  /** Keep a second worker started, so that after a run was killed the next begins at once. Costs its memory. */
  readonly spare?: boolean;
  /** Milliseconds a run may take that names no limit of its own; default 30 000. */
  readonly timeoutMs?: number;
  /** Keep a memory snapshot of Python in the browser's cache, for a quicker start next time; default true. */
  readonly snapshot?: boolean;
  /** Where workers come from; default: `worker.js` beside this module. */
  readonly createWorker?: () => WorkerLike;
  readonly clock?: Clock;
}

/** How a start is coming along: `value` from 0 to 1. */
export interface Progress {
  readonly value: number;
  readonly stage: Stage;
}

/** Whether Python can be used; if not, why. */
export type InitResult = { readonly ok: true } | { readonly ok: false; readonly error: RunError };

/** What the runner is doing. `idle`: the last start failed, and the next call tries again. */
export type RunnerState = "starting" | "ready" | "running" | "idle" | "disposed";

interface Pending {
  readonly message: RunMessage;
  readonly chunks: Uint8Array[];
  readonly onChunk: RunOptions["onChunk"];
  readonly resolve: (result: ExecutionResult | Promise<ExecutionResult>) => void;
  readonly release: () => void;
  startedAt: Millis;
  startTimestamp: number;
}

const DEFAULT_TIMEOUT: Millis = 30_000;
/** The longest delay browsers' timers take; longer ones fire at once. */
const LONGEST_DELAY: Millis = 2 ** 31 - 1;

const PAGE_CLOCK: Clock = {
  now: () => performance.now(),
  after: (delay, callback) => {
    const timer = setTimeout(callback, delay);
    return () => clearTimeout(timer);
  },
};

/**
 * Runs and records Python in a worker, one program at a time. Starts at once; nothing it returns ever rejects.
 *
 * `indexURL`: where Pyodide is, relative to the page; absent, the copy that the site brings along.
 */
export class PythonRunner {
  #state: State = INITIAL;
  #callOff: (() => void) | null = null;
  #progress: Progress = { value: 0, stage: "download" };
  #told: RunnerState = "starting";
  #jobs = 0;
  readonly #indexURL: string | undefined;
  readonly #options: RunnerOptions;
  readonly #clock: Clock;
  readonly #workers = new Map<WorkerId, WorkerLike>();
  readonly #pending = new Map<JobId, Pending>();
  readonly #waiting = new Set<(result: InitResult) => void>();
  readonly #watching = new Set<(progress: Progress) => void>();
  readonly #listeners = new Set<(state: RunnerState) => void>();

  constructor(indexURL?: string, options: RunnerOptions = {}) {
    this.#indexURL = indexURL;
    this.#options = options;
    this.#clock = options.clock ?? PAGE_CLOCK;
    this.#feed({ type: "init" });
  }

  get state(): RunnerState {
    const { disposed, main, running } = this.#state;
    if (disposed) return "disposed";
    if (!main) return "idle";
    return main.ready ? (running ? "running" : "ready") : "starting";
  }

  /** Tells of each change of `state`; returns the way to stop that. */
  subscribe(listener: (state: RunnerState) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Resolves when Python can be used, or with why it cannot; the start itself began with the constructor. */
  init(onProgress?: (progress: Progress) => void): Promise<InitResult> {
    return new Promise((resolve) => {
      const watch = onProgress && guarded(onProgress);
      if (watch && this.state !== "ready" && this.state !== "disposed") {
        this.#watching.add(watch);
        watch(this.#progress);
      }
      this.#waiting.add((result) => {
        if (watch) this.#watching.delete(watch);
        resolve(result);
      });
      this.#feed({ type: "init" });
    });
  }

  /** Runs a program and records it. Always resolves, whatever happens to it; `result.stopReason` says how it ended. */
  run(code: string, options: RunOptions = {}): Promise<ExecutionResult> {
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT;
    const id = `run-${++this.#jobs}`;
    let message: RunMessage;
    try {
      message = runMessage(id, code, options, timeoutMs);
    } catch (error) {
      const refusal: Verdict = { kind: "refused", error: errorOf(error) };
      const nothing = { chunks: [], runtime: 0, startTimestamp: Date.now(), callstackSteps: 0 };
      return endedHere(refusal, nothing);
    }
    return new Promise((resolve) => {
      const abort = () => this.#feed({ type: "abort", job: id });
      options.signal?.addEventListener("abort", abort);
      this.#pending.set(id, {
        message,
        chunks: [],
        onChunk: options.onChunk && guarded(options.onChunk),
        resolve,
        release: () => options.signal?.removeEventListener("abort", abort),
        startedAt: this.#clock.now(),
        startTimestamp: Date.now(),
      });
      this.#feed({ type: "run", job: { id, timeoutMs } });
      if (options.signal?.aborted) abort();
    });
  }

  /** Ends every worker. Runs that are under way resolve, with what they have; later ones resolve at once. */
  dispose(): void {
    this.#feed({ type: "dispose" });
    this.#callOff?.();
    this.#callOff = null;
    this.#listeners.clear();
  }

  #feed(event: Event): void {
    const rules = { spare: this.#options.spare ?? false };
    const { state, effects } = step(this.#state, event, this.#clock.now(), rules);
    this.#state = state;
    this.#setAlarm();
    for (const effect of effects) this.#perform(effect);
    this.#tell();
  }

  #setAlarm(): void {
    this.#callOff?.();
    this.#callOff = null;
    const at = wakeAt(this.#state);
    if (at === null) return;
    const delay = Math.min(Math.max(at - this.#clock.now(), 0), LONGEST_DELAY);
    this.#callOff = this.#clock.after(delay, () => this.#feed({ type: "tick" }));
  }

  #tell(): void {
    const { state } = this;
    if (state === this.#told) return;
    this.#told = state;
    for (const listener of [...this.#listeners]) guarded(listener)(state);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "spawn":
        this.#spawn(effect.worker);
        return;
      case "terminate":
        this.#workers.get(effect.worker)?.terminate();
        this.#workers.delete(effect.worker);
        return;
      case "post":
        this.#post(effect.worker, effect.job);
        return;
      case "deliver": {
        const job = this.#pending.get(effect.job);
        if (!job) return;
        const index = job.chunks.push(effect.chunk) - 1;
        job.onChunk?.(effect.chunk, index);
        return;
      }
      case "answer":
        this.#settle(effect.job, (job) => answered(effect.result, job.chunks));
        return;
      case "settle":
        this.#settle(effect.job, ({ chunks, startedAt, startTimestamp, message: { callstackSteps } }) => {
          const runtime = this.#clock.now() - startedAt;
          return endedHere(effect.verdict, { chunks, runtime, startTimestamp, callstackSteps });
        });
        return;
      case "progress":
        this.#progress = { value: effect.value, stage: effect.stage };
        for (const watch of [...this.#watching]) watch(this.#progress);
        return;
      case "opened":
        this.#open(effect.error === null ? { ok: true } : { ok: false, error: effect.error });
        return;
    }
  }

  #spawn(id: WorkerId): void {
    const crashed = (error: RunError) => this.#feed({ type: "crashed", worker: id, error });
    try {
      const worker = this.#options.createWorker?.() ?? createWorker();
      this.#workers.set(id, worker);
      worker.addEventListener("message", (event) => this.#hear(id, event.data));
      worker.addEventListener("messageerror", () =>
        crashed(said("WorkerError", "An answer was unreadable.")),
      );
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        crashed(said("WorkerError", workerFault(event.message)));
      });
      worker.postMessage(this.#initMessage());
    } catch (error) {
      // Not at once: the machine is still telling what to do.
      queueMicrotask(() => crashed(errorOf(error)));
    }
  }

  #initMessage(): InitMessage {
    const base = { type: "INIT", snapshot: this.#options.snapshot ?? true } as const;
    if (this.#indexURL === undefined) return base;
    return { ...base, indexURL: new URL(this.#indexURL, globalThis.location?.href).href };
  }

  #hear(worker: WorkerId, data: unknown): void {
    const reply = parseReply(data);
    if (reply && this.#workers.has(worker)) this.#feed(eventOf(worker, reply));
  }

  #post(worker: WorkerId, id: JobId): void {
    const job = this.#pending.get(id);
    if (!job) return;
    job.startedAt = this.#clock.now();
    job.startTimestamp = Date.now();
    this.#workers.get(worker)?.postMessage(job.message);
  }

  #settle(id: JobId, result: (job: Pending) => ExecutionResult | Promise<ExecutionResult>): void {
    const job = this.#pending.get(id);
    if (!job) return;
    this.#pending.delete(id);
    job.release();
    job.resolve(result(job));
  }

  #open(result: InitResult): void {
    for (const resolve of [...this.#waiting]) resolve(result);
    this.#waiting.clear();
  }
}

function eventOf(worker: WorkerId, reply: FromWorker): Event {
  switch (reply.type) {
    case "PROGRESS":
      return { type: "progress", worker, value: reply.value, stage: reply.stage };
    case "READY":
      return { type: "ready", worker };
    case "CHUNK":
      return { type: "chunk", worker, job: reply.requestId, chunk: reply.chunk };
    case "STARTED":
      return { type: "started", worker, job: reply.requestId };
    case "ENDED":
      return { type: "ended", worker, job: reply.requestId };
    case "RUN_RESULT":
      return { type: "result", worker, job: reply.requestId, result: reply.result };
    case "ERROR": {
      const { error, requestId } = reply;
      if (requestId === null || reply.fatal) return { type: "crashed", worker, error };
      return { type: "refused", worker, job: requestId, error };
    }
  }
}

function createWorker(): WorkerLike {
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "dstruct-runner" });
}

function workerFault(message: unknown): string {
  return typeof message === "string" && message
    ? message
    : "The worker that runs Python could not be loaded.";
}

/** A caller's callback, whose faults are told on the console and are no fault of the run. */
function guarded<Args extends unknown[]>(callback: (...args: Args) => void): (...args: Args) => void {
  return (...args) => {
    try {
      callback(...args);
    } catch (error) {
      console.error(error);
    }
  };
}

function errorOf(error: unknown): RunError {
  return error instanceof Error ? said(error.name, error.message) : said("Error", String(error));
}

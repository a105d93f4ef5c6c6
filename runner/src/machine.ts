/**
 * Owns the runner's decisions: which worker starts, runs, takes over or is ended, and how each run ends. Pure:
 * events and the time go in, a new state and effects come out. Time is whatever monotonic clock the caller reads,
 * in milliseconds; nothing here waits.
 *
 * Every job that comes in leaves by exactly one `settle`. All thresholds compare timestamps: a late timer (a
 * throttled background tab) delays, never misleads.
 */

import type { Stage } from "./protocol";
import { type Answer, type RunError, said, type Verdict } from "./result";

/** Milliseconds on the caller's monotonic clock. */
export type Millis = number;
export type WorkerId = number;
export type JobId = string;

export interface Rules {
  /** Whether a second worker waits, started, to take the first one's place. */
  readonly spare: boolean;
}

export interface Job {
  readonly id: JobId;
  /** From the moment the program is handed to a worker that is ready; Infinity: no limit. */
  readonly timeoutMs: Millis;
}

/** A worker that starts, and fails unless it shows progress by `until`, or one that can run (`until` is Infinity). */
export interface Slot {
  readonly id: WorkerId;
  readonly ready: boolean;
  readonly until: Millis;
  /** Whether it has been seen to say when a program begins. */
  readonly acknowledges: boolean;
}

export interface Running {
  readonly job: Job;
  /** What the worker has said of it; nobody but the program could say any of it twice. */
  readonly phase: "posted" | "begun" | "ended";
  readonly until: Millis;
  /** Bytes of trace received. */
  readonly bytes: number;
  /** Whether a tick that came very late has been given a moment for messages that wait. */
  readonly settling: boolean;
}

export interface State {
  readonly main: Slot | null;
  readonly spare: Slot | null;
  readonly queue: readonly Job[];
  readonly running: Running | null;
  /** Why the last start failed, until the next is tried. */
  readonly failure: RunError | null;
  /** Workers lost in a row while nothing ran. */
  readonly strikes: number;
  readonly nextWorker: WorkerId;
  readonly disposed: boolean;
}

export type Event =
  /** Somebody wants a worker that is ready. */
  | { readonly type: "init" }
  | { readonly type: "run"; readonly job: Job }
  | { readonly type: "abort"; readonly job: JobId }
  | { readonly type: "dispose" }
  | { readonly type: "tick" }
  | {
      readonly type: "progress";
      readonly worker: WorkerId;
      readonly value: number;
      readonly stage: Stage;
    }
  | { readonly type: "ready"; readonly worker: WorkerId }
  | { readonly type: "started"; readonly worker: WorkerId; readonly job: JobId }
  | { readonly type: "chunk"; readonly worker: WorkerId; readonly job: JobId; readonly chunk: Uint8Array }
  | { readonly type: "ended"; readonly worker: WorkerId; readonly job: JobId }
  | { readonly type: "result"; readonly worker: WorkerId; readonly job: JobId; readonly result: Answer }
  | { readonly type: "refused"; readonly worker: WorkerId; readonly job: JobId; readonly error: RunError }
  /** The worker cannot start, or cannot go on. */
  | { readonly type: "crashed"; readonly worker: WorkerId; readonly error: RunError };

export type Effect =
  | { readonly type: "spawn"; readonly worker: WorkerId }
  | { readonly type: "terminate"; readonly worker: WorkerId }
  | { readonly type: "post"; readonly worker: WorkerId; readonly job: JobId }
  | { readonly type: "deliver"; readonly job: JobId; readonly chunk: Uint8Array }
  | { readonly type: "answer"; readonly job: JobId; readonly result: Answer }
  | { readonly type: "settle"; readonly job: JobId; readonly verdict: Verdict }
  | { readonly type: "progress"; readonly value: number; readonly stage: Stage }
  /** A start has come to its end; `error` is null when the worker is ready. */
  | { readonly type: "opened"; readonly error: RunError | null };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const TIMING = Object.freeze({
  /** A worker that starts and shows no progress for so long has failed. */
  stallMs: 60_000,
  /** A worker that has run a program before, and does not begin the next for so long, is busy with what that left behind. */
  acknowledgeMs: 3_000,
  /** After the program's end, the time to make its result. */
  finishMs: 60_000,
  /** A tick this late means that the page slept, and perhaps the worker with it. */
  lateMs: 1_500,
  /** After sleep: time for an answer that waits in the message queue to be heard. */
  settleMs: 250,
});

/** Workers that may be lost in a row while nothing runs; after that only the next call starts one. */
export const STRIKES = 3;

/** Bytes of trace that one run may send: the harness's own limit is well below. */
export const MAX_TRACE = 256 * 1024 * 1024;

export const INITIAL: State = Object.freeze({
  main: null,
  spare: null,
  queue: Object.freeze([]),
  running: null,
  failure: null,
  strikes: 0,
  nextWorker: 1,
  disposed: false,
});

/** The next state and what is to be done, once `event` happened at time `at`. */
export function step(state: State, event: Event, at: Millis, rules: Rules): Step {
  if (state.disposed) return afterDisposal(state, event);
  switch (event.type) {
    case "init":
      return state.main?.ready ? stay(state, { type: "opened", error: null }) : ensure(state, at, rules);
    case "run":
      return then(enqueue(state, event.job), (next) => ensure(next, at, rules));
    case "abort":
      return aborted(state, event.job, at, rules);
    case "dispose":
      return disposed(state);
    case "tick":
      return ticked(state, at, rules);
    case "crashed":
      return crashed(state, event.worker, event.error, at, rules);
    case "progress":
    case "ready":
      return heardStarting(state, event, at, rules);
    default:
      return heardRunning(state, event, at, rules);
  }
}

/** When `step` wants a tick, or null when nothing is pending. */
export function wakeAt(state: State): Millis | null {
  const times = [state.main?.until, state.spare?.until, state.running?.until];
  const first = Math.min(...times.map((time) => time ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(first) ? first : null;
}

function stay(state: State, ...effects: readonly Effect[]): Step {
  return { state, effects };
}

function then(before: Step, next: (state: State) => Step): Step {
  const after = next(before.state);
  return { state: after.state, effects: [...before.effects, ...after.effects] };
}

function afterDisposal(state: State, event: Event): Step {
  if (event.type === "init") return stay(state, { type: "opened", error: DISPOSED });
  if (event.type !== "run") return stay(state);
  return stay(state, { type: "settle", job: event.job.id, verdict: { kind: "disposed" } });
}

const DISPOSED = said("DisposedError", "The runner was disposed of.");

function enqueue(state: State, job: Job): Step {
  return stay({ ...state, queue: [...state.queue, job] });
}

/** There is a main worker, or one starts; what waits is handed to it once it is ready. */
function ensure(state: State, at: Millis, rules: Rules): Step {
  if (state.main?.ready) return pump(state, at, rules);
  return state.main ? stay(state) : startMain({ ...state, strikes: 0 }, at, rules);
}

function startMain(state: State, at: Millis, rules: Rules): Step {
  if (state.spare) {
    const next: State = { ...state, main: state.spare, spare: null, failure: null };
    if (!state.spare.ready) return stay(next);
    return then(stay(next, { type: "opened", error: null }), (s) => pump(s, at, rules));
  }
  const { slot, effect, nextWorker } = spawn(state, at);
  return stay({ ...state, main: slot, nextWorker, failure: null }, effect);
}

function spawn(state: State, at: Millis): { slot: Slot; effect: Effect; nextWorker: WorkerId } {
  const id = state.nextWorker;
  const slot: Slot = { id, ready: false, until: at + TIMING.stallMs, acknowledges: false };
  return { slot, effect: { type: "spawn", worker: id }, nextWorker: id + 1 };
}

/** Hand the next job to a main worker that is ready, and start a spare if one is wanted and missing. */
function pump(state: State, at: Millis, rules: Rules): Step {
  const [job, ...queue] = state.queue;
  let next = stay(state);
  if (job && state.main?.ready && !state.running) {
    const { id: worker, acknowledges } = state.main;
    const until = at + (acknowledges ? TIMING.acknowledgeMs : job.timeoutMs);
    const running: Running = { job, phase: "posted", until, bytes: 0, settling: false };
    next = stay({ ...state, queue, running }, { type: "post", worker, job: job.id });
  }
  return then(next, (s) => keepSpare(s, at, rules));
}

/** Only once there is a main worker: two cold starts at a time would take twice as long each. */
function keepSpare(state: State, at: Millis, rules: Rules): Step {
  if (!rules.spare || state.spare || !state.main?.ready) return stay(state);
  const { slot, effect, nextWorker } = spawn(state, at);
  return stay({ ...state, spare: slot, nextWorker }, effect);
}

function heardStarting(
  state: State,
  event: Extract<Event, { type: "progress" | "ready" }>,
  at: Millis,
  rules: Rules,
): Step {
  const role = state.main?.id === event.worker ? "main" : "spare";
  const held = state[role];
  if (held?.id !== event.worker || held.ready) return stay(state);
  if (event.type === "progress") {
    const slot: Slot = { ...held, until: at + TIMING.stallMs };
    const { value, stage } = event;
    return role === "main"
      ? stay({ ...state, main: slot }, { type: "progress", value, stage })
      : stay({ ...state, spare: slot });
  }
  const slot: Slot = { ...held, ready: true, until: Number.POSITIVE_INFINITY };
  if (role === "spare") return stay({ ...state, spare: slot });
  return then(stay({ ...state, main: slot }, { type: "opened", error: null }), (s) => pump(s, at, rules));
}

function heardRunning(
  state: State,
  event: Extract<Event, { type: "started" | "chunk" | "ended" | "result" | "refused" }>,
  at: Millis,
  rules: Rules,
): Step {
  const { running, main } = state;
  if (!running || running.job.id !== event.job || main?.id !== event.worker) return stay(state);
  switch (event.type) {
    case "started":
      return running.phase === "posted" ? begun(state, running, main, at) : stay(state);
    case "chunk": {
      const bytes = running.bytes + event.chunk.byteLength;
      if (bytes > MAX_TRACE) return stopRunning(state, { kind: "flooded" }, at, rules);
      const next: State = { ...state, running: { ...running, bytes } };
      return stay(next, { type: "deliver", job: event.job, chunk: event.chunk });
    }
    case "ended":
      return running.phase === "ended"
        ? stay(state)
        : stay({ ...state, running: { ...running, phase: "ended", until: at + TIMING.finishMs } });
    case "result": {
      const next: State = { ...state, running: null, strikes: 0 };
      return then(stay(next, { type: "answer", job: event.job, result: event.result }), (s) =>
        pump(s, at, rules),
      );
    }
    case "refused": {
      const settle: Effect = {
        type: "settle",
        job: event.job,
        verdict: { kind: "refused", error: event.error },
      };
      return then(stay({ ...state, running: null }, settle), (s) => pump(s, at, rules));
    }
  }
}

function begun(state: State, running: Running, main: Slot, at: Millis): Step {
  const until = at + running.job.timeoutMs;
  return stay({
    ...state,
    main: { ...main, acknowledges: true },
    running: { ...running, phase: "begun", until },
  });
}

/** End the run that goes on, with its worker: there is no other way to reach it. */
function stopRunning(state: State, verdict: Verdict, at: Millis, rules: Rules): Step {
  const { running, main } = state;
  if (!running || !main) return stay(state);
  const ended = stay(
    { ...state, running: null, main: null },
    { type: "terminate", worker: main.id },
    { type: "settle", job: running.job.id, verdict },
  );
  return then(ended, (s) => startMain(s, at, rules));
}

function aborted(state: State, id: JobId, at: Millis, rules: Rules): Step {
  if (state.running?.job.id === id) return stopRunning(state, { kind: "aborted" }, at, rules);
  if (!state.queue.some((job) => job.id === id)) return stay(state);
  const queue = state.queue.filter((job) => job.id !== id);
  return stay({ ...state, queue }, { type: "settle", job: id, verdict: { kind: "aborted" } });
}

function disposed(state: State): Step {
  const workers = [state.main, state.spare].flatMap((slot) => (slot ? [slot.id] : []));
  const jobs = [...(state.running ? [state.running.job] : []), ...state.queue];
  return stay(
    { ...INITIAL, nextWorker: state.nextWorker, disposed: true },
    ...workers.map((worker): Effect => ({ type: "terminate", worker })),
    ...jobs.map((job): Effect => ({ type: "settle", job: job.id, verdict: { kind: "disposed" } })),
    { type: "opened", error: DISPOSED },
  );
}

function ticked(state: State, at: Millis, rules: Rules): Step {
  const { running, main, spare } = state;
  if (spare && at >= spare.until) {
    return then(crashed(state, spare.id, STALLED, at, rules), (s) => ticked(s, at, rules));
  }
  if (main && at >= main.until) return crashed(state, main.id, STALLED, at, rules);
  if (!running || at < running.until) return stay(state);
  if (at - running.until > TIMING.lateMs && !running.settling) {
    return stay({ ...state, running: { ...running, until: at + TIMING.settleMs, settling: true } });
  }
  if (main?.acknowledges && running.phase === "posted")
    return handOver(state, running.job, main.id, at, rules);
  return stopRunning(state, { kind: "timeout", ms: running.job.timeoutMs }, at, rules);
}

/** The worker is busy with, or broken by, what an earlier program left behind: another one gets the job, which has not begun. */
function handOver(state: State, job: Job, worker: WorkerId, at: Millis, rules: Rules): Step {
  const next: State = { ...state, running: null, main: null, queue: [job, ...state.queue] };
  return then(stay(next, { type: "terminate", worker }), (s) => startMain(s, at, rules));
}

const STALLED = said(
  "InitError",
  `Python did not start: nothing came for ${TIMING.stallMs / 1000} s. Check the connection and try again.`,
);

function crashed(state: State, worker: WorkerId, error: RunError, at: Millis, rules: Rules): Step {
  const gone: Effect = { type: "terminate", worker };
  // A spare that fails is not worth a word: the next one is tried when this one would have been needed.
  if (state.spare?.id === worker) return stay({ ...state, spare: null }, gone);
  if (state.main?.id !== worker) return stay(state);
  if (!state.main.ready) return startFailed(state, error, gone);
  const { running } = state;
  // Before the program has begun, it is what an earlier one left behind that broke the worker.
  if (running?.phase === "posted" && state.main.acknowledges)
    return handOver(state, running.job, worker, at, rules);
  if (running) return stopRunning(state, { kind: "crashed", error }, at, rules);
  const next = stay({ ...state, main: null, strikes: state.strikes + 1 }, gone);
  return next.state.strikes > STRIKES ? next : then(next, (s) => startMain(s, at, rules));
}

function startFailed(state: State, error: RunError, gone: Effect): Step {
  const settled = state.queue.map(
    (job): Effect => ({ type: "settle", job: job.id, verdict: { kind: "not-started", error } }),
  );
  const next: State = { ...state, main: null, queue: [], failure: error };
  return stay(next, gone, ...settled, { type: "opened", error });
}

/**
 * Owns the words of the watchdog's machine: what it knows, what can happen, what it can want, and how long it
 * waits for what. Time is whatever monotonic clock the caller reads, in milliseconds.
 */

/** Milliseconds on the caller's monotonic clock. */
export type Millis = number;

/** What the learner's settings say. */
export interface Rules {
  readonly enabled: boolean;
  /** How long after a run's own limit the cooperative stop in Python may take before we act. */
  readonly graceMs: Millis;
}

/** A traced run that has started and not yet ended. */
export interface Run {
  readonly run: string;
  /** The run's own limit. */
  readonly seconds: number;
  /** Whether an interrupt can reach it: true in a kernel that is a process, false in a web worker. */
  readonly interruptible: boolean;
  /** When the watchdog acts; Infinity where the learner wants it not to. */
  readonly deadline: Millis;
}

export type Phase =
  | { readonly kind: "watching" }
  | { readonly kind: "settling"; readonly until: Millis }
  | { readonly kind: "interrupting"; readonly until: Millis }
  | { readonly kind: "restarting"; readonly attempt: number; readonly until: Millis }
  | { readonly kind: "verifying"; readonly attempt: number; readonly until: Millis; readonly probe: number }
  | { readonly kind: "waiting"; readonly attempt: number; readonly until: Millis }
  | { readonly kind: "lost" };

/** Where a stop that the learner asked for has got to. `run`: the one meant; null for whatever runs. */
export type Stop =
  | { readonly kind: "none" }
  | { readonly kind: "cancelling"; readonly run: string | null; readonly until: Millis }
  /** It did not help; the learner is asked whether to restart. */
  | { readonly kind: "asking"; readonly run: string | null };

export interface State {
  readonly phase: Phase;
  readonly runs: readonly Run[];
  readonly stop: Stop;
  /** Whether the kernel says that it computes, for a traced run or anything else. */
  readonly busy: boolean;
  /** False while the connection to the kernel is down: an end might be told and not heard. */
  readonly linked: boolean;
  /** Probes sent so far, so that the failure of an old one is not taken for that of the current one. */
  readonly probes: number;
}

export interface RunStarted {
  readonly type: "run-start";
  readonly run: string;
  readonly seconds: number;
  readonly interruptible: boolean;
  /** Started from another page on the same kernel, whose watchdog goes first. */
  readonly foreign?: boolean;
}

export interface StopAsked {
  readonly type: "stop";
  /** The run meant, or null for whatever runs. */
  readonly run: string | null;
  /** Whether the kernel has been interrupted already, by the application's own button. */
  readonly sent: boolean;
  /** How long the program may take to stop before the learner is asked what to do. */
  readonly patienceMs: Millis;
}

export type Event =
  | RunStarted
  | { readonly type: "run-end"; readonly run: string }
  | { readonly type: "tick" }
  | StopAsked
  | { readonly type: "status"; readonly busy: boolean }
  /** The learner wants the restart that was offered. */
  | { readonly type: "restart-wanted" }
  /** The learner would rather wait. */
  | { readonly type: "wait-wanted" }
  /** Somebody (perhaps we) restarts the kernel. */
  | { readonly type: "restarting" }
  /** The request to restart was carried out; whether the new kernel works is not known yet. */
  | { readonly type: "restarted" }
  | { readonly type: "restart-failed" }
  /** The kernel did something only a working kernel does. */
  | { readonly type: "answered" }
  | { readonly type: "unanswered"; readonly probe: number }
  /** Python broke and will never answer, though its worker is there. */
  | { readonly type: "crashed" }
  | { readonly type: "died" }
  | { readonly type: "link"; readonly up: boolean };

/** Why a run will never end by itself. */
export type KillReason = "timeout" | "asked" | "crashed" | "restarted" | "died";

export interface Killed {
  readonly run: string;
  readonly seconds: number;
  readonly reason: KillReason;
}

/** Why we restart. `seconds`: the limit that has passed. */
export type Cause =
  | { readonly kind: "timeout"; readonly seconds: number }
  | { readonly kind: "asked" }
  | { readonly kind: "crashed" };

/** Something the learner should know. The words are notices.ts's. */
export type Notice =
  | { readonly kind: "interrupted"; readonly seconds: number }
  | { readonly kind: "ask" }
  | { readonly kind: "restarting"; readonly cause: Cause }
  | { readonly kind: "retrying"; readonly attempt: number; readonly of: number }
  | { readonly kind: "ready" }
  | { readonly kind: "lost" };

export type Effect =
  /** Make the program hear that it shall stop, by whatever way there is. */
  | { readonly type: "interrupt" }
  | { readonly type: "restart" }
  | { readonly type: "probe"; readonly probe: number }
  | { readonly type: "killed"; readonly runs: readonly Killed[] }
  | { readonly type: "notify"; readonly notice: Notice }
  /** The question has answered itself. */
  | { readonly type: "dismiss" };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const TIMING = Object.freeze({
  /** A restart begins at most this long after a run's limit. */
  restartWithinMs: 2_000,
  /** Kept free of that for the way from decision to restart. */
  marginMs: 300,
  /** What a kernel gets to react to an interrupt when there is hardly time left. */
  leastPatienceMs: 200,
  /** A tick this late means that the page slept; browsers delay a hidden page's timers by a second at most. */
  lateMs: 1_500,
  /** After sleep: time for an end that waits in the message queue to be heard. */
  settleMs: 250,
  /** A restart request that takes longer has failed. */
  restartMs: 30_000,
  /** A new kernel that says nothing for so long has failed (a cold start takes 5-20 s, on slow machines longer). */
  verifyMs: 90_000,
  /** How much longer than its own page's watchdog another page's waits. */
  foreignMs: 5_000,
  /** Pauses between attempts. */
  backOffMs: [1_000, 4_000] as readonly Millis[],
});

/** How often a restart is tried before the learner is asked to help. */
export const ATTEMPTS = TIMING.backOffMs.length + 1;

export const NO_STOP: Stop = Object.freeze({ kind: "none" });

export const INITIAL: State = Object.freeze({
  phase: Object.freeze({ kind: "watching" }),
  runs: Object.freeze([]),
  stop: NO_STOP,
  busy: false,
  linked: true,
  probes: 0,
});

/** Nothing changes, or only the state does. */
export function stay(state: State): Step {
  return { state, effects: [] };
}

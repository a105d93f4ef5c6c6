/**
 * Owns the decisions of the watchdog: when a traced run has outlived its limit, what to do about it, and
 * whether the kernel that follows is any good. Pure: events and the time go in, a new state and effects come
 * out. Time is whatever monotonic clock the caller reads, in milliseconds; nothing here waits.
 *
 * Only our own run-start message arms it, so a kernel that computes for an hour in an ordinary cell is never
 * touched. All thresholds compare timestamps: a late timer (a throttled background tab) delays, never misleads.
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

export interface State {
  readonly phase: Phase;
  readonly runs: readonly Run[];
  /** False while the connection to the kernel is down: an end might be told and not heard. */
  readonly linked: boolean;
  /** Probes sent so far, so that the failure of an old one is not taken for that of the current one. */
  readonly probes: number;
}

export type Event =
  | {
      readonly type: "run-start";
      readonly run: string;
      readonly seconds: number;
      readonly interruptible: boolean;
    }
  | { readonly type: "run-end"; readonly run: string }
  | { readonly type: "tick" }
  /** Somebody (perhaps we) restarts the kernel. */
  | { readonly type: "restarting" }
  /** The request to restart was carried out; whether the new kernel works is not known yet. */
  | { readonly type: "restarted" }
  | { readonly type: "restart-failed" }
  /** The kernel did something only a working kernel does. */
  | { readonly type: "answered" }
  | { readonly type: "unanswered"; readonly probe: number }
  | { readonly type: "died" }
  | { readonly type: "link"; readonly up: boolean };

/** Why a run will never end by itself. */
export type KillReason = "timeout" | "restarted" | "died";

export interface Killed {
  readonly run: string;
  readonly seconds: number;
  readonly reason: KillReason;
}

/** Something the learner should know. The words are notices.ts's. */
export type Notice =
  | { readonly kind: "interrupted"; readonly seconds: number }
  | { readonly kind: "restarting"; readonly seconds: number }
  | { readonly kind: "retrying"; readonly attempt: number; readonly of: number }
  | { readonly kind: "ready" }
  | { readonly kind: "lost" };

export type Effect =
  | { readonly type: "interrupt" }
  | { readonly type: "restart" }
  | { readonly type: "probe"; readonly probe: number }
  | { readonly type: "killed"; readonly runs: readonly Killed[] }
  | { readonly type: "notify"; readonly notice: Notice };

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
  /** Pauses between attempts. */
  backOffMs: [1_000, 4_000] as readonly Millis[],
});

/** How often a restart is tried before the learner is asked to help. */
export const ATTEMPTS = TIMING.backOffMs.length + 1;

export const INITIAL: State = Object.freeze({
  phase: Object.freeze({ kind: "watching" }),
  runs: Object.freeze([]),
  linked: true,
  probes: 0,
});

/** The next state and what is to be done, once `event` happened at time `at`. */
export function step(state: State, event: Event, at: Millis, rules: Rules): Step {
  switch (event.type) {
    case "run-start":
      return started(state, event, at, rules);
    case "run-end":
      return ended(state, event.run, at);
    case "tick":
      return ticked(state, at, rules);
    case "restarting":
      return restartSeen(state, at);
    case "restarted":
      return state.phase.kind === "restarting" ? verify(state, state.phase.attempt, at) : stay(state);
    case "restart-failed":
      return state.phase.kind === "restarting" ? failed(state, state.phase.attempt, at) : stay(state);
    case "answered":
      return isRecovering(state.phase) ? recovered(state) : stay(state);
    case "unanswered":
      return state.phase.kind === "verifying" && state.phase.probe === event.probe
        ? failed(state, state.phase.attempt, at)
        : stay(state);
    case "died":
      return died(state, at);
    case "link":
      return linkChanged(state, event.up, at, rules);
  }
}

/** When `step` wants a tick, or null when nothing is pending. */
export function wakeAt(state: State): Millis | null {
  switch (state.phase.kind) {
    case "watching":
      return state.linked && state.runs.length > 0 ? firstDeadline(state.runs) : null;
    case "lost":
      return null;
    default:
      return state.phase.until;
  }
}

function stay(state: State): Step {
  return { state, effects: [] };
}

function firstDeadline(runs: readonly Run[]): Millis {
  return Math.min(...runs.map((run) => run.deadline));
}

function overdue(state: State, at: Millis): readonly Run[] {
  return state.runs.filter((run) => run.deadline <= at);
}

/** Whether a sign of life is news: a restart is done, and the new kernel has not answered yet. */
function isRecovering(phase: Phase): boolean {
  return phase.kind === "verifying" || phase.kind === "waiting" || phase.kind === "lost";
}

function started(state: State, event: Extract<Event, { type: "run-start" }>, at: Millis, rules: Rules): Step {
  // What is heard during a restart was said by the old kernel: armed, it would kill the new one for nothing.
  if (!rules.enabled || state.phase.kind === "restarting") return stay(state);
  // A kernel that runs a program has answered.
  const before = isRecovering(state.phase) ? recovered(state) : stay(state);
  const run: Run = {
    run: event.run,
    seconds: event.seconds,
    interruptible: event.interruptible,
    deadline: at + event.seconds * 1000 + rules.graceMs,
  };
  const others = before.state.runs.filter((other) => other.run !== run.run);
  return { state: { ...before.state, runs: [...others, run] }, effects: before.effects };
}

function ended(state: State, id: string, at: Millis): Step {
  const found = state.runs.find((run) => run.run === id);
  if (!found) return stay(state);
  const next: State = { ...state, runs: state.runs.filter((run) => run !== found) };
  const acting = state.phase.kind === "interrupting" || state.phase.kind === "settling";
  if (!acting || overdue(next, at).length > 0) return stay(next);
  const effects: Effect[] =
    state.phase.kind === "interrupting"
      ? [{ type: "notify", notice: { kind: "interrupted", seconds: found.seconds } }]
      : [];
  return { state: { ...next, phase: { kind: "watching" } }, effects };
}

function ticked(state: State, at: Millis, rules: Rules): Step {
  const { phase } = state;
  if (phase.kind === "lost") return stay(state);
  if (phase.kind === "watching") return watched(state, at, rules);
  if (at < phase.until) return stay(state);
  switch (phase.kind) {
    case "settling":
      return overdue(state, at).length > 0 ? act(state, at, rules) : watching(state);
    case "interrupting":
      return overdue(state, at).length > 0 ? restart(state, at) : watching(state);
    case "restarting":
    case "verifying":
      return failed(state, phase.attempt, at);
    case "waiting":
      return {
        state: { ...state, phase: restartingPhase(phase.attempt + 1, at) },
        effects: [{ type: "restart" }],
      };
  }
}

function watched(state: State, at: Millis, rules: Rules): Step {
  const late = overdue(state, at);
  if (late.length === 0 || !state.linked) return stay(state);
  if (!rules.enabled) return stay({ ...state, runs: [] });
  if (at - firstDeadline(late) > TIMING.lateMs) {
    return stay({ ...state, phase: { kind: "settling", until: at + TIMING.settleMs } });
  }
  return act(state, at, rules);
}

function watching(state: State): Step {
  return stay({ ...state, phase: { kind: "watching" } });
}

function act(state: State, at: Millis, rules: Rules): Step {
  const late = overdue(state, at);
  if (!late.every((run) => run.interruptible)) return restart(state, at);
  const latest = firstDeadline(late) - rules.graceMs + TIMING.restartWithinMs - TIMING.marginMs;
  const until = Math.max(latest, at + TIMING.leastPatienceMs);
  return { state: { ...state, phase: { kind: "interrupting", until } }, effects: [{ type: "interrupt" }] };
}

function restartingPhase(attempt: number, at: Millis): Phase {
  return { kind: "restarting", attempt, until: at + TIMING.restartMs };
}

function restart(state: State, at: Millis): Step {
  const culprit = overdue(state, at)[0];
  return {
    state: { ...state, runs: [], phase: restartingPhase(1, at) },
    effects: [
      { type: "restart" },
      killed(state.runs, "timeout"),
      { type: "notify", notice: { kind: "restarting", seconds: culprit?.seconds ?? 0 } },
    ],
  };
}

function killed(runs: readonly Run[], reason: KillReason): Effect {
  return { type: "killed", runs: runs.map(({ run, seconds }) => ({ run, seconds, reason })) };
}

function verify(state: State, attempt: number, at: Millis): Step {
  const probe = state.probes + 1;
  return {
    state: {
      ...state,
      probes: probe,
      phase: { kind: "verifying", attempt, until: at + TIMING.verifyMs, probe },
    },
    effects: [{ type: "probe", probe }],
  };
}

function recovered(state: State): Step {
  return {
    state: { ...state, phase: { kind: "watching" } },
    effects: [{ type: "notify", notice: { kind: "ready" } }],
  };
}

function failed(state: State, attempt: number, at: Millis): Step {
  const pause = TIMING.backOffMs[attempt - 1];
  if (pause === undefined) {
    return {
      state: { ...state, phase: { kind: "lost" } },
      effects: [{ type: "notify", notice: { kind: "lost" } }],
    };
  }
  return {
    state: { ...state, phase: { kind: "waiting", attempt, until: at + pause } },
    effects: [{ type: "notify", notice: { kind: "retrying", attempt: attempt + 1, of: ATTEMPTS } }],
  };
}

function restartSeen(state: State, at: Millis): Step {
  const { phase } = state;
  switch (phase.kind) {
    case "restarting":
      return stay(state);
    // The learner restarts by hand while we recover: their restart takes the place of ours.
    case "verifying":
    case "waiting":
      return stay({ ...state, phase: restartingPhase(phase.attempt, at) });
    case "lost":
      return stay({ ...state, phase: restartingPhase(1, at) });
    default:
      return dropped(state, "restarted");
  }
}

function died(state: State, at: Millis): Step {
  const { phase } = state;
  switch (phase.kind) {
    case "verifying":
      return failed(state, phase.attempt, at);
    case "restarting":
    case "waiting":
    case "lost":
      return stay(state);
    default:
      return dropped(state, "died");
  }
}

function dropped(state: State, reason: KillReason): Step {
  const effects = state.runs.length > 0 ? [killed(state.runs, reason)] : [];
  return { state: { ...state, runs: [], phase: { kind: "watching" } }, effects };
}

function linkChanged(state: State, up: boolean, at: Millis, rules: Rules): Step {
  if (up === state.linked) return stay(state);
  if (!up) return stay({ ...state, linked: false });
  // What was said while we could not hear is delivered now: give it the time of the grace to arrive.
  const runs = state.runs.map((run) => ({ ...run, deadline: Math.max(run.deadline, at + rules.graceMs) }));
  return stay({ ...state, linked: true, runs });
}

/**
 * Owns the decisions of the watchdog: when a traced run has outlived its limit, what to do about it, and
 * whether the kernel that follows is any good. Pure: events and the time go in, a new state and effects come
 * out; nothing here waits. What a restart takes is in recovery.ts, a stop by the learner in stop.ts.
 *
 * Only our own run-start message arms it, so a kernel that computes for an hour in an ordinary cell is never
 * touched. All thresholds compare timestamps: a late timer (a throttled background tab) delays, never misleads.
 */

import {
  crashed,
  died,
  failed,
  isRecovering,
  recovered,
  restart,
  restartAgain,
  restartSeen,
  restartWanted,
  verify,
} from "./recovery";
import {
  type Effect,
  type Event,
  type Millis,
  type Rules,
  type Run,
  type RunStarted,
  type State,
  type Step,
  stay,
  TIMING,
} from "./state";
import { stopAsked, stopSettled, stopTicked, withdrawn } from "./stop";

/** The next state and what is to be done, once `event` happened at time `at`. */
export function step(state: State, event: Event, at: Millis, rules: Rules): Step {
  switch (event.type) {
    case "run-start":
      return started(state, event, at, rules);
    case "run-end":
      return then(ended(state, event.run, at), stopSettled);
    case "tick":
      return then(ticked(state, at, rules), (next) => stopTicked(next, at));
    case "stop":
      return stopAsked(state, event, at);
    case "status":
      return statusChanged(state, event.busy);
    case "restart-wanted":
      return restartWanted(state, at);
    case "wait-wanted":
      return withdrawn(state);
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
    case "crashed":
      return crashed(state, at);
    case "died":
      return died(state, at);
    case "link":
      return linkChanged(state, event.up, at, rules);
  }
}

/** When `step` wants a tick, or null when nothing is pending. */
export function wakeAt(state: State): Millis | null {
  const stop = state.stop.kind === "cancelling" ? state.stop.until : Number.POSITIVE_INFINITY;
  const at = Math.min(stop, phaseWakesAt(state));
  return at === Number.POSITIVE_INFINITY ? null : at;
}

function phaseWakesAt(state: State): Millis {
  switch (state.phase.kind) {
    case "watching":
      return state.linked ? firstDeadline(state.runs) : Number.POSITIVE_INFINITY;
    case "lost":
      return Number.POSITIVE_INFINITY;
    default:
      return state.phase.until;
  }
}

/** One step after another, with the effects of both. */
function then(first: Step, next: (state: State) => Step): Step {
  const second = next(first.state);
  return { state: second.state, effects: [...first.effects, ...second.effects] };
}

/** Infinity when there is none. */
function firstDeadline(runs: readonly Run[]): Millis {
  return Math.min(...runs.map((run) => run.deadline));
}

function overdue(state: State, at: Millis): readonly Run[] {
  return state.runs.filter((run) => run.deadline <= at);
}

function started(state: State, event: RunStarted, at: Millis, rules: Rules): Step {
  // What is heard during a restart was said by the old kernel: armed, it would kill the new one for nothing.
  if (state.phase.kind === "restarting") return stay(state);
  // A kernel that runs a program has answered.
  const before = isRecovering(state.phase) ? recovered(state) : stay(state);
  const allowed = event.seconds * 1000 + rules.graceMs + (event.foreign ? TIMING.foreignMs : 0);
  const run: Run = {
    run: event.run,
    seconds: event.seconds,
    interruptible: event.interruptible,
    deadline: rules.enabled ? at + allowed : Number.POSITIVE_INFINITY,
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

function statusChanged(state: State, busy: boolean): Step {
  return busy === state.busy ? stay(state) : stopSettled({ ...state, busy });
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
      return overdue(state, at).length > 0 ? outlived(state, at) : watching(state);
    case "restarting":
    case "verifying":
      return failed(state, phase.attempt, at);
    case "waiting":
      return restartAgain(state, phase.attempt + 1, at);
  }
}

function watched(state: State, at: Millis, rules: Rules): Step {
  const late = overdue(state, at);
  if (late.length === 0 || !state.linked) return stay(state);
  if (!rules.enabled) return stay({ ...state, runs: state.runs.map(unlimited) });
  if (at - firstDeadline(late) > TIMING.lateMs) {
    return stay({ ...state, phase: { kind: "settling", until: at + TIMING.settleMs } });
  }
  return act(state, at, rules);
}

function unlimited(run: Run): Run {
  return { ...run, deadline: Number.POSITIVE_INFINITY };
}

function watching(state: State): Step {
  return stay({ ...state, phase: { kind: "watching" } });
}

function act(state: State, at: Millis, rules: Rules): Step {
  const late = overdue(state, at);
  if (!late.every((run) => run.interruptible)) return outlived(state, at);
  const latest = firstDeadline(late) - rules.graceMs + TIMING.restartWithinMs - TIMING.marginMs;
  const until = Math.max(latest, at + TIMING.leastPatienceMs);
  return { state: { ...state, phase: { kind: "interrupting", until } }, effects: [{ type: "interrupt" }] };
}

function outlived(state: State, at: Millis): Step {
  return restart(state, at, { kind: "timeout", seconds: overdue(state, at)[0]?.seconds ?? 0 });
}

function linkChanged(state: State, up: boolean, at: Millis, rules: Rules): Step {
  if (up === state.linked) return stay(state);
  if (!up) return stay({ ...state, linked: false });
  // What was said while we could not hear is delivered now: give it the time of the grace to arrive.
  const runs = state.runs.map((run) => ({ ...run, deadline: Math.max(run.deadline, at + rules.graceMs) }));
  return stay({ ...state, linked: true, runs });
}

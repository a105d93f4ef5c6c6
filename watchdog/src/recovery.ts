/**
 * Owns the way back: restart the kernel, ask whether it answers, try again with pauses, tell the learner. Pure,
 * a part of machine.ts.
 */

import {
  ATTEMPTS,
  type Cause,
  type Effect,
  type KillReason,
  type Millis,
  NO_STOP,
  type Phase,
  type Run,
  type State,
  type Step,
  stay,
  TIMING,
} from "./state";

/** Whether a sign of life is news: a restart is done, and the new kernel has not answered yet. */
export function isRecovering(phase: Phase): boolean {
  return phase.kind === "verifying" || phase.kind === "waiting" || phase.kind === "lost";
}

/** Whether the kernel is ours to restart or interrupt: nobody is doing so already. */
export function isAtWork(phase: Phase): boolean {
  return phase.kind !== "restarting" && !isRecovering(phase);
}

/** Begins to restart. */
export function restart(state: State, at: Millis, cause: Cause): Step {
  return {
    state: { ...forget(state), phase: restartingPhase(1, at) },
    // The restart last: the others look at what runs.
    effects: [
      killed(state.runs, cause.kind),
      { type: "notify", notice: { kind: "restarting", cause } },
      { type: "restart" },
    ],
  };
}

function restartingPhase(attempt: number, at: Millis): Phase {
  return { kind: "restarting", attempt, until: at + TIMING.restartMs };
}

function killed(runs: readonly Run[], reason: KillReason): Effect {
  return { type: "killed", runs: runs.map(({ run, seconds }) => ({ run, seconds, reason })) };
}

/** Whatever ran runs no more. */
function forget(state: State): State {
  return { ...state, runs: [], stop: NO_STOP, busy: false };
}

/** The next attempt, its pause being over. */
export function restartAgain(state: State, attempt: number, at: Millis): Step {
  return { state: { ...state, phase: restartingPhase(attempt, at) }, effects: [{ type: "restart" }] };
}

/** The kernel was restarted: does it answer? */
export function verify(state: State, attempt: number, at: Millis): Step {
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

export function recovered(state: State): Step {
  return {
    state: { ...state, phase: { kind: "watching" } },
    effects: [{ type: "notify", notice: { kind: "ready" } }],
  };
}

/** An attempt failed: pause and try again, or give up. */
export function failed(state: State, attempt: number, at: Millis): Step {
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

/** Somebody restarts the kernel: we, or the learner by hand, whose restart takes the place of ours. */
export function restartSeen(state: State, at: Millis): Step {
  const { phase } = state;
  switch (phase.kind) {
    case "restarting":
      return stay(state);
    case "verifying":
    case "waiting":
      return stay({ ...state, phase: restartingPhase(phase.attempt, at) });
    case "lost":
      return stay({ ...state, phase: restartingPhase(1, at) });
    default:
      return dropped(state, "restarted");
  }
}

/** The kernel is gone. */
export function died(state: State, at: Millis): Step {
  const { phase } = state;
  if (phase.kind === "verifying") return failed(state, phase.attempt, at);
  return isAtWork(phase) ? dropped(state, "died") : stay(state);
}

/** Python broke: its kernel looks alive and will answer nothing any more. */
export function crashed(state: State, at: Millis): Step {
  const { phase } = state;
  if (phase.kind === "verifying") return failed(state, phase.attempt, at);
  return isAtWork(phase) ? restart(state, at, { kind: "crashed" }) : stay(state);
}

/** The learner asks for a restart that was offered: of a kernel that does not stop, or one that was given up. */
export function restartWanted(state: State, at: Millis): Step {
  const offered = state.phase.kind === "lost" || (isAtWork(state.phase) && state.stop.kind === "asking");
  return offered ? restart(state, at, { kind: "asked" }) : stay(state);
}

function dropped(state: State, reason: KillReason): Step {
  const effects: Effect[] = state.runs.length > 0 ? [killed(state.runs, reason)] : [];
  if (state.stop.kind === "asking") effects.push({ type: "dismiss" });
  return { state: { ...forget(state), phase: { kind: "watching" } }, effects };
}

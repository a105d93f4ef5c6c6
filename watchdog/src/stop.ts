/**
 * Owns what becomes of a stop that the learner asks for: the program is told, gets a moment, and if that does not
 * help the learner is asked once whether Python shall be restarted. Pure, a part of machine.ts.
 */

import { isAtWork } from "./recovery";
import { type Millis, NO_STOP, type State, type Step, type Stop, type StopAsked, stay } from "./state";

/** The learner asked for a stop. */
export function stopAsked(state: State, event: StopAsked, at: Millis): Step {
  if (!isAtWork(state.phase) || !runs(state, event.run)) return stay(state);
  // Asked again: the question comes back, in case it was closed.
  if (state.stop.kind === "asking") {
    return { state, effects: [{ type: "notify", notice: { kind: "ask" } }] };
  }
  const stop: Stop =
    state.stop.kind === "cancelling"
      ? state.stop
      : { kind: "cancelling", run: event.run, until: at + event.patienceMs };
  return { state: { ...state, stop }, effects: event.sent ? [] : [{ type: "interrupt" }] };
}

/** Time passed: did it stop? */
export function stopTicked(state: State, at: Millis): Step {
  const { stop } = state;
  if (stop.kind !== "cancelling" || at < stop.until) return stay(state);
  if (!isAtWork(state.phase) || !runs(state, stop.run)) return stay({ ...state, stop: NO_STOP });
  return {
    state: { ...state, stop: { kind: "asking", run: stop.run } },
    effects: [{ type: "notify", notice: { kind: "ask" } }],
  };
}

/** Something ended, or the learner would rather wait: is the stop settled? */
export function stopSettled(state: State): Step {
  const { stop } = state;
  if (stop.kind === "none" || runs(state, stop.run)) return stay(state);
  return withdrawn(state);
}

/** There is no stop any more. */
export function withdrawn(state: State): Step {
  return {
    state: { ...state, stop: NO_STOP },
    effects: state.stop.kind === "asking" ? [{ type: "dismiss" }] : [],
  };
}

/** Whether what should stop still runs. */
function runs(state: State, run: string | null): boolean {
  return run === null ? state.busy || state.runs.length > 0 : state.runs.some((each) => each.run === run);
}

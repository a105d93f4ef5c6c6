/** What becomes of a stop that the learner asks for: events with their times in, effects out. */

import { describe, expect, it } from "vitest";
import { step, wakeAt } from "../src/machine";
import { type Event, INITIAL, NO_STOP, type State } from "../src/state";

const RULES = { enabled: true, graceMs: 1_000 };

function play(...events: readonly [number, Event][]): { state: State; said: string[][] } {
  let state = INITIAL;
  const said = events.map(([at, event]) => {
    const next = step(state, event, at, RULES);
    state = next.state;
    return next.effects.map((effect) => (effect.type === "notify" ? effect.notice.kind : effect.type));
  });
  return { state, said };
}

const start: Event = { type: "run-start", run: "a", seconds: 30, interruptible: false };
const end: Event = { type: "run-end", run: "a" };
const busy: Event = { type: "status", busy: true };
const idle: Event = { type: "status", busy: false };
const tick: Event = { type: "tick" };
const stop = (run: string | null = null, sent = false): Event => ({
  type: "stop",
  run,
  sent,
  patienceMs: 1_000,
});

describe("a stop of a traced run", () => {
  it("that works says nothing: the viewer does", () => {
    const { state, said } = play(
      [0, busy],
      [1, start],
      [500, stop("a")],
      [600, end],
      [601, idle],
      [1_500, tick],
    );
    expect(said).toEqual([[], [], ["interrupt"], [], [], []]);
    expect(state).toEqual(INITIAL);
  });

  it("is settled by the run's end, though the cell goes on", () => {
    const { state } = play([0, busy], [1, start], [500, stop("a")], [600, end]);
    expect(state.stop).toEqual(NO_STOP);
  });

  it("is asked for again while it is tried", () => {
    const { said, state } = play([0, start], [500, stop("a")], [900, stop("a")]);
    expect(said.slice(1)).toEqual([["interrupt"], ["interrupt"]]);
    expect(wakeAt(state)).toBe(1_500);
  });

  it("that does not work asks once, and not before", () => {
    const { said } = play([0, start], [500, stop("a")], [1_499, tick], [1_500, tick], [3_000, tick]);
    expect(said.slice(2)).toEqual([[], ["ask"], []]);
  });

  it("of an unknown run is nobody's", () => {
    expect(play([0, busy], [1, stop("b")]).said[1]).toEqual([]);
  });
});

describe("a stop of whatever runs", () => {
  it("waits for the kernel to be idle", () => {
    const { said, state } = play(
      [0, busy],
      [1, start],
      [500, stop()],
      [600, end],
      [1_500, tick],
      [1_700, idle],
    );
    expect(said.slice(2)).toEqual([["interrupt"], [], ["ask"], ["dismiss"]]);
    expect(state).toEqual(INITIAL);
  });

  it("is not repeated to a kernel that the button has interrupted", () => {
    expect(play([0, busy], [1, stop(null, true)]).said[1]).toEqual([]);
  });

  it("of an idle kernel is nothing", () => {
    expect(play([0, stop()]).said[0]).toEqual([]);
  });
});

describe("the question", () => {
  const ASKED: [number, Event][] = [
    [0, busy],
    [500, stop()],
    [1_500, tick],
  ];

  it("answered with yes restarts, once", () => {
    const { said, state } = play(
      ...ASKED,
      [4_000, { type: "restart-wanted" }],
      [4_001, { type: "restart-wanted" }],
    );
    expect(said.slice(3)).toEqual([["killed", "restarting", "restart"], []]);
    expect(state.phase.kind).toBe("restarting");
    expect(state.stop).toEqual(NO_STOP);
  });

  it("answered with no lets the code go on", () => {
    const { said, state } = play(...ASKED, [4_000, { type: "wait-wanted" }], [60_000, tick]);
    expect(said.slice(3)).toEqual([["dismiss"], []]);
    expect(state.phase.kind).toBe("watching");
  });

  it("comes back when the learner stops again", () => {
    expect(play(...ASKED, [4_000, stop()]).said.at(-1)).toEqual(["ask"]);
  });

  it("answered after the code has ended does nothing", () => {
    const { said } = play(...ASKED, [3_000, idle], [4_000, { type: "restart-wanted" }]);
    expect(said.slice(3)).toEqual([["dismiss"], []]);
  });

  it("is withdrawn when the kernel is restarted by hand, or dies", () => {
    for (const type of ["restarting", "died"] as const) {
      expect(play(...ASKED, [3_000, { type }]).said.at(-1)).toEqual(["dismiss"]);
    }
  });

  it("does not keep the watchdog from its work", () => {
    const { said } = play([0, busy], [1, start], [500, stop("a")], [1_500, tick], [31_001, tick]);
    expect(said.at(-1)).toEqual(["killed", "restarting", "restart"]);
  });

  it("after a restart nobody is left to ask", () => {
    const { said } = play(...ASKED, [3_000, { type: "restart-wanted" }], [3_001, stop()]);
    expect(said.at(-1)).toEqual([]);
  });
});

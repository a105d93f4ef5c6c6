/** The machine's decisions, one story each: events with their times in, effects and the next waking time out. */

import { describe, expect, it } from "vitest";
import { step, wakeAt } from "../src/machine";
import { ATTEMPTS, type Event, INITIAL, type Rules, type State, TIMING } from "../src/state";

const RULES: Rules = { enabled: true, graceMs: 1000 };

/** Plays a story from the beginning; gives the last state and each step's effects as short words. */
function play(events: readonly [number, Event][], rules = RULES): { state: State; said: string[][] } {
  let state = INITIAL;
  const said = events.map(([at, event]) => {
    const result = step(state, event, at, rules);
    state = result.state;
    return result.effects.map((effect) => {
      if (effect.type === "notify") return `notify ${effect.notice.kind}`;
      if (effect.type === "killed")
        return `killed ${effect.runs.map((r) => `${r.run}:${r.reason}`).join(" ")}`;
      return effect.type;
    });
  });
  return { state, said };
}

const start = (run: string, seconds: number, interruptible = false): Event => ({
  type: "run-start",
  run,
  seconds,
  interruptible,
});
const end = (run: string): Event => ({ type: "run-end", run });
const tick: Event = { type: "tick" };
const KILL_A = ["killed a:timeout", "notify restarting", "restart"];

/** A run that hung: its restart has begun at 4,000 ms. */
const HUNG: [number, Event][] = [
  [0, start("a", 3)],
  [4_000, tick],
];

describe("a kernel without a traced run", () => {
  it("wants no tick and ignores one", () => {
    expect(wakeAt(INITIAL)).toBeNull();
    expect(step(INITIAL, tick, 3_600_000, RULES)).toEqual({ state: INITIAL, effects: [] });
  });

  it.each<Event>([
    end("never started"),
    { type: "restarting" },
    { type: "restarted" },
    { type: "restart-failed" },
    { type: "answered" },
    { type: "unanswered", probe: 0 },
    { type: "died" },
    { type: "link", up: true },
    { type: "stop", run: null, sent: false, patienceMs: 1_000 },
    { type: "stop", run: "a", sent: false, patienceMs: 1_000 },
    { type: "status", busy: false },
    { type: "restart-wanted" },
    { type: "wait-wanted" },
  ])("does nothing on $type", (event) => {
    expect(step(INITIAL, event, 5, RULES)).toEqual({ state: INITIAL, effects: [] });
  });
});

describe("a traced run", () => {
  it("is left alone until its limit and the grace have passed", () => {
    const { state, said } = play([
      [500, start("a", 3)],
      [4_499, tick],
    ]);
    expect(said).toEqual([[], []]);
    expect(wakeAt(state)).toBe(4_500);
  });

  it("is forgotten when it ends in time", () => {
    const { state, said } = play([
      [0, start("a", 3)],
      [3_900, end("a")],
      [4_000, tick],
    ]);
    expect(said.flat()).toEqual([]);
    expect(state).toEqual(INITIAL);
  });

  it("that outlives both has its kernel restarted, once", () => {
    const { said } = play([...HUNG, [4_001, tick], [9_000, tick]]);
    expect(said).toEqual([[], KILL_A, [], []]);
  });

  it("counts from its last announcement", () => {
    const { state } = play([
      [0, start("a", 3)],
      [2_000, start("a", 3)],
    ]);
    expect(state.runs).toHaveLength(1);
    expect(wakeAt(state)).toBe(6_000);
  });

  it("has no deadline when the learner has switched the watchdog off", () => {
    const { state } = play([[0, start("a", 3)]], { ...RULES, enabled: false });
    expect(wakeAt(state)).toBeNull();
    expect(state.runs).toHaveLength(1);
  });

  it("armed before the learner switched it off is let go", () => {
    const armed = play([[0, start("a", 3)]]).state;
    const after = step(armed, tick, 4_000, { ...RULES, enabled: false });
    expect(after.effects).toEqual([]);
    expect(wakeAt(after.state)).toBeNull();
  });
});

describe("a run that another page started", () => {
  it("is that page's to restart, and ours when it does not", () => {
    const { said, state } = play([
      [0, { ...start("a", 3), foreign: true } as Event],
      [4_000, tick],
      [4_000 + TIMING.foreignMs, tick],
    ]);
    expect(said).toEqual([[], [], KILL_A]);
    expect(state.runs).toEqual([]);
  });
});

describe("a Python that broke", () => {
  it("is restarted at once, traced run or not", () => {
    expect(play([[0, { type: "crashed" }]]).said).toEqual([["killed ", "notify restarting", "restart"]]);
    const { said } = play([
      [0, start("a", 3)],
      [100, { type: "crashed" }],
      [120, { type: "crashed" }],
    ]);
    expect(said.slice(1)).toEqual([["killed a:crashed", "notify restarting", "restart"], []]);
  });

  it("again while it is verified is a failed attempt", () => {
    const { said } = play([...HUNG, [4_100, { type: "restarted" }], [4_200, { type: "crashed" }]]);
    expect(said.at(-1)).toEqual(["notify retrying"]);
  });
});

describe("several runs", () => {
  it("the earliest deadline counts", () => {
    const { state } = play([
      [0, start("outer", 10)],
      [100, start("inner", 2)],
    ]);
    expect(wakeAt(state)).toBe(3_100);
  });

  it("the end of the inner one leaves the outer one armed", () => {
    const { state, said } = play([
      [0, start("outer", 10)],
      [100, start("inner", 2)],
      [200, end("inner")],
      [3_100, tick],
    ]);
    expect(said.flat()).toEqual([]);
    expect(wakeAt(state)).toBe(11_000);
  });

  it("all are killed by one restart", () => {
    const { said } = play([
      [0, start("outer", 10)],
      [0, start("inner", 2)],
      [3_000, tick],
    ]);
    expect(said[2]).toEqual(["killed outer:timeout inner:timeout", "notify restarting", "restart"]);
  });
});

describe("a kernel that can be interrupted", () => {
  it("is interrupted first, and restarted before two seconds are over", () => {
    const { state, said } = play([
      [0, start("a", 3, true)],
      [4_000, tick],
    ]);
    expect(said[1]).toEqual(["interrupt"]);
    const until = wakeAt(state) ?? Number.NaN;
    expect(until).toBeLessThan(5_000);
    expect(step(state, tick, until - 1, RULES).effects).toEqual([]);
    expect(step(state, tick, until, RULES).effects).toContainEqual({ type: "restart" });
  });

  it("keeps its variables when the interrupt ends the run", () => {
    const { state, said } = play([
      [0, start("a", 3, true)],
      [4_000, tick],
      [4_200, end("a")],
    ]);
    expect(said[2]).toEqual(["notify interrupted"]);
    expect(state).toEqual(INITIAL);
  });

  it("is restarted when the interrupt ends only one of two late runs", () => {
    const { said } = play([
      [0, start("a", 3, true)],
      [0, start("b", 3, true)],
      [4_000, tick],
      [4_200, end("b")],
      [4_900, tick],
    ]);
    expect(said.slice(2)).toEqual([["interrupt"], [], KILL_A]);
  });

  it("still gets a moment when the grace has used up the time", () => {
    const { state } = play(
      [
        [0, start("a", 3, true)],
        [4_900, tick],
      ],
      { enabled: true, graceMs: 1_900 },
    );
    expect(wakeAt(state)).toBe(4_900 + TIMING.leastPatienceMs);
  });
});

describe("a page that slept", () => {
  const late = 4_000 + TIMING.lateMs + 1;

  it("first hears what was said meanwhile", () => {
    const { state, said } = play([
      [0, start("a", 3)],
      [late, tick],
      [late + 1, end("a")],
    ]);
    expect(said.flat()).toEqual([]);
    expect(state).toEqual(INITIAL);
  });

  it("then restarts when nothing was", () => {
    const { said } = play([
      [0, start("a", 3)],
      [late, tick],
      [late + TIMING.settleMs, tick],
    ]);
    expect(said).toEqual([[], [], KILL_A]);
  });

  it("takes a second's delay, as hidden tabs have it, for no sleep", () => {
    expect(
      play([
        [0, start("a", 3)],
        [5_000, tick],
      ]).said[1],
    ).toEqual(KILL_A);
  });
});

describe("a lost connection", () => {
  it("holds the decision until what was said can be heard", () => {
    const { state, said } = play([
      [0, start("a", 3)],
      [1_000, { type: "link", up: false }],
      [4_000, tick],
      [60_000, { type: "link", up: true }],
    ]);
    expect(said.flat()).toEqual([]);
    expect(wakeAt(state)).toBe(61_000);
  });
});

describe("a restart by somebody else", () => {
  it("disarms, and says which runs will never end", () => {
    const { state, said } = play([
      [0, start("a", 3)],
      [1_000, { type: "restarting" }],
      [4_000, tick],
    ]);
    expect(said).toEqual([[], ["killed a:restarted"], []]);
    expect(state).toEqual(INITIAL);
  });

  it("a kernel's death does the same", () => {
    const { said } = play([
      [0, start("a", 3)],
      [1_000, { type: "died" }],
    ]);
    expect(said[1]).toEqual(["killed a:died"]);
  });

  it("takes the place of ours while we verify", () => {
    const { state, said } = play([
      ...HUNG,
      [4_100, { type: "restarted" }],
      [5_000, { type: "restarting" }],
      [5_000, { type: "unanswered", probe: 1 }],
      [5_100, { type: "restarted" }],
    ]);
    expect(said.slice(2)).toEqual([["probe"], [], [], ["probe"]]);
    expect(state.phase).toMatchObject({ kind: "verifying", attempt: 1, probe: 2 });
  });
});

describe("after a restart", () => {
  it("the new kernel must answer before it is called ready", () => {
    const { state, said } = play([
      ...HUNG,
      [4_010, { type: "restarting" }],
      [4_100, { type: "restarted" }],
      [4_100, { type: "restarted" }],
      [9_000, { type: "answered" }],
      [9_001, { type: "answered" }],
    ]);
    expect(said.slice(2)).toEqual([[], ["probe"], [], ["notify ready"], []]);
    expect(state.phase.kind).toBe("watching");
  });

  it("a run heard while the old kernel dies is not armed", () => {
    const { state } = play([...HUNG, [4_010, start("ghost", 0)]]);
    expect(state.runs).toEqual([]);
  });

  it("a run in the new kernel is an answer, and is armed", () => {
    const { state, said } = play([...HUNG, [4_100, { type: "restarted" }], [8_000, start("b", 3)]]);
    expect(said.at(-1)).toEqual(["notify ready"]);
    expect(wakeAt(state)).toBe(12_000);
  });

  it("the failure of an old probe is not that of the current one", () => {
    const { state } = play([
      ...HUNG,
      [4_100, { type: "restarted" }],
      [4_200, { type: "unanswered", probe: 0 }],
    ]);
    expect(state.phase.kind).toBe("verifying");
  });

  it.each<[string, Event[]]>([
    ["the request fails", [{ type: "restart-failed" }]],
    ["the request is never answered", [tick]],
    ["the probe fails", [{ type: "restarted" }, { type: "unanswered", probe: 1 }]],
    ["the probe is never answered", [{ type: "restarted" }, tick]],
    ["the new kernel dies", [{ type: "restarted" }, { type: "died" }]],
  ])("it is tried again, later, when %s", (_, events) => {
    let { state } = play(HUNG);
    let at = 4_000;
    let effects: readonly { type: string }[] = [];
    for (const event of events) {
      if (event.type === "tick") at = wakeAt(state) ?? Number.NaN;
      ({ state, effects } = step(state, event, at, RULES));
    }
    expect(effects).toEqual([{ type: "notify", notice: { kind: "retrying", attempt: 2, of: ATTEMPTS } }]);
    expect(wakeAt(state)).toBe(at + (TIMING.backOffMs[0] ?? Number.NaN));
    expect(step(state, tick, wakeAt(state) ?? 0, RULES).effects).toEqual([{ type: "restart" }]);
  });

  it("gives up after the last attempt and says so, and a sign of life still counts", () => {
    let { state } = play(HUNG);
    const said: string[] = [];
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      for (const event of [{ type: "restart-failed" }, tick] as const) {
        const at = event.type === "tick" ? (wakeAt(state) ?? 1e9) : 1e6 * attempt;
        const result = step(state, event, at, RULES);
        state = result.state;
        said.push(
          ...result.effects.map((effect) => (effect.type === "notify" ? effect.notice.kind : effect.type)),
        );
      }
    }
    expect(said).toEqual(["retrying", "restart", "retrying", "restart", "lost"]);
    expect(wakeAt(state)).toBeNull();
    expect(step(state, { type: "answered" }, 1e9, RULES).effects).toEqual([
      { type: "notify", notice: { kind: "ready" } },
    ]);
    expect(step(state, { type: "restarting" }, 1e9, RULES).state.phase).toMatchObject({ kind: "restarting" });
  });
});

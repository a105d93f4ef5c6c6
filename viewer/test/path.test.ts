/** What docs/trace-format.md says of paths, steps and sources, each in a trace made by hand for it. */

import { describe, expect, it } from "vitest";
import { TraceLog } from "../src/log";
import type { Happening } from "../src/replay";
import type { State } from "../src/state";
import { type Snapshot, Timeline } from "../src/timeline";
import {
  FALSE,
  isRef,
  isSmallInt,
  NONE,
  NOT_RECORDED,
  NOTHING,
  refId,
  TRUE,
  type Value,
} from "../src/values";
import {
  type BodyParts,
  body,
  booleans,
  chunk,
  doubles,
  int,
  integers,
  large,
  none,
  nothing,
  ref,
  run,
} from "./encode";

const NAMES = ["a", "i", "x", "t", "s", "next", "value", "append", "g"];
const [A, I, X, T, S, NEXT, VALUE] = NAMES.keys() as unknown as number[] as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const UNITS = [
  ["module", "<module>", -1, 1, -1],
  ["function", "f", -1, 1, 0],
  ["function", "gen", -1, 1, 0],
  ["lambda", "<lambda>", -1, 1, 0],
  ["function", "outer", -1, 1, 0],
];
const TYPES = [
  ["list", "list", [], []],
  ["dict", "dict", [], []],
  ["object", "Node", [], ["computed"]],
  ["object", "Odd", ["__setattr__", "__setitem__", "__getitem__"], []],
  ["tuple", "tuple", [], []],
  ["set", "set", [], []],
  ["frozenset", "frozenset", [], []],
  ["dict", "defaultdict", [], []],
];
const [LIST, DICT, NODE, ODD, TUPLE, SET, FROZEN, DEFAULTS] = TYPES.keys() as unknown as number[] as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
/** The module's frame with variables. */
const frames = (...vars: number[]) => [1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 0, vars.length / 2, ...vars];

/** Sites are made as they are asked for: `at("get")` gives an id. */
class Sites {
  readonly rows: unknown[] = [];

  at(event: string, detail: object = {}, line = 1, unit = 0): number {
    return this.rows.push([event, unit, line, 0, line, 1, detail]) - 1;
  }
}

interface Made extends BodyParts {
  steps: number;
  keyframe?: boolean;
  meta?: object;
}

/** A log of these chunks; the tables come with the first. */
function logOf(sites: Sites, blocks: unknown[], ...chunks: Made[]): TraceLog {
  const tables = { names: NAMES, units: UNITS, types: TYPES, sites: sites.rows, blocks };
  const log = new TraceLog();
  let firstStep = 0;
  chunks.forEach(({ steps, keyframe, meta, ...parts }, index) => {
    const whole = { ...(index === 0 ? tables : {}), ...meta };
    const more = keyframe === undefined ? {} : { keyframe };
    const frame = index === 0 || keyframe ? { frames: frames() } : { frames: [] };
    const bytes = chunk({
      index,
      firstStep,
      steps,
      meta: whole,
      body: body({ ...frame, ...parts }),
      ...more,
    });
    log.append(index, [bytes]);
    firstStep += steps;
  });
  expect(log.problem.value).toBeNull();
  return log;
}

function plain(value: Value | null | undefined, state?: State): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== "number") return value.kind === "str" ? value.text : `${value.kind} ${value.text}`;
  if (isSmallInt(value)) return value >> 2;
  if (isRef(value)) return state ? contents(state, refId(value)) : `#${refId(value)}`;
  if (value === NONE) return null;
  if (value === TRUE || value === FALSE) return value === TRUE;
  return value === NOTHING ? "nothing" : value === NOT_RECORDED ? "not recorded" : "?";
}

function contents(state: State, id: number): unknown {
  const object = state.lookup(id);
  if (!object) return undefined;
  if (object.kind === "list" || object.kind === "tuple") return object.items.map((v) => plain(v));
  return [...object.entries.values()].map(([k, v]) => (k === v ? plain(k) : [plain(k), plain(v)]));
}

const vars = (state: State, frame = 0) =>
  Object.fromEntries([...(state.stack[frame]?.vars ?? [])].map(([name, v]) => [name, plain(v, state)]));

const told = (happenings: readonly Happening[]) => happenings.map(({ event }) => event);

/** All snapshots, forwards, checked against another reader's backwards. */
async function walk(log: TraceLog): Promise<Snapshot[]> {
  const timeline = new Timeline(log);
  const other = new Timeline(log, 1);
  const all: Snapshot[] = [];
  for (let step = 0; step <= timeline.last; step++) all.push(await timeline.load(step, "operation"));
  for (let step = timeline.last; step >= 0; step--) {
    const again = await other.load(step, "operation");
    const shape = ({ state, happenings }: Snapshot) => ({
      stack: state.stack.map(({ id, unit, line, status, vars: v }) => [id, unit, line, status, [...v]]),
      suspended: state.suspended.map(({ id, vars: v }) => [id, [...v]]),
      told: told(happenings),
      annotations: state.annotations,
    });
    expect(shape(again)).toEqual(shape(all[step] as Snapshot));
  }
  return all;
}

describe("sources", () => {
  /** The value a source gives, bound to t, with i = 3, a = [10, 20, 30], x = {"k": 7}, s = Node(next=a). */
  async function given(source: unknown, extra: Partial<Made> = {}): Promise<unknown> {
    const sites = new Sites();
    const bind = sites.at("bind", { names: [T], scope: "local" });
    const line = sites.at("line");
    const objects = [1, LIST, 3, 3, int(10), int(20), int(30), 2, DICT, 1, 1, 1, int(7)];
    const node = [3, NODE, 2, 2, NEXT, ref(1), VALUE, int(5), 4, ODD, 0, 0, 5, LIST, 9, 2, int(1), int(2)];
    const known = frames(I, int(3), A, ref(1), X, ref(2), S, ref(3));
    const log = logOf(sites, [[-1, 1, [[line], 128, [bind, source]]]], {
      steps: 1,
      atoms: [
        ["str", "k"],
        ["str", "cut", 99, 1],
      ],
      objects: [...objects, ...node],
      frames: known,
      path: [32],
      columns: { 128: [int(1)] },
      ...extra,
    });
    const { state } = await new Timeline(log).load(1, "operation");
    return plain(state.stack[0]?.vars.get("t"));
  }
  const a = ["n", A];
  const i = ["n", I];

  it.each<[string, unknown, unknown]>([
    ["a temporary", 0, 1],
    ["a constant", ["k", 5], 5],
    ["a large constant", ["k", 2 ** 40], `int ${2 ** 40}`],
    ["None", ["k", null], null],
    ["a truth value", ["k", false], false],
    ["an atom", ["k", ["str", "yes"]], "yes"],
    ["a variable", i, 3],
    ["an unbound variable", ["n", NEXT], "nothing"],
    ["a global", ["g", I], 3],
    ["the last value of a column", ["p", 128], 1],
    ["the last value of a column nobody took", ["p", 999], "nothing"],
    ["a sum", ["+", i, ["k", 1]], 4],
    ["a difference", ["-", ["k", 1], i], -2],
    ["a product beyond small ints", ["*", ["k", 2 ** 28], ["k", 2 ** 28]], `int ${2n ** 56n}`],
    ["a large sum that is small again", ["-", ["k", 2 ** 40], ["k", 2 ** 40 - 1]], 1],
    ["a quotient", ["//", ["-", ["k", 0], i], ["k", 2]], -2],
    ["a remainder", ["%", ["-", ["k", 0], i], ["k", 7]], 4],
    ["a remainder of a negative divisor", ["%", i, ["-", ["k", 0], ["k", 2]]], -1],
    ["a remainder of nothing", ["%", ["k", 6], i], 0],
    ["a large quotient", ["//", ["-", ["k", 1], ["k", 2 ** 52]], ["k", 2]], `int ${-(2n ** 51n)}`],
    ["a remainder of a large number", ["%", ["-", ["k", 0], ["k", 2 ** 40]], ["k", 7]], 5],
    ["a division by zero", ["//", i, ["k", 0]], "nothing"],
    ["a remainder by zero", ["%", ["k", 2 ** 40], ["-", i, i]], "nothing"],
    ["a sum with a truth value", ["+", i, ["k", true]], 4],
    ["a sum with no integer", ["+", i, ["k", null]], "nothing"],
    ["a length", ["l", a], 3],
    ["a length of nothing that has one", ["l", i], "nothing"],
    ["an element", ["e", a, ["k", 1]], 20],
    ["an element from the end", ["e", a, ["k", -1]], 30],
    ["an element by a truth value", ["e", a, ["k", true]], 20],
    ["an element beyond the end", ["e", a, i], "nothing"],
    ["an element beyond the other end", ["e", a, ["k", -4]], "nothing"],
    ["an entry", ["e", ["n", X], ["k", ["str", "k"]]], 7],
    ["an entry that is not there", ["e", ["n", X], ["k", ["str", "j"]]], "nothing"],
    ["an element of no container", ["e", i, i], "nothing"],
    ["an attribute", ["a", ["n", S], VALUE], 5],
    ["an attribute that is not there", ["a", ["n", S], T], "nothing"],
    ["one within another", ["e", ["a", ["n", S], NEXT], ["-", i, ["k", 1]]], 30],
  ])("give %s", async (_, source, expected) => {
    expect(await given(source)).toEqual(expected);
  });

  it("know nothing of what a class does itself, or of what was left out", async () => {
    const odd = { frames: frames(A, ref(4)) };
    expect(await given(["e", a, ["k", 0]], odd)).toBe("nothing");
    const part = { frames: frames(A, ref(5)) };
    expect(await given(["e", a, ["k", 1]], part)).toBe(2);
    expect(await given(["e", a, ["k", 8]], part)).toBe("not recorded");
    expect(await given(["e", a, ["k", 9]], part)).toBe("nothing");
    expect(await given(["l", a], part)).toBe(9);
  });

  it("cut integers as the writer does, so that none grows without end", async () => {
    const sites = new Sites();
    const bind = sites.at("bind", { names: [I], scope: "local" });
    const square = ["*", ["n", I], ["n", I]];
    const log = logOf(sites, [[-1, 1, [[sites.at("line")], [bind, square]]]], {
      steps: 30,
      frames: frames(I, int(65536)),
      path: Array(30).fill(32),
    });
    const timeline = new Timeline(log);
    const at = async (step: number) =>
      (await timeline.load(step, "operation")).state.stack[0]?.vars.get("i") as {
        text: string;
        length: number;
      };
    expect((await at(8)).text).toBe((65536n ** 256n).toString());
    expect(await at(9)).toMatchObject({ text: `0x${"8".padEnd(16, "0")}…`, length: 8193 });
    expect(await at(10)).toBe(NOTHING);
  });
});

describe("columns", () => {
  it("hold values in every form", async () => {
    const sites = new Sites();
    const bind = sites.at("bind", { names: [A, I, X, T, S], scope: "local" });
    const line = sites.at("line");
    const log = logOf(sites, [[0, 1, [[line], 200, 201, 202, 203, 204, [bind, 0, 1, 2, 3, 4]]]], {
      steps: 3,
      atoms: [["str", "text"]],
      path: { bytes: run(32, 3) },
      columns: {
        200: { bytes: integers([7, -8, 100000], "narrow") },
        201: { bytes: integers([5, 6, 7], "delta") },
        202: { bytes: run(1, 3) },
        203: { bytes: doubles([0.5, -0, 1e22]) },
        204: { bytes: booleans([true, false, true]) },
      },
    });
    const states = await walk(log);
    expect(states.slice(1).map(({ state }) => vars(state))).toEqual([
      { a: 7, i: 5, x: "text", t: "float 0.5", s: true },
      { a: -8, i: 6, x: "text", t: "float -0.0", s: false },
      { a: 100000, i: 7, x: "text", t: "float 1e+22", s: true },
    ]);
  });
});

describe("columns of large integers", () => {
  it.each<[string, number[], number[]]>([
    ["as they are", large([2 ** 53 - 1, -(2 ** 40) - 3, 5]), [2 ** 53 - 1, -(2 ** 40) - 3, 5]],
    [
      "with differences",
      large([2 ** 40, 2 ** 40 + 300, 2 ** 40 + 100], 2),
      [2 ** 40, 2 ** 40 + 300, 2 ** 40 + 100],
    ],
    ["with differences of three bytes", large([-5, 70_000, 2 ** 22], 3), [-5, 70_000, 2 ** 22]],
    ["of three bytes", [0x43, 3, 0, 0, 0, 1, 255, 0, 0, 255, 0, 1, 255, 128], [65537, -1, -(2 ** 23)]],
  ])("hold them %s", async (_, bytes, expected) => {
    const sites = new Sites();
    const bind = sites.at("bind", { names: [A], scope: "local" });
    const log = logOf(sites, [[0, 1, [[sites.at("line")], 200, [bind, 0]]]], {
      steps: 3,
      path: { bytes: run(32, 3) },
      columns: { 200: { bytes } },
    });
    const states = await walk(log);
    const told = states.slice(1).map(({ state }) => vars(state).a);
    expect(told).toEqual(expected.map((n) => (Math.abs(n) < 2 ** 29 ? n : `int ${n}`)));
  });
});

describe("loops", () => {
  it("count positions, also from a frame below and after a keyframe that does not know them", async () => {
    const sites = new Sites();
    const iter = sites.at("iter", { base: "a" });
    const enter = sites.at("enter", { unit: 1, names: [] }, 5, 1);
    const begin = [0, 1, [[-1, 7, ["n", A]]]];
    const next = [-1, 1, [[-2, 7, iter]]];
    const log = logOf(
      sites,
      [begin, next, [-1, 5, [[enter]]]],
      { steps: 3, frames: frames(A, ref(1)), objects: [1, LIST, 2, 2, 4, 8], path: [32, 33, 34, 33] },
      {
        steps: 2,
        keyframe: true,
        frames: [1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 1, 1, 7, -1, ref(1), A, ref(1)],
        objects: [1, LIST, 2, 2, 4, 8],
        path: [33, 32, 33],
      },
    );
    const seen = (await walk(log)).flatMap(({ happenings }) =>
      happenings.filter(({ event }) => event === "iter").map(({ number, old }) => [number, plain(old)]),
    );
    expect(seen).toEqual([
      [0, 1],
      [1, 2],
      [-1, undefined],
      [0, 1],
    ]);
  });

  it("that nobody knows are over nothing", async () => {
    const sites = new Sites();
    const log = logOf(sites, [[0, 1, [[-2, 7, sites.at("iter")]]]], { steps: 1, path: [32] });
    const [, last] = await walk(log);
    expect(last?.happenings).toMatchObject([{ subject: NOTHING, number: -1 }]);
  });
});

describe("calls", () => {
  const sites = new Sites();
  const line = sites.at("line", {}, 2);
  const enter = sites.at("enter", { unit: 1, names: [X, I] }, 10, 1);
  const leave = sites.at("leave", {}, 11, 1);
  const bindT = sites.at("bind", { names: [T], scope: "local" });
  const inner = sites.at("line", {}, 11, 1);
  const lambda = sites.at("enter", { unit: 3, names: [] }, 3, 3);
  const raise = sites.at("raise", {}, 11, 1);
  const unwind = sites.at("unwind", {}, 11, 1);
  const leaving = sites.at("leave", {}, 11, 1);
  const [MAIN, CALL, LAMBDA, REST, BODY] = [32, 33, 34, 35, 36];
  const blocks = [
    [0, 2, [[line], 128, [bindT, 0], [line]]],
    [-1, 10, [130, 131, [enter, 0, 1], [inner], 132, [leave, 2]]],
    [-1, 3, [[lambda]]],
    [0, 2, [[line]]],
    [1, 11, [[inner]]],
  ];

  it("that Python itself makes stand in the middle of a block", async () => {
    const log = logOf(sites, blocks, {
      steps: 6,
      path: [MAIN, 1, CALL, REST],
      columns: { 4: [int(1)], 128: [int(7)], 130: [int(1)], 131: [nothing], 132: [int(9)] },
    });
    const all = await walk(log);
    expect(all.map(({ happenings }) => told(happenings).join(" "))).toEqual([
      "",
      "line",
      "enter",
      "line",
      "leave bind",
      "line",
      "line",
    ]);
    expect(vars((all[2] as Snapshot).state, 1)).toEqual({ x: 1 });
    expect(vars((all[3] as Snapshot).state)).toEqual({});
    expect(vars((all[4] as Snapshot).state)).toEqual({ t: 7 });
    expect(all[3]?.state.stack.map(({ id, unit, line: at }) => [id, unit, at])).toEqual([
      [0, 0, 2],
      [1, 1, 11],
    ]);
  });

  it("may be many, with a word between, and leave what is left to the next code", async () => {
    const log = logOf(sites, blocks, {
      steps: 8,
      path: [MAIN, 1, CALL, 0, 1, CALL, 0],
      columns: { 4: [int(1), int(3)], 128: [int(7)], 130: [4, 4], 131: [4, 4], 132: [4, 4] },
    });
    // The last steps of the first block happen when the chunk ends.
    const all = await walk(log);
    expect(all.map(({ happenings }) => told(happenings).join(" "))).toEqual([
      "",
      "line",
      "enter",
      "line",
      "leave bind",
      "enter",
      "line",
      "leave",
      "line",
    ]);
  });

  it("may begin in the chunk after the one that says where", async () => {
    const log = logOf(
      sites,
      blocks,
      { steps: 1, path: [MAIN, 1], columns: { 4: [int(1)] } },
      { steps: 4, path: [CALL, 0], columns: { 128: [int(7)], 130: [4], 131: [4], 132: [4] } },
    );
    const all = await walk(log);
    expect(all.slice(1).map(({ happenings }) => told(happenings).join(" "))).toEqual([
      "line",
      "enter",
      "line",
      "leave bind",
      "line",
    ]);
    expect(vars((all[4] as Snapshot).state)).toEqual({ t: 7 });
  });

  it("end where an exception leaves them, and their blocks with them", async () => {
    const log = logOf(sites, blocks, {
      steps: 6,
      atoms: [["exception", "ValueError", "no"]],
      path: [MAIN, 1, CALL, 2, 10, 11, 2, REST],
      columns: {
        4: [int(1)],
        8: [int(4), int(1)],
        40: [int(raise)],
        41: [1],
        44: [int(unwind)],
        45: [1],
        130: [4],
        131: [4],
      },
    });
    const all = await walk(log);
    expect(all.slice(1).map(({ happenings }) => told(happenings).join(" "))).toEqual([
      "line",
      "enter",
      "line",
      "raise",
      "unwind",
      "line",
    ]);
    expect(vars((all[6] as Snapshot).state)).toEqual({});
    expect(all[5]?.state.stack.length).toBe(1);
  });

  it("are taken off when code of a call below goes on, and lambdas vanish", async () => {
    const log = logOf(sites, blocks, {
      steps: 7,
      path: [CALL, 2, CALL, 2, BODY, LAMBDA, 12, BODY, LAMBDA, REST],
      columns: { 8: [int(3), int(3)], 130: [4, 8], 131: [4, 8] },
    });
    const depths = (await walk(log)).map(({ state }) => state.stack.length);
    expect(depths).toEqual([1, 2, 3, 3, 3, 3, 1, 1]);
  });

  it("that leave from outside say what they gave", async () => {
    const log = logOf(sites, blocks, {
      steps: 3,
      path: [CALL, 2, 16],
      columns: { 8: [int(4)], 130: [4], 131: [4], 64: [int(leaving)], 65: [int(42)] },
    });
    const [, , , last] = await walk(log);
    expect(last?.happenings).toMatchObject([{ event: "leave", value: int(42), frame: 1, unit: 1 }]);
  });

  it("bind names from outside in the module", async () => {
    const log = logOf(sites, blocks, {
      steps: 1,
      path: [CALL, 2, 17],
      columns: { 8: [int(3)], 68: [int(A)], 69: [int(5)], 130: [4], 131: [4] },
    });
    const [, last] = await walk(log);
    expect(vars((last as Snapshot).state)).toEqual({ a: 5 });
    expect(last?.happenings.at(-1)?.bindings).toEqual([{ frame: 0, name: "a", value: int(5) }]);
  });
});

describe("generators", () => {
  const sites = new Sites();
  const line = sites.at("line", {}, 1);
  const start = sites.at("enter", { unit: 2, names: [X], token: true }, 5, 2);
  const outer = sites.at("enter", { unit: 4, names: [], token: true }, 8, 4);
  const yields = sites.at("yield", {}, 6, 2);
  const resume = sites.at("resume", {}, 6, 2);
  const inside = sites.at("line", {}, 7, 2);
  const leave = sites.at("leave", {}, 7, 2);
  const around = sites.at("line", {}, 9, 4);
  const [MAIN, GEN, OUTER, MORE, AROUND] = [32, 33, 34, 35, 36];
  const RESUME = 13;
  const blocks = [
    [0, 1, [[line]]],
    [-1, 5, [128, 129, [start, 0, 1], 130, [yields, 2]]],
    [-1, 8, [131, [outer, 0]]],
    [2, 7, [[inside], 132, [leave, 0]]],
    [4, 9, [[around]]],
  ];
  const shape = ({ state }: Snapshot) => [
    state.stack.map(({ id }) => id).join(" "),
    state.suspended.map(({ id }) => id).join(" "),
  ];
  const id = (token: number) => 2 ** 20 + token;

  it("are suspended, resumed and leave", async () => {
    const log = logOf(sites, blocks, {
      steps: 8,
      path: [MAIN, GEN, MAIN, RESUME, MORE, MAIN],
      columns: {
        52: [int(resume)],
        53: [int(1)],
        54: [none],
        128: [int(1)],
        129: [int(3)],
        130: [int(5)],
        132: [none],
      },
    });
    const all = await walk(log);
    expect(all.map(shape)).toEqual([
      ["0", ""],
      ["0", ""],
      [`0 ${id(1)}`, ""],
      ["0", `${id(1)}`],
      ["0", `${id(1)}`],
      [`0 ${id(1)}`, ""],
      [`0 ${id(1)}`, ""],
      ["0", ""],
      ["0", ""],
    ]);
    expect(all[4]?.state.suspended[0]).toMatchObject({ status: "suspended", unit: 2 });
    expect(vars((all[5] as Snapshot).state, 1)).toEqual({ x: 3 });
    expect(all[5]?.happenings).toMatchObject([{ event: "resume", number: 1, value: NONE }]);
  });

  it("that wait for one another go and come together, and whoever is aligned is on top", async () => {
    const log = logOf(sites, blocks, {
      steps: 10,
      // outer (2) waits for gen (1), which yields; main goes on; gen is resumed; then outer's own code.
      path: [OUTER, GEN, MAIN, RESUME, AROUND, 14, MORE, AROUND, MAIN, 14],
      columns: {
        52: [int(resume)],
        53: [int(1)],
        54: [none],
        56: [int(1), int(2)],
        128: [int(1)],
        129: [int(3)],
        130: [int(5)],
        131: [int(2)],
        132: [none],
      },
    });
    const all = await walk(log);
    const [both, chain] = [`0 ${id(2)} ${id(1)}`, `${id(1)} ${id(2)}`];
    expect(all.map(shape)).toEqual([
      ["0", ""],
      [`0 ${id(2)}`, ""],
      [both, ""],
      ["0", chain],
      ["0", chain],
      [`0 ${id(2)}`, `${id(1)}`],
      [both, ""],
      [both, ""],
      [`0 ${id(2)}`, ""],
      ["0", `${id(2)}`],
      [`0 ${id(2)}`, ""],
    ]);
  });

  it("nobody has seen before come from nowhere", async () => {
    const log = logOf(sites, blocks, {
      steps: 1,
      path: [RESUME],
      columns: { 52: [int(resume)], 53: [int(9)], 54: [none] },
    });
    const [, last] = await walk(log);
    expect(last && shape(last)).toEqual([`0 ${id(9)}`, ""]);
  });
});

describe("containers", () => {
  /** What happens to object 1 (a in the module) by one event with these operands. */
  async function after(
    record: number[],
    event: string,
    operands: number[],
    more: Partial<Made> & { detail?: object } = {},
  ): Promise<[unknown, number | undefined]> {
    const { detail, ...rest } = more;
    const sites = new Sites();
    const line = sites.at("line");
    const site = sites.at(event, detail ?? {});
    const reads = operands.map((_, i) => 128 + i);
    const log = logOf(sites, [[0, 1, [[line], ...reads, [site, ...operands.keys()]]]], {
      steps: ["set", "del", "setattr", "delattr"].includes(event) ? 2 : 1,
      frames: frames(A, ref(1)),
      objects: record,
      path: [32],
      columns: Object.fromEntries(operands.map((operand, i) => [128 + i, [operand]])),
      ...rest,
    });
    const states = await walk(log);
    const { state } = states.at(-1) as Snapshot;
    return [contents(state, 1), state.lookup(1)?.length];
  }
  const list = [1, LIST, 3, 3, int(1), int(2), int(3)];
  const part = [1, LIST, 9, 2, int(1), int(2)];
  const me = ref(1);
  const number = (n: number) => int(n);

  it.each<[string, number[], string, number[], unknown, number]>([
    ["put", list, "put", [me, number(1), number(9)], [1, 9, 3], 3],
    ["put from the end", list, "put", [me, number(-1), number(9)], [1, 2, 9], 3],
    ["set", list, "set", [me, number(0), number(9)], [9, 2, 3], 3],
    ["del", list, "del", [me, number(-1)], [1, 2], 2],
    ["insert", list, "insert", [me, number(1), number(9)], [1, 9, 2, 3], 4],
    ["insert from the end", list, "insert", [me, number(-1), number(9)], [1, 2, 9, 3], 4],
    ["insert far beyond", list, "insert", [me, number(99), number(9)], [1, 2, 3, 9], 4],
    ["insert far before", list, "insert", [me, number(-99), number(9)], [9, 1, 2, 3], 4],
    ["remove what is not there", list, "remove", [me, number(7)], [1, 2, 3], 3],
    ["clear", list, "clear", [me], [], 0],
    ["reverse", list, "reverse", [me], [3, 2, 1], 3],
    ["fill", list, "fill", [me], [7, 8], 2],
    ["put beyond a preview", part, "put", [me, number(5), number(9)], [1, 2], 9],
    ["insert beyond a preview", part, "insert", [me, number(2), number(9)], [1, 2], 10],
    ["insert into a preview", part, "insert", [me, number(0), number(9)], [9, 1, 2], 10],
    ["remove beyond a preview", part, "remove", [me, number(5)], [1, 2], 8],
    ["remove from a preview", part, "remove", [me, number(0)], [2], 8],
    ["reverse a preview", part, "reverse", [me], [], 9],
    ["change a number", list, "put", [number(1), number(1), number(1)], [1, 2, 3], 3],
    ["change what nobody recorded", list, "put", [ref(77), number(1), number(1)], [1, 2, 3], 3],
  ])("of elements: %s", async (_, record, event, operands, expected, length) => {
    expect(await after(record, event, operands, { fills: [2, 2, int(7), int(8)] })).toEqual([
      expected,
      length,
    ]);
  });

  const dict = [1, DICT, 1, 1, int(1), int(10)];
  const entries = (...pairs: unknown[]) => pairs;
  it.each<[string, number[], string, number[], unknown]>([
    ["put", dict, "put", [me, int(2), int(20)], entries([1, 10], [2, 20])],
    ["put under True, which is 1", dict, "put", [me, 11, int(20)], entries([1, 20])],
    ["put under 1.0, which is 1", dict, "put", [me, 1, int(20)], entries([1, 20])],
    ["put under 1+0j, which is 1", dict, "put", [me, 5, int(20)], entries([1, 20])],
    ["put under '1', which is not", dict, "put", [me, 9, int(20)], entries([1, 10], ["1", 20])],
    ["default of a key that is there", dict, "default", [me, int(1), int(20)], entries([1, 10])],
    ["default of another", dict, "default", [me, int(2), int(20)], entries([1, 10], [2, 20])],
    ["a missing key of a plain dict", dict, "missing", [me, int(2), int(20)], entries([1, 10])],
    [
      "a missing key of a defaultdict",
      [1, DEFAULTS, 0, 0],
      "missing",
      [me, int(2), int(20)],
      entries([2, 20]),
    ],
    ["add", [1, SET, 1, 1, int(1)], "add", [me, int(2)], [1, 2]],
    ["add an equal one", [1, SET, 1, 1, int(1)], "add", [me, 11], [1]],
    ["remove a member", [1, SET, 1, 1, int(1)], "remove", [me, 1], []],
    ["set an attribute", [1, NODE, 0, 0], "setattr", [me, int(4)], [["next", 4]]],
    ["set an attribute its class looks after", [1, ODD, 0, 0], "setattr", [me, int(4)], []],
    ["put an attribute all the same", [1, ODD, 0, 0], "put", [me, 13, int(4)], [["next", 4]]],
    ["set an item its class looks after", [1, ODD, 0, 0], "set", [me, int(1), int(4)], []],
  ])("of entries, members and attributes: %s", async (_, record, event, operands, expected) => {
    const atoms = [
      ["float", "1.0"],
      ["complex", "(1+0j)"],
      ["str", "1"],
      ["str", "next"],
    ];
    const detail = event === "setattr" ? { name: NEXT } : {};
    expect((await after(record, event, operands, { atoms, detail }))[0]).toEqual(expected);
  });

  it("leaves computed attributes to the code that computes them", async () => {
    const meta = { types: [["object", "Node", [], ["next"]]] };
    const record = [1, TYPES.length, 0, 0];
    expect(
      (
        await after(record, "setattr", [me, int(4)], {
          detail: { name: NEXT },
          meta: { types: [...TYPES, ...meta.types] },
        })
      )[0],
    ).toEqual([]);
  });

  it("takes tuples by their items and frozensets by their members for keys", async () => {
    const others = [
      ...[2, TUPLE, 2, 2, int(1), ref(3), 3, TUPLE, 1, 1, int(2)],
      ...[4, TUPLE, 2, 2, 11, ref(5), 5, TUPLE, 1, 1, int(2)],
      ...[6, FROZEN, 2, 2, int(1), int(2), 7, FROZEN, 2, 2, int(2), int(1)],
    ];
    const record = [1, DICT, 2, 2, ref(2), int(1), ref(6), int(2), ...others];
    expect((await after(record, "put", [me, ref(4), int(9)]))[1]).toBe(2);
    expect((await after(record, "put", [me, ref(7), int(9)]))[1]).toBe(2);
    expect((await after(record, "put", [me, ref(5), int(9)]))[1]).toBe(3);
  });

  it("changes by control codes as by blocks", async () => {
    const sites = new Sites();
    const call = sites.at("call", { base: "a" });
    const log = logOf(sites, [[0, 1, [[sites.at("line")]]]], {
      steps: 2,
      frames: frames(A, ref(1)),
      objects: list,
      fills: [1, 1, int(5)],
      path: [32, 15, 3, 4, 5, 9, 7, 4],
      columns: {
        12: [me],
        13: [int(0)],
        14: [int(8)],
        16: [me, me],
        17: [int(1), int(1)],
        18: [int(9), int(6)],
        20: [me],
        21: [int(-1)],
        28: [me],
        36: [me],
        60: [int(call)],
        61: [me],
        62: [int(7)],
        63: [none],
      },
    });
    const all = await walk(log);
    expect(told(all[2]?.happenings ?? [])).toEqual([
      "call",
      "put",
      "insert",
      "remove",
      "late",
      "fill",
      "insert",
    ]);
    expect(all[2]?.happenings[0]).toMatchObject({ called: "append", value: NONE, container: 1 });
    expect(contents((all[2] as Snapshot).state, 1)).toEqual([5, 6]);
  });
});

describe("comparisons and swaps", () => {
  it("are told with both their places, and are no steps", async () => {
    const sites = new Sites();
    const compare = sites.at("compare", { base: "a" });
    const swap = sites.at("swap");
    const line = sites.at("line");
    const a = ["n", A];
    const block = [0, 1, [[line], [compare, a, ["k", 0], a, ["k", 2]], [swap, a, ["k", 0], ["k", -1]]]];
    const objects = [1, LIST, 3, 3, int(4), int(5), int(6)];
    const log = logOf(sites, [block], { steps: 1, frames: frames(A, ref(1)), objects, path: [32] });
    const [, last] = await walk(log);
    expect(last?.happenings.slice(1)).toMatchObject([
      { event: "compare", isStop: false, position: 0, old: int(4), other: { position: 2, value: int(6) } },
      { event: "swap", position: 0, other: { container: 1, position: 2 } },
    ]);
  });
});

describe("keyframes", () => {
  const sites = new Sites();
  const line = sites.at("line");
  const bind = sites.at("bind", { names: [T], scope: "local" });
  const set = sites.at("set");
  const block = [0, 1, [[line], 128, [line], [bind, 0]]];
  const change = [0, 1, [[set, ["n", A], ["k", 0], 0]]].map((x, i) =>
    i === 2 ? [129, ...(x as unknown[])] : x,
  );

  it("begin in the middle of a block, and say what they hold by patches", async () => {
    const log = logOf(
      sites,
      [block, change],
      {
        steps: 2,
        frames: frames(A, ref(1)),
        objects: [1, LIST, 3, 3, int(1), int(2), int(3), 2, DICT, 1, 1, 1, int(5)],
        atoms: [["str", "k"]],
        path: [33, 32, 1],
        columns: { 4: [int(2)], 128: [int(66)], 129: [int(9)] },
        meta: {},
      },
      {
        steps: 1,
        keyframe: true,
        frames: [1, 0, 0, 1, 0, 0, 0, 0, 2, 1, 0, 1, int(77), A, ref(1), 1, ref(1), int(0), 1],
        objects: [1, LIST, 3, -1, 0, 1, 0, int(9), 2, DICT, 1, -1, 0, 0],
        atoms: [["str", "note"]],
        path: [],
      },
    );
    // The first chunk's last steps happen at its end, so that only the second tells the step in between.
    const timeline = new Timeline(log);
    const { state } = await timeline.load(3, "operation");
    expect(vars(state)).toEqual({ a: [9, 2, 3], t: 77 });
    expect(contents(state, 2)).toEqual([["k", 5]]);
    expect(state.annotations).toMatchObject([
      { kind: "note", subject: ref(1), key: int(0), data: { text: "note" } },
    ]);
  });
});

describe("patches of nothing", () => {
  const sites = new Sites();
  const still = [0, 1, [[sites.at("line")]]];
  const whole = [1, LIST, 3, 3, int(1), int(2), int(3), 2, DICT, 1, 1, int(4), int(5)];
  const keyframe = (objects: number[]) => ({
    steps: 1,
    keyframe: true,
    frames: frames(A, ref(1)),
    objects,
    path: [32],
  });

  it.each<[string, RegExp, number[]]>([
    [
      "of an object that was not there",
      /not there to be patched/,
      [1, LIST, 3, -1, 0, 0, 3, LIST, 3, -1, 0, 0],
    ],
    ["of another length", /not there to be patched/, [1, LIST, 4, -1, 0, 0]],
    ["of another type", /not there to be patched/, [1, DICT, 3, -1, 0, 0]],
    [
      "with elements of a dict",
      /not there to be patched/,
      [1, LIST, 3, -1, 0, 0, 2, DICT, 1, -1, 0, 1, 0, int(6)],
    ],
    ["of a patch", /not there to be patched/, [1, LIST, 3, -1, 2, 0]],
    ["of a chunk that is no keyframe", /no keyframe/, [1, LIST, 3, -1, 1, 0]],
    ["of its own chunk", /not before it/, [1, LIST, 3, -1, 3, 0]],
    ["of a chunk before the first", /not before it/, [1, LIST, 3, -1, -1, 0]],
    ["beyond the end", /refers to nothing/, [1, LIST, 3, -1, 0, 1, 3, int(9)]],
    ["before the beginning", /refers to nothing/, [1, LIST, 3, -1, 0, 1, -1, int(9)]],
    ["with a value that is none", /refers to nothing/, [1, LIST, 3, -1, 0, 1, 0, 5]],
    ["cut off", /cut off/, [1, LIST, 3, -1, 0, 2, 0, int(9)]],
    ["of endless length", /cut off/, [1, LIST, 3, -1, 0, 2 ** 30]],
  ])("%s are refused", async (_, message, objects) => {
    const log = logOf(
      sites,
      [still],
      { steps: 1, frames: frames(A, ref(1)), objects: whole, path: [32] },
      { steps: 1, path: [32] },
      keyframe([1, LIST, 3, -1, 0, 0, 2, DICT, 1, -1, 0, 0]),
      keyframe(objects),
    );
    const read = async () => {
      const { state } = await new Timeline(log).load(4, "operation");
      for (const id of [1, 2, 3]) contents(state, id);
    };
    await expect(read()).rejects.toThrow(message);
  });
});

describe("annotations", () => {
  it("are held by kind, subject and key until they are taken back", async () => {
    const sites = new Sites();
    const block = [0, 1, [[sites.at("line")]]];
    const note = sites.at("annotate", { kind: 1 });
    const inline = [0, 1, [[sites.at("line")], [note, ["n", A], ["k", 1], ["k", ["str", "there"]]]]];
    const log = logOf(sites, [block, inline], {
      steps: 6,
      atoms: [
        ["str", "red"],
        ["str", "blue"],
      ],
      frames: frames(A, ref(1)),
      objects: [1, LIST, 0, 0],
      path: [32, 18, 33, 32, 18, 32, 18, 32, 18, 32],
      columns: {
        72: [int(0), int(0), int(0), int(8)],
        73: [ref(1), ref(1), ref(1), ref(1)],
        74: [nothing, nothing, nothing, nothing],
        75: [1, 5, nothing, nothing],
      },
    });
    const said = (await walk(log)).map(({ state }) =>
      state.annotations.map(({ kind, key, data }) => `${kind} ${plain(key)} ${plain(data)}`),
    );
    expect(said).toEqual([
      [],
      ["color undefined red"],
      ["color undefined red", "note 1 there"],
      ["color undefined blue", "note 1 there"],
      ["note 1 there"],
      [],
      [],
    ]);
  });
});

describe("a run that was cut short", () => {
  it("is told as far as it says, though more had begun", async () => {
    const sites = new Sites();
    const line = sites.at("line");
    const bind = sites.at("bind", { names: [T], scope: "local" });
    const block = [0, 1, [[line], [bind, ["k", 1]], [line], [bind, ["k", 2]], 128]];
    const end = { stopReason: "step-limit", error: null, steps: 1, events: {} };
    const log = logOf(sites, [block], { steps: 1, path: [32, 32], meta: { end } });
    const all = await walk(log);
    expect(vars((all[1] as Snapshot).state)).toEqual({ t: 1 });
  });
});

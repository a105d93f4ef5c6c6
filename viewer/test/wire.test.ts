/** Reading: what is right is read, what is not is refused with one message, and what came before is kept. */

import { describe, expect, it } from "vitest";
import { TraceLog } from "../src/log";
import { Timeline } from "../src/timeline";
import { crc32, HEADER_SIZE, inflate, parseChunk, splitChunks, TraceError } from "../src/wire";
import { body, type ChunkParts, chunk, column, int, integers, large, none, ref, run } from "./encode";
import { bubble, insertTree, mixed } from "./programs";

const META = {
  sources: [["<cell>", "a = 1\n"]],
  names: ["a", "append"],
  units: [["module", "<module>", 0, 1, -1]],
  types: [["list", "list", [], []]],
  sites: [
    ["line", 0, 1, 0, 1, 5, {}],
    ["get", 0, 1, 0, 1, 5, { base: "a" }],
    ["fill", 0, 1, 0, 1, 5, {}],
    ["call", 0, 1, 0, 1, 5, {}],
  ],
  blocks: [
    [0, 1, [[0]]],
    [0, 1, [128, 129, [1, 0, 1]]],
    [0, 1, [[0], 128, [2, 0]]],
  ],
};
const FRAMES = [1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 0, 0];
const [LINE_CODE, GET, FILL] = [32, 33, 34] as const;
const block = (...steps: unknown[]) => ({ ...META, blocks: [[0, 1, steps]] });

function logOf(parts: ChunkParts): TraceLog {
  const log = new TraceLog();
  log.append(0, [chunk({ meta: META, ...parts })]);
  return log;
}

/** What reading everything of a log comes to: the message of the refusal, or "fine". */
async function read(log: TraceLog): Promise<string> {
  if (log.problem.value) return ours(log.problem.value.message);
  try {
    const timeline = new Timeline(log);
    for (let step = 0; step <= Math.min(timeline.last, 2000); step++) await timeline.load(step, "line");
    await timeline.load(timeline.last, "line");
    return "fine";
  } catch (error) {
    expect(error).toBeInstanceOf(TraceError);
    return ours((error as Error).message);
  }
}

/** A message that we wrote: an engine's own would mean that something went unchecked. */
function ours(message: string): string {
  expect(message).toMatch(/^(a|an|the|this) [a-z]/);
  return message;
}

const LINE = { frames: FRAMES, path: [LINE_CODE] };

/** A body with these columns, in this order. */
function columnsOf(...columns: [number, number[]][]): Uint8Array {
  const empty = body({ frames: FRAMES });
  const u32 = (n: number) => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24];
  const flat = columns.flatMap(([number, bytes]) => [...u32(number), ...bytes]);
  return new Uint8Array([...empty.subarray(0, -4), ...u32(columns.length), ...flat]);
}

function nested(depth: number): unknown {
  return depth > 1 ? ["l", nested(depth - 1)] : ["k", 1];
}

describe("a chunk", () => {
  it("is read with every width and way of columns", async () => {
    for (const style of ["plain", "narrow", "delta"] as const) {
      for (const deflate of [true, false]) {
        const parts = { ...LINE, path: [LINE_CODE, LINE_CODE, LINE_CODE], style };
        expect(await read(logOf({ steps: 3, body: body(parts), deflate }))).toBe("fine");
      }
    }
  });

  it("has the checksum of zlib", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });

  it.each<[string, ChunkParts]>([
    ["an unknown version", { version: 1 }],
    ["unknown flags", { flags: 7 }],
    ["no keyframe at the start of a trace", { keyframe: false, body: body({ frames: [] }) }],
    ["a wrong checksum", { crc: 1 }],
    ["a bomb by its own word", { rawSize: 65 * 1024 * 1024 }],
    ["more raw bytes than it declares", { rawSize: 3 }],
    ["fewer raw bytes than it declares", { rawSize: 3000 }],
    ["a wrong number", { index: 7 }],
    ["a wrong first step", { firstStep: 7 }],
    ["meta that is no object", { meta: [1] }],
    ["a unit of no kind", { meta: { units: [["thing", "x", -1, 1, -1]] } }],
    ["a unit with no source", { meta: { units: [["module", "x", 4, 1, -1]] } }],
    ["a site of an unknown event", { meta: { sites: [["explode", -1, 1, 0, 1, 0, {}]] } }],
    ["a site of an inherited name", { meta: { sites: [["constructor", -1, 1, 0, 1, 0, {}]] } }],
    ["a site in no unit", { meta: { sites: [["line", 5, 1, 0, 1, 0, {}]] } }],
    ["a name out of range", { meta: { ...META, sites: [["bind", 0, 1, 0, 1, 0, { names: [9] }]] } }],
    ["output in a third stream", { meta: { output: [[2, "x"]] } }],
    ["an end of another form", { meta: { end: { stopReason: 1 } } }],
    ["fewer stops than it says", { steps: 2, body: body(LINE) }],
    ["more stops than it says", { steps: 0, body: body(LINE) }],
    ["a block that does not exist", { steps: 1, body: body({ ...LINE, path: [99] }) }],
    ["a code that does not exist", { steps: 1, body: body({ ...LINE, path: [20] }) }],
    ["a negative code", { steps: 1, body: body({ ...LINE, path: [-1] }) }],
    [
      "a column that runs out",
      { steps: 1, body: body({ ...LINE, path: [GET], columns: { 128: [int(1)] } }) },
    ],
    [
      "a value it lacks",
      { steps: 1, body: body({ ...LINE, path: [GET], columns: { 128: [1], 129: [int(0)] } }) },
    ],
    ["columns out of order", { body: columnsOf([129, column([])], [128, column([])]) }],
    ["a column twice", { body: columnsOf([128, column([])], [128, column([])]) }],
    ["a column beyond number", { body: columnsOf([2 ** 24, column([])]) }],
    ["columns beyond number", { body: columnsOf([128, [0x20, 255, 255]]) }],
    ["a truth value that is none", { body: columnsOf([128, [0x22, 1, 0, 0, 0, 2]]) }],
    ["an integer beyond large ones", { body: columnsOf([128, large([2 ** 53])]) }],
    ["an integer beyond the lowest", { body: columnsOf([128, large([-(2 ** 53)])]) }],
    ["integers that grow too large", { body: columnsOf([128, large([2 ** 53 - 1, 2 ** 53], 1)]) }],
    ["large integers cut off", { body: columnsOf([128, large([1, 2]).slice(0, -1)]) }],
    ["large integers of no width", { body: columnsOf([128, [0xa3, 1, 0, 0, 0, ...Array(9).fill(0)]]) }],
    ["large integers of five bytes", { body: columnsOf([128, large([1, 2], 5)]) }],
    ["numbers of five bytes", { body: columnsOf([128, [5, 1, 0, 0, 0, 1, 2, 3, 4, 5]]) }],
    ["large integers where none may be", { steps: 1, body: body({ ...LINE, path: { bytes: large([32]) } }) }],
    ["an integer beyond small ones", { body: columnsOf([128, integers([2 ** 29], "plain")]) }],
    ["a split of no number", { body: body({ ...LINE, path: [1], columns: { 4: [none] } }) }],
    [
      "a split beyond its block",
      { steps: 1, body: body({ ...LINE, path: [32, 1], columns: { 4: [int(2)] } }) },
    ],
    [
      "a raise at a line",
      { steps: 1, body: body({ ...LINE, path: [10], columns: { 40: [int(0)], 41: [none] } }) },
    ],
    [
      "a bound name out of range",
      { body: body({ ...LINE, path: [17], columns: { 68: [int(2)], 69: [none] } }) },
    ],
    [
      "an annotation of no kind",
      { body: body({ ...LINE, path: [18], columns: { 72: [36], 73: [3], 74: [3], 75: [3] } }) },
    ],
    ["output that was not printed", { body: body({ ...LINE, path: [8] }) }],
    ["a step at no site", { meta: block([9]) }],
    ["a step of a control code's column", { meta: block(4) }],
    ["a step of another form", { meta: block({ line: 1 }) }],
    ["too few sources", { meta: block(128, [1, 0]) }],
    ["a temporary not made yet", { meta: block(128, [1, 0, 1], 129) }],
    ["a loop step at a line", { meta: block([-2, 1, 0]) }],
    ["a source of no form", { meta: block([1, ["?", 1], ["k", 1]]) }],
    ["a source of no name", { meta: block([1, ["n", 7], ["k", 1]]) }],
    ["a constant that is none", { meta: block([1, ["k", 0.5], ["k", 1]]) }],
    ["a block in no unit", { meta: { ...META, blocks: [[1, 1, []]] } }],
    ["sources nested without end", { meta: block([1, nested(17), ["k", 1]]) }],
    ["an object with id 0", { body: body({ objects: [0, 0, 0, 0] }) }],
    ["an object of no type", { body: body({ objects: [1, 9, 0, 0] }) }],
    ["an object cut off", { body: body({ objects: [1, 0, 5, 5, 4] }) }],
    ["an object that shows more than it has", { body: body({ objects: [1, 0, 0, 1, 4] }) }],
    ["a patch in the first chunk", { body: body({ frames: FRAMES, objects: [1, 0, 0, -1, 0, 0] }) }],
    ["a frame cut off", { body: body({ frames: [1, 0, 0, 0] }) }],
    ["a frame of no unit", { body: body({ frames: FRAMES.with(2, 4) }) }],
    ["a frame of no status", { body: body({ frames: FRAMES.with(4, 3) }) }],
    ["a frame in no block", { body: body({ frames: FRAMES.with(7, 9) }) }],
    ["a frame beyond its block", { body: body({ frames: FRAMES.with(7, 0).with(8, 2) }) }],
    ["a frame without its temporaries", { body: body({ frames: FRAMES.with(7, 1).with(8, 1) }) }],
    ["a frame of more names than there are", { body: body({ frames: FRAMES.with(11, 1_000_000_000) }) }],
    ["half an annotation", { body: body({ frames: [...FRAMES, 1, 3] }) }],
    ["frames beyond number", { body: body({ frames: [1_000_000] }) }],
    ["no frames in a keyframe", { body: body({ frames: [] }) }],
    ["atoms that are no list", { body: body({ atoms: { a: 1 } }) }],
    ["an atom of no kind", { body: body({ atoms: [["evil", "x"]] }) }],
    ["an atom that is no array", { body: body({ atoms: ["str"] }) }],
    [
      "a fill with no record",
      { steps: 1, body: body({ ...LINE, path: [FILL], columns: { 128: [ref(1)] } }) },
    ],
    [
      "a called name out of range",
      {
        steps: 1,
        body: body({
          ...LINE,
          path: [15],
          columns: { 60: [int(3)], 61: [ref(1)], 62: [int(9)], 63: [none] },
        }),
      },
    ],
    ["an event in no frame", { steps: 1, body: body({ frames: [0], path: [LINE_CODE] }) }],
    ["a body that is too short", { body: new Uint8Array(3) }],
    ["a body that is too long", { body: new Uint8Array([...body({ frames: FRAMES }), 0]) }],
    ["a column that claims too much", { body: new Uint8Array([2, 0, 0, 0, 91, 93, 4, 255, 255, 255, 255]) }],
    ["a column of width 3", { body: new Uint8Array([2, 0, 0, 0, 91, 93, 3, 0, 0, 0, 0]) }],
  ])("with %s is refused", async (_, parts) => {
    expect(await read(logOf({ body: body({ frames: FRAMES }), ...parts }))).not.toBe("fine");
  });

  it("that is only its beginning is refused, at any length", () => {
    const bytes = chunk({ meta: META, body: body(LINE), steps: 1 });
    for (let size = 0; size < bytes.length; size += 7) {
      expect(() => parseChunk(bytes.subarray(0, size))).toThrow(TraceError);
    }
  });

  it("leaves a delta column that runs out of 32 bits", async () => {
    const big = column([2147483647, 0], "delta");
    big.splice(9, 1, 1);
    const raw = new Uint8Array([2, 0, 0, 0, 91, 93, ...big]);
    expect(await read(logOf({ body: raw }))).not.toBe("fine");
  });

  it("makes nothing of a few bytes that stand for much", async () => {
    const end = 2 ** 32 - 1;
    const head = [2, 0, 0, 0, 91, 93];
    const frames = column(FRAMES);
    const empty = column([]);
    const none = [0, 0, 0, 0];
    const raw = (...columns: number[][]) => new Uint8Array([...head, ...columns.flat()]);
    // The path may be as long as it likes: it is over when its steps are.
    const endless = raw(frames, empty, empty, run(LINE_CODE, end), none);
    expect(await read(logOf({ steps: 2, body: endless }))).toMatch(/more stops/);
    expect(await read(logOf({ steps: 2, body: raw(frames, empty, empty, run(0, end), none) }))).toMatch(
      /too much/,
    );
    expect(await read(logOf({ body: raw(frames, run(1, end), empty, empty, none) }))).toMatch(/equal values/);
    expect(await read(logOf({ body: raw(run(1, end), empty, empty, empty, none) }))).toMatch(/equal values/);
    const values = [1, 0, 0, 0, 128, 0, 0, 0, ...run(4, end)];
    expect(await read(logOf({ body: raw(frames, empty, empty, empty, values) }))).toBe("fine");
    expect(await read(logOf({ steps: 2 ** 22, body: endless }))).toMatch(/more stops/);
    expect(await read(logOf({ steps: end, body: raw(frames, empty, empty, empty, none) }))).toMatch(
      /more steps/,
    );
  });
});

describe("a run that was cut short", () => {
  const end = { stopReason: "step-limit", error: null, steps: 1, events: {} };
  const more = body({ ...LINE, path: [LINE_CODE, LINE_CODE] });

  it.each([
    ["in its last chunk", [chunk({ meta: { ...META, end }, body: more, steps: 1 })]],
    [
      "in a chunk before its end",
      [
        chunk({ meta: META, body: more, steps: 1 }),
        chunk({ index: 1, firstStep: 1, meta: { end }, body: body({ frames: [] }) }),
      ],
    ],
  ])("may have begun more than it counts %s", async (_, chunks) => {
    const log = new TraceLog();
    log.append(0, chunks);
    const timeline = new Timeline(log);
    for (const { index } of log.chunks) await timeline.readEvents(index);
    expect((await timeline.load(1, "operation")).state.stack[0]?.line).toBe(1);
    expect(log.problem.value).toBeNull();
  });
});

describe("a log", () => {
  it("keeps what came before a bad chunk, and says once what is wrong", async () => {
    const bytes = bubble([5, 2, 9, 1, 7], 2);
    const { chunks } = splitChunks(bytes);
    const log = new TraceLog();
    const bad = (chunks[2] as Uint8Array).slice();
    bad[HEADER_SIZE + 3] = 0;
    log.append(0, [chunks[0] as Uint8Array, chunks[1] as Uint8Array, bad, chunks[3] as Uint8Array]);
    expect(log.problem.value?.message).toMatch(/checksum/);
    expect(log.count.value).toBe(2);
    expect((await new Timeline(log).load(log.steps.value, "operation")).state.step).toBe(log.steps.value);
  });

  it("takes chunks twice, late and out of order", () => {
    const { chunks } = splitChunks(bubble([5, 2, 9, 1, 7], 2));
    const log = new TraceLog();
    log.append(2, chunks.slice(2));
    expect(log.count.value).toBe(0);
    log.append(0, chunks.slice(0, 1));
    log.append(0, chunks.slice(0, 2));
    expect(log.count.value).toBe(chunks.length);
    log.append(0, chunks);
    expect(log.count.value).toBe(chunks.length);
    expect(log.problem.value).toBeNull();
  });

  it("takes a file that is cut off as far as it goes", () => {
    const bytes = bubble([5, 2, 9, 1, 7], 2);
    const log = new TraceLog();
    log.appendFile(bytes.subarray(0, bytes.length - 5));
    expect(log.count.value).toBe(splitChunks(bytes).chunks.length - 1);
    expect(log.problem.value).toBeInstanceOf(TraceError);
    expect(log.statusOfFile("x").stopReason).toBe("killed");
  });
});

describe("mutated traces", () => {
  let seed = 20;
  const random = (n: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * n);
  };

  /** Puts something else in place of one entry, at any depth. */
  function spoil(value: unknown): unknown {
    const others = [0, -1, 7, 2 ** 31, 0.5, null, true, "x", [], {}, ["n", 0]];
    if (Array.isArray(value) && value.length > 0 && random(8) > 0)
      return value.with(random(value.length), spoil(value[random(value.length)]));
    return others[random(others.length)];
  }

  const originals = [bubble([5, 2, 9, 1], 2), insertTree(), mixed()];

  it("are read or refused, and nothing else, whatever their bodies hold", async () => {
    const outcomes = new Set<boolean>();
    for (const original of originals) {
      const parsed = splitChunks(original).chunks.map(parseChunk);
      const bodies = parsed.map(inflate);
      for (let round = 0; round < 300; round++) {
        const log = new TraceLog();
        const bad = random(parsed.length);
        parsed.forEach((part, i) => {
          const raw = (bodies[i] as Uint8Array).slice();
          for (let n = random(3); i === bad && n >= 0; n--) raw[random(raw.length)] = random(256);
          log.append(i, [chunk({ ...part, body: raw })]);
        });
        outcomes.add((await read(log)) === "fine");
      }
    }
    expect(outcomes).toEqual(new Set([true, false]));
  });

  it("are read or refused, and nothing else, whatever their tables hold", async () => {
    const outcomes = new Set<boolean>();
    for (const original of originals) {
      const parsed = splitChunks(original).chunks.map(parseChunk);
      const bodies = parsed.map(inflate);
      for (let round = 0; round < 300; round++) {
        const log = new TraceLog();
        parsed.forEach((part, i) => {
          const meta = part.meta as Record<string, unknown>;
          const keys = Object.keys(meta);
          const key = keys[random(keys.length)];
          const spoilt = i === 0 && key !== undefined ? { ...meta, [key]: spoil(meta[key]) } : meta;
          log.append(i, [chunk({ ...part, meta: spoilt, body: bodies[i] as Uint8Array })]);
        });
        outcomes.add((await read(log)) === "fine");
      }
    }
    expect(outcomes).toEqual(new Set([true, false]));
  });
});

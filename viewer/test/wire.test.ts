/** Reading: what is right is read, what is not is refused with one message, and what came before is kept. */

import { describe, expect, it } from "vitest";
import { TraceLog } from "../src/log";
import { Timeline } from "../src/timeline";
import { crc32, HEADER_SIZE, parseChunk, splitChunks, TraceError } from "../src/wire";
import { body, type ChunkParts, chunk, column, int, ref } from "./encode";
import { bubble, mixed } from "./programs";

const META = {
  sources: [["<cell>", "a = 1\n"]],
  names: ["a", "append"],
  units: [["module", "<module>", 0, 1, -1]],
  types: [["list", "list"]],
  sites: [
    ["line", 0, 1, 0, 1, 5, {}],
    ["get", 0, 1, 0, 1, 5, { base: "a" }],
    ["bind", 0, 1, 0, 1, 5, { names: [0], scope: "local" }],
    ["fill", 0, 1, 0, 1, 5, {}],
    ["call", 0, 1, 0, 1, 5, {}],
  ],
};
const FRAMES = [1, 1, 0, 0, 1, 0, 0];

function logOf(parts: ChunkParts): TraceLog {
  const log = new TraceLog();
  log.append(0, [chunk({ meta: META, ...parts })]);
  return log;
}

/** What reading everything of a log comes to: the message of the refusal, or "fine". */
async function read(log: TraceLog): Promise<string> {
  if (log.problem.value) return log.problem.value.message;
  try {
    const timeline = new Timeline(log);
    for (let step = 0; step <= timeline.last; step++) await timeline.load(step, "line");
    return "fine";
  } catch (error) {
    expect(error).toBeInstanceOf(TraceError);
    return (error as Error).message;
  }
}

const LINE = { frames: FRAMES, sites: [0], codes: [0] };

describe("a chunk", () => {
  it("is read with every width and way of columns", async () => {
    for (const style of ["plain", "narrow", "delta"] as const) {
      for (const deflate of [true, false]) {
        const parts = { ...LINE, codes: [0, 0, 0], style };
        expect(await read(logOf({ steps: 3, body: body(parts), deflate }))).toBe("fine");
      }
    }
  });

  it("has the checksum of zlib", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });

  it.each<[string, ChunkParts]>([
    ["an unknown version", { version: 2 }],
    ["unknown flags", { flags: 3 }],
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
    ["an event at no site", { steps: 1, body: body({ ...LINE, codes: [1] }) }],
    ["a site that does not exist", { steps: 1, body: body({ ...LINE, sites: [44] }) }],
    ["a negative code", { steps: 1, body: body({ ...LINE, codes: [-1] }) }],
    [
      "an operand column too short",
      { steps: 1, body: body({ ...LINE, sites: [1], operands: [[ref(1)], []] }) },
    ],
    ["an operand out of range", { steps: 1, body: body({ ...LINE, sites: [1], operands: [[1], [int(0)]] }) }],
    ["an object with id 0", { body: body({ objects: [0, 0, 0, 0] }) }],
    ["an object of no type", { body: body({ objects: [1, 9, 0, 0] }) }],
    ["an object cut off", { body: body({ objects: [1, 0, 5, 5, 4] }) }],
    ["an object that shows more than it has", { body: body({ objects: [1, 0, 0, 1, 4] }) }],
    ["a frame cut off", { body: body({ frames: [1, 1, 0, 0] }) }],
    ["a frame of no unit", { body: body({ frames: [1, 1, 0, 4, 1, 0, 0] }) }],
    ["frames beyond number", { body: body({ frames: [1, 1_000_000] }) }],
    ["atoms that are no list", { body: body({ atoms: { a: 1 } }) }],
    ["an atom of no kind", { body: body({ atoms: [["evil", "x"]] }) }],
    ["an atom that is no array", { body: body({ atoms: ["str"] }) }],
    [
      "a fill with no record",
      { steps: 1, body: body({ ...LINE, sites: [0, 3], codes: [0, 1], operands: [[ref(1)]] }) },
    ],
    [
      "a called name out of range",
      { steps: 1, body: body({ ...LINE, sites: [4], operands: [[ref(1)], [9], [int(1)]] }) },
    ],
    ["an event in no frame", { steps: 1, body: body({ sites: [0], codes: [0] }) }],
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
  it("are read or refused, and nothing else", async () => {
    let seed = 20;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * n);
    };
    const outcomes = new Set<boolean>();
    for (const original of [bubble(), mixed()]) {
      const first = splitChunks(original).chunks[0] as Uint8Array;
      const parsed = parseChunk(first);
      const inflated = new Uint8Array(
        await new Response(
          new Blob([parsed.body as BlobPart]).stream().pipeThrough(new DecompressionStream("deflate")),
        ).arrayBuffer(),
      );
      for (let round = 0; round < 400; round++) {
        const raw = inflated.slice();
        for (let i = random(3); i >= 0; i--) raw[random(raw.length)] = random(256);
        const log = new TraceLog();
        log.append(0, [chunk({ meta: parsed.meta, steps: parsed.steps, body: raw })]);
        outcomes.add((await read(log)) === "fine");
      }
    }
    expect(outcomes).toEqual(new Set([true, false]));
  });
});

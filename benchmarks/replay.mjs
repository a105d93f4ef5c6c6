// Measures the viewer's replay in Node: `node benchmarks/replay.mjs [TRACE ...]`. Without a trace it makes one: a loop of
// list reads. Prints stops per second of walking the path, of a whole pass with decoding, and how long it takes to show a
// step, anywhere, next to the last one, and before it. Time is CPU time of JavaScript's own thread (inflating is done by others).
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/** CPU milliseconds of this thread: other processes of the machine do not count. */
function now() {
  try {
    process.cpuUsage(); // makes the kernel bring the counters up to date: else they are read as of its last tick
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    return Number(process.hrtime.bigint()) / 1e6;
  }
}

const viewer = fileURLToPath(new URL("../viewer/", import.meta.url));

/** The viewer's own modules and the tests' encoder, as one module. */
async function load() {
  const folder = mkdtempSync(join(tmpdir(), "replay-"));
  const outfile = join(folder, "replay.mjs");
  const contents = ["log", "timeline", "compile", "machine", "keyframe", "segment", "body", "stop-index"]
    .map((name) => `export * from "./src/${name}";`)
    .concat(`export * as encode from "./test/encode";`)
    .join("\n");
  await build({
    stdin: { contents, resolveDir: viewer, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile,
    logLevel: "error",
  });
  const module = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return module;
}

const { TraceLog, Timeline, Program, Machine, StopIndex, markAtStart, Segment, decodeBody, encode } =
  await load();

/** `for i in range(n): x = a[i % 1000]`, with three stops in each round, as the recorder would log it. */
function listReads(stops) {
  const { body, chunk, integers, ref } = encode;
  const perChunk = 8190;
  const rounds = perChunk / 3;
  const meta = {
    sources: [["<cell>", "for i in range(n):\n    x = a[i % 1000]\n"]],
    names: ["a", "i", "x"],
    units: [["module", "<module>", 0, 1, -1]],
    types: [["list", "list", [], []]],
    sites: [
      ["iter", 0, 1, 9, 1, 17, {}],
      ["bind", 0, 1, 4, 1, 5, { names: [1], scope: "local" }],
      ["line", 0, 2, 4, 2, 19, {}],
      ["get", 0, 2, 8, 2, 19, { base: "a" }],
      ["bind", 0, 2, 4, 2, 5, { names: [2], scope: "local" }],
    ],
    blocks: [[0, 1, [[-2, 1, 0], 128, [1, 0], [2], 129, [3, ["n", 0], 1], 130, [4, 2]]]],
  };
  const items = Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 1000) << 2);
  const bytes = [];
  for (let index = 0; index * perChunk < stops; index++) {
    const keyframe = index % 5 === 0;
    const at = Array.from({ length: rounds }, (_, i) => index * rounds + i);
    const frames = [1, 0, 0, 2, 0, 0, 0, -1, 0, 0, 1, 1, 1, -1, 3, 0, ref(1)];
    const whole = body({
      frames: keyframe ? frames : [],
      objects: keyframe ? [1, 0, 1000, 1000, ...items] : [],
      path: { bytes: encode.run(32, rounds) },
      columns: {
        128: { bytes: integers(at, "delta") },
        129: {
          bytes: integers(
            at.map((i) => i % 1000),
            "narrow",
          ),
        },
        130: at.map((i) => items[i % 1000]),
      },
    });
    const rest = index === 0 ? { meta } : {};
    bytes.push(
      chunk({ index, firstStep: index * perChunk, steps: perChunk, body: whole, keyframe, ...rest }),
    );
  }
  const log = new TraceLog();
  log.append(0, bytes);
  return log;
}

const print = (what, value) => console.log(`  ${what.padEnd(52)} ${value}`);
const rate = (stops, ms) => `${(stops / ms / 1000).toFixed(1)} million stops/s`;

/** Walks over every chunk, decoded beforehand, several times; the best time counts. */
async function walk(log) {
  const program = new Program(log.tables);
  const count = Math.min(log.chunks.length, 400);
  const chunks = [];
  for (let i = 0; i < count; i++) {
    const output = {
      before: log.outputBefore[i],
      pieces: (log.outputBefore[i + 1] ?? log.tables.output.length) - log.outputBefore[i],
    };
    chunks.push(decodeBody(log.chunks[i], log.inflate(i), log.tables, output));
  }
  const stops = chunks.reduce((n, { steps }) => n + steps, 0);
  const pass = (tell) => {
    let machine;
    for (const chunk of chunks) {
      if (chunk.keyframe) {
        const bases = new Map(chunk.bases.map((base) => [base, chunks[base]]));
        const segment = new Segment(chunk.index, bases, log.tables);
        for (let i = chunk.index; i < count && (i === chunk.index || !chunks[i].keyframe); i++)
          segment.add(chunks[i]);
        const start = markAtStart(chunk, program, (id) => segment.find(id, chunk.index));
        machine = new Machine(program, segment.find, start, chunk, new StopIndex());
      } else machine.nextChunk(chunk, new StopIndex());
      machine.playTo(chunk.steps, tell);
    }
  };
  for (const [what, tell] of [
    ["walking", null],
    ["walking and telling every event with its operands", () => undefined],
  ]) {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 6; round++) {
      const began = now();
      pass(tell);
      best = Math.min(best, now() - began);
    }
    print(what, rate(stops, best));
  }
}

async function whole(log) {
  const timeline = new Timeline(log);
  const began = now();
  for (const { firstStep, steps } of log.chunks) await timeline.load(firstStep + steps, "operation");
  print("every chunk shown once, inflated and decoded", rate(timeline.last, now() - began));
}

async function counting(log) {
  const timeline = new Timeline(log);
  const began = now();
  for (const { index } of log.chunks) await timeline.count(index);
  print("every chunk counted for the run's index", rate(timeline.last, now() - began));
}

async function times(what, steps, show) {
  const taken = [];
  for (const step of steps) {
    const began = now();
    await show(step);
    taken.push(now() - began);
  }
  taken.sort((a, b) => a - b);
  const at = (part) => taken[Math.min(taken.length - 1, Math.floor(taken.length * part))].toFixed(2);
  print(what, `median ${at(0.5)} ms, 95% ${at(0.95)} ms, worst ${at(1)} ms`);
}

async function steps(log) {
  const timeline = new Timeline(log);
  const { last } = timeline;
  let seed = 1;
  const random = (n) => {
    seed = (seed * 48271) % 2147483647;
    return seed % n;
  };
  await times(
    "any step",
    Array.from({ length: 300 }, () => random(last + 1)),
    (s) => timeline.load(s, "operation"),
  );
  const middle = Math.floor(last / 2);
  const near = (n) => Array.from({ length: Math.min(300, middle) }, (_, i) => middle + n * i);
  await times("the next step", near(1), (s) => timeline.load(s, "operation"));
  await times("the step before", near(-1), (s) => timeline.load(s, "operation"));
  await times("dragging over 1 % of the run", near(Math.max(1, Math.floor(last / 30_000))), (s) =>
    timeline.load(s, "operation"),
  );
  await times("the next line", near(1), (s) => timeline.loadNeighbour(s, 1, "line"));
}

async function measure(name, log) {
  const problem = log.problem.value;
  console.log(
    `${name}: ${log.steps.value} stops in ${log.chunks.length} chunks${problem ? `; ${problem.message}` : ""}`,
  );
  await walk(log);
  await whole(log);
  await counting(log);
  await steps(log);
}

const traces = process.argv.slice(2);
if (traces.length === 0) {
  await measure("list reads", listReads(1_000_000));
  await measure("list reads", listReads(20_000_000));
}
for (const path of traces) {
  const log = new TraceLog();
  log.appendFile(new Uint8Array(readFileSync(path)));
  await measure(basename(path), log);
}

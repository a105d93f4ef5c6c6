// Measures the viewer in headless Chromium: `node benchmarks/viewer/measure.mjs [--only NAMES] [--profile NAME] [--quick]`.
// Traces of a million steps and what endless loops leave under the default limits (traces.py makes them) are opened, walked
// through as a reader does, and what is shown is timed from the input to the painted frame.
import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const top = join(here, "../..");
const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    profile: { type: "string", default: "" },
    rounds: { type: "string", default: "200" },
    traces: { type: "string", default: join(top, ".cache/viewer-traces") },
    parts: { type: "string", default: "open,acts,play,memory,stream" },
  },
});
const parts = options.parts.split(",");
const rounds = Number(options.rounds);
const only = options.only.split(",").filter(Boolean);
const NAMES = [
  "sort",
  "grid",
  "tree",
  "graph",
  "big_list",
  "recursion",
  "objects",
  "endless",
  "endless_writes",
];
const GOLDEN = readdirSync(join(top, "tests/golden")).filter((name) => name.endsWith(".trace"));
const names = NAMES.filter((name) => only.length === 0 || only.includes(name));

function python() {
  const own = join(top, ".venv/bin/python");
  return existsSync(own) ? own : "python3";
}

async function bundle(folder) {
  mkdirSync(folder, { recursive: true });
  const css = {
    name: "css",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.css\?inline$/ }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path.replace("?inline", "")),
        namespace: "css",
      }));
      onLoad({ filter: /.*/, namespace: "css" }, ({ path }) => ({
        contents: readFileSync(path, "utf8"),
        loader: "text",
      }));
    },
  };
  await build({
    entryPoints: { viewer: join(top, "viewer/src/standalone.ts") },
    outdir: folder,
    bundle: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    plugins: [css],
    logLevel: "error",
    absWorkingDir: join(top, "viewer"),
  });
  await build({
    entryPoints: [join(top, "tests/e2e/support/chromium.ts")],
    outfile: join(folder, "chromium.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "error",
  });
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>benchmark</title>
<style>body { margin: 16px; font: 14px system-ui, sans-serif }</style><main></main>
<script type="module" src="/page.js"></script>`;

function serve(folder) {
  const files = { "/page.js": join(here, "page.js"), "/viewer.js": join(folder, "viewer.js") };
  const server = createServer(({ url }, answer) => {
    if (url === "/") return answer.setHeader("Content-Type", "text/html").end(PAGE);
    const trace = url.startsWith("/golden/") ? join(top, "tests", url) : join(options.traces, url);
    const path = files[url] ?? (url.endsWith(".trace") ? trace : "");
    if (!existsSync(path)) return answer.writeHead(404).end();
    answer.setHeader("Content-Type", path.endsWith(".js") ? "text/javascript" : "application/octet-stream");
    return createReadStream(path).pipe(answer);
  });
  return new Promise((resume) => server.listen(0, "127.0.0.1", () => resume(server)));
}

function quantile(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function line(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => quantile(sorted, part).toFixed(1).padStart(6);
  return `median ${at(0.5)}  95% ${at(0.95)}  99% ${at(0.99)}  worst ${at(1)} ms`;
}

const print = (what, value) => console.log(`  ${what.padEnd(26)} ${value}`);

async function memory(session) {
  for (let i = 0; i < 3; i++) await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize = 0 } = await session.send("Runtime.getHeapUsage");
  return { heap: usedSize, buffers: backingStorageSize };
}

const DURATIONS = ["TaskDuration", "ScriptDuration", "RecalcStyleDuration", "LayoutDuration"];

/** CPU ms of the page's main thread so far: of everything, of scripts, of styles, of layout. */
async function cpu(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return DURATIONS.map((wanted) => 1000 * metrics.find(({ name }) => name === wanted).value);
}

async function acts(page, session, name) {
  const times = [];
  const cpus = [];
  for (let n = 0; n < rounds; n++) {
    const before = await cpu(session);
    const time = await page.evaluate((act) => window.bench.act(act), name);
    const after = await cpu(session);
    if (!time) continue;
    times.push(time);
    cpus.push(after.map((value, i) => value - before[i]));
  }
  print(`${name}: input to paint`, line(times.map(({ work }) => work)));
  print(`${name}: at 60 frames/s`, line(times.map(({ frame }) => frame)));
  print(`${name}: CPU`, line(cpus.map(([all]) => all)));
  const part = (i) =>
    quantile(
      cpus.map((each) => each[i]).sort((a, b) => a - b),
      0.5,
    ).toFixed(1);
  print(`${name}: CPU, medians`, `script ${part(1)}, style ${part(2)}, layout ${part(3)} ms`);
}

/** What the page's main thread did meanwhile, by kind of work. */
async function traced(browser, page, run) {
  await browser.startTracing(page, {
    categories: ["devtools.timeline", "blink", "cc", "disabled-by-default-devtools.timeline"],
  });
  await run();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .map(({ tid }) => tid),
  );
  const sums = new Map();
  for (const { ph, name, tid, dur = 0, tdur = 0 } of traceEvents) {
    if (ph !== "X") continue;
    const label = `${main.has(tid) ? "" : "(other thread) "}${name}`;
    const sum = sums.get(label) ?? { n: 0, dur: 0, tdur: 0 };
    sum.n++;
    sum.dur += dur / 1000;
    sum.tdur += tdur / 1000;
    sums.set(label, sum);
  }
  for (const [label, { n, dur, tdur }] of [...sums].sort((a, b) => b[1].dur - a[1].dur).slice(0, 40))
    console.log(
      `      ${dur.toFixed(1).padStart(9)} ms, ${tdur.toFixed(1).padStart(9)} CPU, ${n} times  ${label}`,
    );
}

async function profiled(session, run) {
  if (!options.profile) return run();
  await session.send("Profiler.enable");
  await session.send("Profiler.setSamplingInterval", { interval: 200 });
  await session.send("Profiler.start");
  await run();
  const { profile } = await session.send("Profiler.stop");
  const self = new Map();
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  profile.samples.forEach((id, i) => {
    const { functionName, lineNumber, url } = byId.get(id).callFrame;
    const label = `${functionName || "(anonymous)"}${url.endsWith("viewer.js") ? `:${lineNumber + 1}` : ""}`;
    self.set(label, (self.get(label) ?? 0) + (profile.timeDeltas[i] ?? 0) / 1000);
  });
  for (const [label, ms] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 40))
    console.log(`      ${ms.toFixed(1).padStart(8)} ms  ${label}`);
}

const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

async function measure(browser, port, name) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on("pageerror", (error) => console.log("  page error:", error.message));
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction(() => window.bench?.ready);
  const bytes = await page.evaluate((url) => window.bench.fetch(url), `/${name}.trace`);
  const empty = await memory(session);
  const isProfiled = (part) => options.profile === part;
  const run = (part, body) =>
    isProfiled(part)
      ? profiled(session, body)
      : options.profile === `${part}:trace`
        ? traced(browser, page, body)
        : body();
  let opened;
  await run("open", async () => {
    opened = await page.evaluate(() => window.bench.open());
  });
  console.log(`${name}: ${opened.steps.toLocaleString("en")} steps, ${opened.chunks} chunks, ${mib(bytes)}`);
  print("first picture", `${opened.first.toFixed(0)} ms (log taken in after ${opened.taken.toFixed(0)} ms)`);
  if (parts.includes("open")) {
    await run("index", async () => {
      const before = await cpu(session);
      const { gaps, tasks } = await page.evaluate(() => window.bench.watch(8000));
      const after = await cpu(session);
      print("while indexing: frames", line(gaps));
      print(
        "while indexing: CPU",
        `${(after[0] - before[0]).toFixed(0)} ms of 8000; ${tasks.length} long tasks, ${Math.max(0, ...tasks).toFixed(0)} ms at most`,
      );
    });
  }
  if (parts.includes("acts"))
    for (const act of ["jump", "next", "previous", "drag"]) await run(act, () => acts(page, session, act));
  if (parts.includes("play"))
    await run("play", async () => {
      for (const speed of [16, 1024]) {
        const { gaps, tasks } = await page.evaluate((at) => window.bench.play(at, 4000), speed);
        print(`playing ${speed} steps/s`, `frames: ${line(gaps)}; ${tasks.length} long tasks`);
      }
    });
  if (parts.includes("memory")) {
    const full = await memory(session);
    print(
      "beside the log",
      `${mib(full.heap - empty.heap)} objects + ${mib(full.buffers - empty.buffers)} arrays`,
    );
  }
  if (parts.includes("stream"))
    await run("stream", async () => {
      const { times, gaps, tasks, steps } = await page.evaluate(() =>
        window.bench.stream(8000, ["next", "jump", "previous", "drag"]),
      );
      print("streaming", `${(steps / 8e6).toFixed(1)} million steps/s; ${tasks.length} long tasks`);
      print("streaming: input to paint", line(times.map(({ work }) => work)));
      print("streaming: frames", line(gaps));
    });
  await page.close();
}

async function widgets(browser, port) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const session = await page.context().newCDPSession(page);
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction(() => window.bench?.ready);
  const urls = GOLDEN.map((name) => `/golden/${name}`);
  const empty = await memory(session);
  const found = await page.evaluate((list) => window.bench.widgets(list, 200), urls);
  const { took, opened, before, after, scrolling } = found;
  const longest = ({ tasks }) => `${tasks.length} long tasks, ${Math.max(0, ...tasks).toFixed(0)} ms at most`;
  console.log(`200 widgets on one page, of ${GOLDEN.length} runs`);
  print("all there", `after ${took.toFixed(0)} ms; ${longest(opened)}`);
  print(
    "roots and pictures",
    `${before.roots} and ${before.drawn}; at the end of the page ${after.roots} and ${after.drawn}`,
  );
  print("scrolling past all: frames", `${line(scrolling.gaps)}; ${longest(scrolling)}`);
  const gone = await memory(session);
  print("kept once all are gone", mib(gone.heap + gone.buffers - empty.heap - empty.buffers));
  await page.close();
}

const folder = join(top, ".cache/viewer-benchmark");
execFileSync(python(), [join(here, "traces.py"), options.traces, ...names], { stdio: "inherit" });
await bundle(folder);
const server = await serve(folder);
const { chromiumPath } = await import(join(folder, "chromium.mjs"));
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  if (only.length === 0 || parts.includes("memory")) await widgets(browser, server.address().port);
  for (const name of names) await measure(browser, server.address().port, name);
} finally {
  await browser.close();
  server.close();
}

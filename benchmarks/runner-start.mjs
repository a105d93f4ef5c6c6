/**
 * Measures how long the runner takes to its READY, in full and from a snapshot, side by side in one browser: medians and their ratio.
 *
 *     node benchmarks/runner-start.mjs [ROUNDS]      (needs a built site, and Chromium: DSTRUCT_CHROMIUM names one)
 */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chromium } from "@playwright/test";

const ROUNDS = Number(process.argv[2] ?? 7);
const program = process.env.DSTRUCT_LITE ?? ".venv/bin/dstruct-lite";

const NAMES = "chromium chromium-browser google-chrome google-chrome-stable";
const executablePath =
  process.env.DSTRUCT_CHROMIUM ??
  execFileSync("sh", ["-c", `command -v ${NAMES} | head -n 1`], { encoding: "utf8" }).trim();

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** In the page: milliseconds to READY, and of a first small run. */
async function start(options) {
  const { PythonRunner } = await import(new URL("runner.js", location.href).href);
  const began = performance.now();
  const runner = new PythonRunner(undefined, options);
  const opened = await runner.init();
  const ready = performance.now() - began;
  const result = await runner.run("a = [3, 1, 2]\na.sort()");
  const run = performance.now() - began - ready;
  runner.dispose();
  if (!opened.ok || result.stopReason !== "ok") throw new Error(JSON.stringify([opened, result]));
  return { ready, run };
}

async function serve() {
  const server = spawn(program, ["serve", "_site", "--port", "0", "--no-browser"], {
    env: { ...process.env, PYTHONUNBUFFERED: "1" },
  });
  const [said] = await once(server.stdout, "data");
  return { server, url: /http:\S+/.exec(String(said))[0] };
}

const { server, url } = await serve();
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const page = await browser.newPage();
  const blank = `${url}runner/blank.html`;
  await page.route(blank, (route) =>
    route.fulfill({ contentType: "text/html", body: "<title>blank</title>" }),
  );
  await page.goto(blank);
  const cold = await page.evaluate(start, {});
  console.log(`first visit: READY after ${cold.ready.toFixed(0)} ms`);
  const times = { full: [], snapshot: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of ["full", "snapshot"]) {
      times[kind].push((await page.evaluate(start, { snapshot: kind === "snapshot" })).ready);
    }
  }
  const [full, snapshot] = [median(times.full), median(times.snapshot)];
  console.log(`later, in full:          ${full.toFixed(0)} ms (median of ${ROUNDS})`);
  console.log(`later, from a snapshot:  ${snapshot.toFixed(0)} ms`);
  console.log(`ratio: ${(full / snapshot).toFixed(2)}`);
} finally {
  await browser.close();
  server.kill();
}

/** The runner without Jupyter, in a page of the built site: right results, every hang recovered, nothing from elsewhere. */
import type { Page } from "@playwright/test";
import { openRunner, type RunSummary, runIn } from "./support/runner-page";
import { expect, test } from "./support/test";
import { Viewer } from "./support/viewer";
import { Watch } from "./support/watch";

interface Watched {
  readonly page: Page;
  /** What must be empty in the end. */
  readonly watch: Watch;
}

/** A page of the site that holds nothing but the runner's files beside it. */
async function quietPage(page: Page, base: string): Promise<void> {
  const blank = `${base}/runner/blank.html`;
  await page.route(blank, (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>blank</title>" }),
  );
  await page.goto(blank);
}

const own = test.extend<{ runnerPage: Watched }>({
  runnerPage: async ({ page, context, outside, underPath }, use) => {
    const watch = new Watch(context, new URL(underPath.url).origin);
    const before = outside.asked.length;
    await quietPage(page, underPath.url);
    await use({ page, watch });
    watch.stop();
    watch.expectNothing();
    expect(outside.asked.slice(before), "what was asked of other hosts").toEqual([]);
  },
});

const SORT = `def sort(a):
    for end in range(len(a) - 1, 0, -1):
        for i in range(end):
            if a[i] > a[i + 1]:
                a[i], a[i + 1] = a[i + 1], a[i]
    return a
`;

own("output, operations, errors, arguments", async ({ runnerPage: { page } }) => {
  expect((await openRunner(page)).problem).toBeNull();

  const plain = await runIn(page, "a = [3, 1, 2]\na.sort()\nprint(a)\nlen(a)");
  expect(plain).toMatchObject({ output: "[1, 2, 3]\n", result: "3", stopReason: "ok", error: null });
  expect(plain.operations).toEqual(["addArray", ...Array(3).fill("addArrayItem"), "consoleLog"]);
  expect(plain.chunks).toBeGreaterThan(0);
  expect(plain.chunkBytes).toBe(plain.traceBytes);

  const called = await runIn(page, SORT, { entry: "sort", args: [[2, 1]] });
  expect(called).toMatchObject({ output: "[1, 2]", result: "[1, 2]", stopReason: "ok" });
  const tree =
    "def deepest(root):\n    return 0 if root is None else 1 + max(deepest(root.left), deepest(root.right))";
  const built = await runIn(page, tree, { args: [{ type: "binaryTree", value: [1, 2, null, 3] }] });
  expect(built.result).toBe("3");

  const failed = await runIn(page, "print('so far')\na = []\na[1]");
  expect(failed).toMatchObject({
    output: "so far\n",
    stopReason: "error",
    error: { name: "IndexError", message: "list index out of range" },
  });
  expect(failed.error?.stack).toContain('File "<program>", line 3, in <module>');
  expect((await runIn(page, "def f(:")).error?.name).toBe("SyntaxError");
  expect((await runIn(page, "input('name? ')")).error?.name).toBe("EOFError");
  expect((await runIn(page, "import asyncio\nprint(asyncio.run(asyncio.sleep(0.01, 5)))")).output).toBe(
    "5\n",
  );
});

own("a program changes nothing for the next one", async ({ runnerPage: { page } }) => {
  await openRunner(page);
  await runIn(
    page,
    "import builtins, sys, os\nbuiltins.len = None\nsys.setrecursionlimit(90)\nos.chdir('/')\nleft = 1",
  );
  const next = await runIn(
    page,
    "import sys, os\nprint(len([1]), sys.getrecursionlimit() > 500, os.getcwd() != '/', 'left' in globals())",
  );
  expect(next.output).toBe("1 True True False\n");
  await runIn(
    page,
    "import js\nfrom pyodide.ffi import create_proxy\njs.setTimeout(create_proxy(lambda: 1 / 0), 0)",
  );
  expect((await runIn(page, "print('unharmed')")).output).toBe("unharmed\n");
});

/** Ways not to end, and how each is to end; what is printed first is to be kept. The last ones break the interpreter itself. */
const HANGS: readonly (readonly [name: string, code: string, stopReason: string])[] = [
  ["a loop", "print('before')\nn = 0\nwhile True:\n    n += 1", "timeout"],
  ["one operation", "print('before')\nx = (10**9) ** (10**8)", "timeout"],
  ["sleep", "import time\nprint('before')\ntime.sleep(600)", "timeout"],
  ["a loop in C", "import itertools\nprint('before')\nsum(1 for _ in itertools.count())", "timeout"],
  ["a flood", "print('before')\nwhile True: print('x' * 1000)", "output-limit"],
  ["a list without bound", "print('before')\na = []\nwhile True: a.append([0] * 1_000_000)", "memory-limit"],
  ["a string without bound", "print('before')\ns = 'x'\nwhile True: s += s", "memory-limit"],
  ["an exit", "import os\nprint('before')\nos._exit(1)", "killed"],
  ["a stack overflow", "print('before')\na = []\nfor _ in range(100_000): a = [a]\nrepr(a)", "error"],
  ["an abort", "import faulthandler\nprint('before')\nfaulthandler._sigabrt()", "killed"],
  ["a broken library", "import json\njson.dumps = json.loads = None", "killed"],
];

/** Pyodide tells the console when it breaks. That is what these programs make it do. */
const BREAKS =
  /Pyodide has suffered a fatal error|^RuntimeError: unreachable|The cause of the fatal error|Maximum call stack|^.*wasm-function/;

function expectKept(run: RunSummary, name: string): void {
  expect.soft(run.output.startsWith("before\n"), `output kept: ${name}`).toBe(true);
  expect.soft(run.operations, `operations kept: ${name}`).toContain("consoleLog");
  expect.soft(run.steps, `steps kept: ${name}`).toBeGreaterThan(0);
  expect.soft(run.traceBytes, `trace kept: ${name}`).toBe(run.chunkBytes);
}

own("every hang is recovered, and what was recorded is kept", async ({ runnerPage: { page, watch } }) => {
  expect((await openRunner(page)).problem).toBeNull();
  const times: string[] = [];
  for (const [name, code, stopReason] of HANGS) {
    // Only what never ends by itself is given little time: the machine may be busy with other things.
    const run = await runIn(page, code, stopReason === "timeout" ? { timeoutMs: 1_500 } : {});
    expect.soft(run.stopReason, name).toBe(stopReason);
    if (code.includes("before")) expectKept(run, name);
    const next = await runIn(page, "print('alive')", { timeoutMs: 30_000 });
    expect.soft(next.output, `after ${name}`).toBe("alive\n");
    times.push(
      `${name}: ${run.stopReason} after ${Math.round(run.took)} ms, next answers after ${Math.round(next.took)} ms`,
    );
  }
  console.log(times.join("\n"));
  watch.errors.splice(0, watch.errors.length, ...watch.errors.filter((text) => !BREAKS.test(text)));
});

own("a run is stopped by its signal, and a spare takes over", async ({ runnerPage: { page } }) => {
  await openRunner(page, { spare: true });
  const run = await runIn(page, "n = 0\nwhile True:\n    n += 1", {}, 300);
  expect(run).toMatchObject({ stopReason: "interrupted", error: { name: "AbortError" } });
  expect(run.steps).toBeGreaterThan(100);
  expect((await runIn(page, "print('alive')")).output).toBe("alive\n");
});

own("a damaged snapshot and a Pyodide that is not there", async ({ runnerPage: { page, watch } }) => {
  await openRunner(page);
  const damage = (): Promise<number> =>
    page.evaluate(async () => {
      const cache = await caches.open("dstruct-runner");
      const kept = await cache.keys();
      for (const key of kept) await cache.put(key, new Response(new Blob(["no snapshot"])));
      return kept.length;
    });
  // It is written while the page already goes on.
  await expect.poll(damage).toBe(1);
  expect((await openRunner(page)).problem).toBeNull();
  expect((await runIn(page, "print(1)")).output).toBe("1\n");

  const missing = await openRunner(page, {}, "../nowhere/");
  expect(missing.problem).toContain("/nowhere/pyodide.mjs");
  expect((await runIn(page, "print(1)")).stopReason).toBe("error");
  watch.errors.splice(0, watch.errors.length, ...watch.errors.filter((text) => !text.includes("/nowhere/")));
});

own("random numbers differ from start to start, also from a snapshot", async ({ runnerPage: { page } }) => {
  const draw = async (): Promise<string> => {
    await openRunner(page);
    return (await runIn(page, "import random\nprint(random.random())")).output;
  };
  const drawn = [await draw(), await draw(), await draw()];
  expect(new Set(drawn).size).toBe(3);
});

/** What docs/guides/python-runner.md says is enough where a server sends a policy with the worker, too. */
const WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

test("the plain page, under the tightest policy", async ({ page, context, outside, underPath }) => {
  await context.route("**/runner/worker.js", async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), "content-security-policy": WORKER_POLICY };
    await route.fulfill({ response, headers });
  });
  const watch = new Watch(context, new URL(underPath.url).origin);
  const before = outside.asked.length;
  await page.goto(`${underPath.url}/runner/?timeout=2000`);
  await expect(page.getByRole("status").first()).toHaveText("Ready.", { timeout: 120_000 });
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const viewer = new Viewer(page.locator('[data-dstruct="viewer"]'));
  await viewer.ended("ok");
  await viewer.button("Last step").click();
  await viewer.shows("numbers", [1, 2, 3, 5, 7, 9]);

  await page.getByRole("textbox", { name: "Program" }).fill("n = 0\nwhile True:\n    n += 1");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect.poll(() => viewer.steps()).toBeGreaterThan(100);
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await viewer.ended("interrupted");
  expect(await viewer.steps()).toBeGreaterThan(100);
  await page.getByRole("textbox", { name: "Program" }).fill("print('again')");
  await page.getByRole("textbox", { name: "Program" }).press("Control+Enter");
  await viewer.ended("ok");
  watch.stop();
  watch.expectNothing();
  expect(outside.asked.slice(before)).toEqual([]);
});

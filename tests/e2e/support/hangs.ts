/** Ways to hang, crash or flood a notebook's Python, and bringing each to an end as a learner would. */
import { expect, type Page } from "@playwright/test";
import type { JupyterPage, NotebookPanel } from "./jupyter";
import type { Notebook } from "./notebook";

declare const window: JupyterPage;

/** What makes it end: nothing but time, the Stop of the viewer, or the application's Interrupt. */
export type Ending = "alone" | "stop" | "interrupt";
/** What became of Python: it lived on with its variables, or was restarted. */
export type Outcome = "in place" | "restart";

export interface Way {
  readonly name: string;
  readonly code: string;
  readonly ends: Ending;
  readonly outcome: Outcome;
  /** How the recorded run ended, by its viewer; null for an ordinary cell. */
  readonly reason: string | null;
}

/** The limit of recorded runs that are left alone, in seconds. */
export const LIMIT = 2;

function recorded(name: string, code: string, reason: string, more: Partial<Way> = {}): Way {
  const restarted = reason === "killed";
  return {
    name: `recorded: ${name}`,
    code: `%%dstruct --seconds ${more.ends === undefined ? LIMIT : 60}\n${code}`,
    ends: "alone",
    outcome: restarted ? "restart" : "in place",
    reason,
    ...more,
  };
}

function ordinary(name: string, code: string, outcome: Outcome, ends: Ending = "interrupt"): Way {
  return { name: `ordinary: ${name}`, code, ends, outcome, reason: null };
}

const DEEP = "import sys\nsys.setrecursionlimit(10**8)\ndef f(n):\n    return f(n + 1) + 1\nf(0)";

export const WAYS: readonly Way[] = [
  // The hooks: a budget or the clock.
  recorded("endless loop", "while True:\n    pass", "timeout"),
  recorded(
    "a loop that swallows everything",
    "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
    "timeout",
  ),
  recorded("endless generator", "sum(x for x in iter(int, 1))", "timeout"),
  recorded("endless calls", "def f(n):\n    return f(n - 1) + f(n - 1) if n else 0\nf(60)", "timeout"),
  recorded("flood of output", "while True:\n    print('x' * 10_000)", "output-limit"),
  recorded(
    "list growing without bound",
    "a = []\nwhile True:\n    a.append([0] * 1_000_000)",
    "memory-limit",
    { ends: "alone", code: "%%dstruct --seconds 60\na = []\nwhile True:\n    a.append([0] * 1_000_000)" },
  ),
  recorded("string without bound", "s = 'x'\nwhile True:\n    s += s", "memory-limit", {
    code: "%%dstruct --seconds 60\ns = 'x'\nwhile True:\n    s += s",
  }),
  recorded("recursion without end", "def f(n):\n    return f(n + 1)\nf(0)", "error"),
  // A stop by the learner.
  recorded("stopped by the viewer's Stop", "n = 0\nwhile True:\n    n += 1", "interrupted", { ends: "stop" }),
  recorded(
    "stopped by Interrupt",
    "a = [3, 1, 2]\nwhile True:\n    a.sort()\n    a.reverse()",
    "interrupted",
    {
      ends: "interrupt",
    },
  ),
  recorded("input that nobody gives, stopped", "name = input('name? ')", "interrupted", { ends: "stop" }),
  recorded("a sleeper, stopped after asking", "import time\ntime.sleep(1_000)", "killed", { ends: "stop" }),
  ordinary(
    "await",
    "import asyncio\ntry:\n    await asyncio.sleep(1_000)\nexcept KeyboardInterrupt:\n    print('ended')",
    "in place",
  ),
  ordinary("input that nobody gives", "name = input('name? ')", "in place"),
  ordinary("endless loop", "while True:\n    pass", "restart"),
  ordinary("a sleeper", "import time\ntime.sleep(1_000)", "restart"),
  ordinary("flood of output", "while True:\n    print('x' * 100)", "restart"),
  ordinary(
    "flood of pictures",
    "from IPython.display import HTML, display\nwhile True:\n    display(HTML('<b>x</b>'))",
    "restart",
  ),
  ordinary("endless JavaScript", "import js\njs.eval('while (true) {}')", "restart"),
  // The watchdog, and a Python that broke.
  recorded("one endless operation", "x = (10**9) ** (10**8)", "killed"),
  recorded("a catastrophic pattern", "import re\nre.match(r'(a+)+$', 'a' * 40 + 'b')", "killed"),
  recorded("a sleeper", "import time\ntime.sleep(1_000)", "killed"),
  recorded("an endless list in C", "a = list(iter(int, 1))", "killed"),
  ordinary("recursion that breaks Python", DEEP, "restart", "alone"),
  ordinary("the process's exit", "import os\nos._exit(1)", "restart", "alone"),
  ordinary("an abort", "import faulthandler\nfaulthandler._sigabrt()", "restart", "alone"),
];

export const toasts = (page: Page) => page.locator(".Toastify__toast");

/** The execution prompts of all code cells: a star is one that waits or runs. */
export function prompts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { content } = window.jupyterapp.shell.currentWidget as NotebookPanel;
    return content.widgets
      .filter((cell) => cell.model.type === "code")
      .map((cell) => (cell as unknown as { promptNode: HTMLElement | null }).promptNode?.textContent ?? "");
  });
}

export const interrupt = (page: Page): Promise<unknown> =>
  page.evaluate(() => window.jupyterapp.commands.execute("notebook:interrupt-kernel"));

/** Closes all notifications, so that the next one is that of the next incident. */
async function closeToasts(page: Page): Promise<void> {
  await expect(async () => {
    for (const close of await toasts(page).locator("button:not(.jp-toast-button)").all())
      await close.click({ timeout: 1_000 });
    await expect(toasts(page)).toHaveCount(0, { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
}

/** What one way came to. */
export interface Recovery {
  readonly way: Way;
  /** From the time limit, the press or (where neither is) the start of the cell to the answer of the next one, in seconds. */
  readonly seconds: number;
}

/** Lets the cell hang, brings it to an end, and asserts that all is well again. */
export async function recover(notebook: Notebook, way: Way): Promise<Recovery> {
  const { page } = notebook;
  await notebook.runNew("kept = 41");
  const index = await notebook.add(way.code);
  await notebook.start(index);
  let began = Date.now();
  if (way.ends !== "alone") {
    await page.waitForTimeout(2_000);
    began = Date.now();
    await end(notebook, way, index);
  }
  if (way.outcome === "restart") {
    await expect(toasts(page).filter({ hasText: "Python is ready again" })).toHaveCount(1, {
      timeout: 120_000,
    });
  } else {
    await notebook.finished(index, 120_000);
  }
  // A run that reached its time limit was to end then; one that met another limit before has ended by itself by now.
  const limited = way.reason === "timeout" || (way.ends === "alone" && way.reason === "killed");
  if (limited) began += LIMIT * 1_000;
  const next = await notebook.runNew("print(6 * 7, 'kept' in globals())");
  const seconds = Math.max(0, Date.now() - began) / 1_000;
  expect(next.error, way.name).toBeNull();
  expect(next.text.trim(), way.name).toBe(`42 ${way.outcome === "in place" ? "True" : "False"}`);
  if (way.reason !== null) await (await notebook.viewer(index)).ended(way.reason);
  expect(
    (await prompts(page)).filter((text) => text.includes("*")),
    `${way.name}: cells with a star`,
  ).toEqual([]);
  await closeToasts(page);
  return { way, seconds };
}

async function end(notebook: Notebook, way: Way, index: number): Promise<void> {
  const { page } = notebook;
  if (way.ends === "stop") {
    const viewer = await notebook.viewer(index);
    await viewer.button("Stop").click();
  } else await interrupt(page);
  if (way.outcome === "restart")
    await page.getByRole("button", { name: "Restart Python" }).click({ timeout: 30_000 });
}

/** How many workers the page has, once those that were ended are gone. */
export async function workersSettle(page: Page, most: number): Promise<number> {
  await expect.poll(() => page.workers().length, { timeout: 30_000 }).toBeLessThanOrEqual(most);
  return page.workers().length;
}

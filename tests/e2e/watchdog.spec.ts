/**
 * The watchdog alone, on runs announced by hand: what the learner is told, what becomes of the cells that wait, and how the setting
 * gets to Python. What a hanging `%%dstruct` cell looks like is in hang.spec.ts.
 */
import type { Page } from "@playwright/test";
import type { JupyterPage, NotebookPanel } from "./support/jupyter";
import type { App, Notebook } from "./support/notebook";
import { expect, test } from "./support/test";

interface Killed {
  readonly run: string;
  readonly seconds: number;
  readonly reason: string;
}

declare const window: JupyterPage & { killed?: Killed[] };

const SECONDS = 2;
/** Announced, then lost in one operation that never gives control back. */
const HANG = `from dstruct_lite.watchdog import watch
with watch("by hand", ${SECONDS}):
    (10**9) ** (10**8)`;

/** Runs that end in time, one inside the other; then a wait in which a watchdog that had not heard of their ends would act. */
const IN_TIME = `import time
from dstruct_lite.watchdog import watch
before = 1
for i in range(10):
    with watch(f"outer {i}", 1), watch(f"inner {i}", 0.5):
        time.sleep(0.05)
time.sleep(3)`;

const toasts = (page: Page) => page.locator(".Toastify__toast");

/** Writes down which runs viewers were told are dead. */
function logKilled(page: Page): Promise<void> {
  return page.evaluate(() => {
    const killed: Killed[] = [];
    window.killed = killed;
    document.addEventListener("dstruct:killed", (event) => {
      killed.push((event as CustomEvent<Killed>).detail);
    });
  });
}

/** The execution prompts of all code cells: a star is one that waits or runs. */
function prompts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { content } = window.jupyterapp.shell.currentWidget as NotebookPanel;
    return content.widgets
      .filter((cell) => cell.model.type === "code")
      .map((cell) => (cell as unknown as { promptNode: HTMLElement | null }).promptNode?.textContent ?? "");
  });
}

async function restartDelay(notebook: Notebook): Promise<number> {
  const log = await notebook.kernelLog();
  const restarting = log.find(({ what }) => what === "restarting");
  const armed = log.findLast(({ what, at }) => what === "armed" && at < (restarting?.at ?? 0));
  if (!armed || !restarting) throw new Error(log.map(({ what }) => what).join(", "));
  return (restarting.at - armed.at) / 1000;
}

for (const app of ["lab", "notebooks"] satisfies App[]) {
  test(`a hang, ${app}: told in words, no cell left waiting, the next one answers`, async ({ open }) => {
    const notebook = await open(app, "01-sorting.ipynb");
    const { page } = notebook;
    await notebook.logKernel();
    await logKilled(page);
    expect((await notebook.runNew(IN_TIME)).error).toBeNull();
    const harmless = (await notebook.kernelLog()).map(({ what }) => what);
    expect(harmless.filter((what) => what === "armed")).toHaveLength(20);
    expect(harmless.filter((what) => what === "disarmed")).toHaveLength(20);
    expect(harmless).not.toContain("restarting");
    await expect(toasts(page)).toHaveCount(0);

    const hanging = await notebook.add(HANG);
    const queued = await notebook.add("print('queued')");
    await notebook.start(hanging);
    await notebook.start(queued);
    await expect.poll(async () => (await prompts(page)).filter((text) => text.includes("*")).length).toBe(2);

    await expect(toasts(page)).toContainText(`Your code hung for more than ${SECONDS} seconds`, {
      timeout: 10_000,
    });
    const during = await notebook.runNew("print(6 * 7)");
    expect(during.text.trim()).toBe("42");
    expect(during.error).toBeNull();
    await expect(toasts(page)).toContainText("Python is ready again");
    await expect(toasts(page)).toHaveCount(1);

    expect(await page.evaluate(() => window.killed)).toEqual([
      { run: "by hand", seconds: SECONDS, reason: "timeout" },
    ]);
    const delay = await restartDelay(notebook);
    // How much later is the machine's affair; the grace itself is tested against a clock of the test's (machine.test.ts).
    expect(delay).toBeGreaterThan(SECONDS);
    console.log(`  limit ${SECONDS} s, restart after ${delay.toFixed(2)} s`);
    expect((await prompts(page)).filter((text) => text.includes("*"))).toEqual([]);

    // Longer than the limit of the run that was killed, and no run: left alone.
    const seen = (await notebook.kernelLog()).length;
    const ordinary = await notebook.runNew(
      `import time
end = time.monotonic() + ${SECONDS + 4}
while time.monotonic() < end:
    pass
print("before" in globals())`,
    );
    expect(ordinary.text.trim()).toBe("False");
    const since = (await notebook.kernelLog()).slice(seen).map(({ what }) => what);
    expect(since).toContain("busy");
    expect(since).not.toContain("restarting");
  });
}

test("the time limit in the settings editor reaches Python, at once and after a restart", async ({
  open,
}) => {
  const notebook = await open("lab", "01-sorting.ipynb");
  const { page } = notebook;
  const limit = async (): Promise<string> =>
    (
      await notebook.runNew("from dstruct_lite.watchdog import default_seconds; print(default_seconds())")
    ).text.trim();
  expect(await limit()).toBe("30.0");

  await page.evaluate(() =>
    window.jupyterapp.commands.execute("settingeditor:open", { query: "dStruct Lite" }),
  );
  const field = page.locator('input[id$="watchdog_seconds"]');
  await field.fill("7");
  await field.press("Tab");
  await page.getByRole("tab", { name: "01-sorting.ipynb" }).click();
  await notebook.ready();
  await expect.poll(limit).toBe("7.0");

  await page.evaluate(() =>
    (
      window.jupyterapp.shell.currentWidget as unknown as {
        sessionContext: { restartKernel(): Promise<void> };
      }
    ).sessionContext.restartKernel(),
  );
  await expect.poll(limit, { timeout: 60_000 }).toBe("7.0");
});

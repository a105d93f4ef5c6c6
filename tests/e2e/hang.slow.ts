/**
 * Every way we know to hang, crash or flood Python, in both applications: each must be recovered from, the next cell must answer,
 * and what that took is reported. And restarts in a row, which must leave nothing behind.
 */
import type { Page } from "@playwright/test";
import { type Recovery, recover, WAYS, workersSettle } from "./support/hangs";
import type { JupyterPage } from "./support/jupyter";
import { pageCounts, rendererMemory } from "./support/memory";
import { type App, Notebook } from "./support/notebook";
import { expect, test } from "./support/test";

declare const window: JupyterPage;

/** Without a spare in one application, with one in the other: a cold start and a warm one. */
const APPS: readonly { app: App; standby: "on" | "off" }[] = [
  { app: "lab", standby: "off" },
  { app: "notebooks", standby: "on" },
];

async function setStandby(notebook: Notebook, standby: string): Promise<void> {
  await notebook.page.evaluate(async (standby) => {
    const { serviceManager } = window.jupyterapp as unknown as {
      serviceManager: { settings: { save(id: string, raw: string): Promise<void> } };
    };
    await serviceManager.settings.save("dstruct-lite:watchdog", JSON.stringify({ standby }));
  }, standby);
  await notebook.reopen();
}

/** DSTRUCT_WAYS chooses some by a part of their names, while one works on them. */
const CHOSEN = WAYS.filter(({ name }) => new RegExp(process.env.DSTRUCT_WAYS ?? "").test(name));

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

for (const { app, standby } of APPS) {
  test(`${CHOSEN.length} ways to hang, crash or flood, ${app}, standby ${standby}`, async ({
    page,
    atRoot,
  }) => {
    test.setTimeout(40 * 60_000);
    // Not through `open`: a Python that breaks says so on the console.
    const notebook = await Notebook.open(page, atRoot.url, app, "01-sorting.ipynb");
    await setStandby(notebook, standby);
    const recovered: Recovery[] = [];
    for (const way of CHOSEN) {
      // A spare is started once the page has been left alone for a while.
      if (standby === "on" && way.outcome === "restart") await notebook.page.waitForTimeout(15_000);
      try {
        const done = await recover(notebook, way);
        await workersSettle(notebook.page, standby === "on" ? 2 : 1);
        recovered.push(done);
        console.log(`  ${done.seconds.toFixed(1).padStart(6)} s  ${way.outcome.padEnd(8)}  ${way.name}`);
      } catch (error) {
        console.log(`  NOT RECOVERED  ${way.name}: ${String(error).slice(0, 600)}`);
        await notebook.page.screenshot({
          path: test.info().outputPath(`${way.name.replace(/\W+/g, "-")}.png`),
        });
        await notebook.reopen();
      }
    }
    const took = (outcome: string) =>
      recovered.filter(({ way }) => way.outcome === outcome).map(({ seconds }) => seconds);
    console.log(
      `${app}, standby ${standby}: ${recovered.length} of ${CHOSEN.length} recovered; median to the next cell's answer: ` +
        `${median(took("in place")).toFixed(1)} s in place, ${median(took("restart")).toFixed(1)} s restarted`,
    );
    expect(recovered).toHaveLength(CHOSEN.length);
  });
}

/** Restarts Python and says how long it took to answer, in seconds. */
function restartToAnswer(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { sessionContext } = window.jupyterapp.shell.currentWidget as unknown as {
      sessionContext: {
        restartKernel(): Promise<void>;
        session: { kernel: { requestExecute(content: { code: string }): { done: Promise<unknown> } } };
      };
    };
    const began = performance.now();
    await sessionContext.restartKernel();
    await sessionContext.session.kernel.requestExecute({ code: "6 * 7" }).done;
    return (performance.now() - began) / 1_000;
  });
}

test("a standby answers at once where a cold start takes its time", async ({ open }) => {
  test.setTimeout(15 * 60_000);
  const notebook = await open("lab", "01-sorting.ipynb");
  const { page } = notebook;
  const took: Record<string, number> = {};
  for (const standby of ["off", "on"]) {
    await setStandby(notebook, standby);
    await notebook.runNew("1");
    const times: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      if (standby === "on") {
        // Started, and then ready: it is no further than that when a learner needs it.
        await expect.poll(() => page.workers().length, { timeout: 60_000 }).toBe(2);
        await page.waitForTimeout(20_000);
      }
      times.push(await restartToAnswer(page));
    }
    took[standby] = median(times);
    console.log(
      `  standby ${standby}: ${times.map((time) => `${time.toFixed(2)} s`).join(", ")} from restart to answer`,
    );
  }
  expect(took.on).toBeLessThan((took.off as number) / 2);
});

test("20 restarts in a row leave one worker, and not one kernel's memory", async ({ open, browser }) => {
  test.setTimeout(30 * 60_000);
  const notebook = await open("lab", "01-sorting.ipynb");
  const { page } = notebook;
  await setStandby(notebook, "off");
  await notebook.runNew("%%dstruct\na = [2, 1]\na.sort()");
  const before = (await notebook.cells()).length;
  const first = await rendererMemory(browser, page);
  const counted = await pageCounts(page);
  const workers: number[] = [];
  for (let i = 1; i <= 20; i += 1) {
    const index = await notebook.add("%%dstruct --seconds 0.2\nx = (10**9) ** (10**8)");
    await notebook.start(index);
    await (await notebook.viewer(index)).ended("killed");
    expect((await notebook.runNew("print(6 * 7)")).text.trim()).toBe("42");
    workers.push(await workersSettle(page, 1));
  }
  const full = await rendererMemory(browser, page);
  // What the page shows of them is the notebook's: forty cells with twenty viewers.
  await notebook.keep(before);
  const last = await rendererMemory(browser, page);
  const left = await pageCounts(page);
  // One kernel's is what goes with it.
  await page.evaluate(() =>
    (
      window.jupyterapp.shell.currentWidget as unknown as { sessionContext: { shutdown(): Promise<void> } }
    ).sessionContext.shutdown(),
  );
  await workersSettle(page, 0);
  const kernel = last - (await rendererMemory(browser, page));
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  console.log(
    `  20 of 20 restarts; workers after each: ${workers.join(" ")}; memory with one kernel ${megabytes(first)}, ` +
      `after twenty more ${megabytes(full)}, without their cells ${megabytes(last)}; one kernel's: ${megabytes(kernel)}`,
  );
  console.log(`  the page: ${JSON.stringify(counted)}, then ${JSON.stringify(left)}`);
  expect(workers).toEqual(workers.map(() => 1));
  expect(last - first, "memory left behind by twenty kernels").toBeLessThan(kernel);
});

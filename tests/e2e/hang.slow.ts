/**
 * Every way we know to hang, crash or flood Python, in both applications: each must be recovered from, the next cell must answer,
 * and what that took is reported. And restarts in a row, which must leave nothing behind.
 */
import { type Recovery, recover, WAYS, workersSettle } from "./support/hangs";
import type { JupyterPage } from "./support/jupyter";
import { rendererMemory } from "./support/memory";
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
  await notebook.page.reload();
  await notebook.ready();
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
        await notebook.page.reload();
        await notebook.ready();
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

test("20 restarts in a row leave one worker, and no kernel's memory", async ({ open, browser }) => {
  test.setTimeout(30 * 60_000);
  const notebook = await open("lab", "01-sorting.ipynb");
  await setStandby(notebook, "off");
  const empty = await rendererMemory(browser, notebook.page);
  await notebook.runNew("%%dstruct\na = [2, 1]\na.sort()");
  const first = await rendererMemory(browser, notebook.page);
  for (let i = 1; i <= 20; i += 1) {
    const index = await notebook.add("%%dstruct --seconds 0.2\nx = (10**9) ** (10**8)");
    await notebook.start(index);
    await (await notebook.viewer(index)).ended("killed");
    expect((await notebook.runNew("print(6 * 7)")).text.trim()).toBe("42");
    expect(await workersSettle(notebook.page, 1)).toBe(1);
  }
  const last = await rendererMemory(browser, notebook.page);
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  console.log(
    `  20 of 20 restarts, 1 worker; memory ${megabytes(first)}, then ${megabytes(last)}; a kernel's: ${megabytes(first - empty)}`,
  );
  // A kernel left behind each time would be twenty. What grows is the page: sixty cells, twenty viewers.
  expect((last - first) / 20).toBeLessThan((first - empty) / 10);
});

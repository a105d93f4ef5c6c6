/**
 * Stopping by hand, and what survives: the viewer's Stop and the application's Interrupt, the question before a restart and the offer
 * after it; limits that a notebook names for itself; edits across a reload; a second tab on the same notebook.
 */
import { interrupt, prompts, toasts } from "./support/hangs";
import type { JupyterPage, NotebookPanel } from "./support/jupyter";
import { Notebook } from "./support/notebook";
import { expect, test } from "./support/test";

declare const window: JupyterPage;

test("the viewer's Stop ends a running cell that is shown live; Interrupt ends what waits", async ({
  open,
}) => {
  const notebook = await open("lab", "01-sorting.ipynb");
  await notebook.runNew("kept = 41");
  const index = await notebook.add(
    "%%dstruct --seconds 60 --steps 900_000_000\na = [3, 1, 2]\nwhile True:\n    a.append(a.pop(0))",
  );
  const queued = await notebook.add("queued = True");
  await notebook.start(index);
  await notebook.start(queued);
  const viewer = await notebook.viewer(index);
  // It grows while Python is busy, and can be walked.
  await expect.poll(() => viewer.steps()).toBeGreaterThan(20_000);
  await expect(viewer.root.getByText(/of 900,000,000 steps/)).toBeVisible();
  await expect(viewer.root.getByText(/\d+ of 60 s/)).toBeVisible();
  await expect(viewer.root.getByText(/of 64 MB/)).toBeVisible();
  await viewer.button("Last step").click();
  await expect.poll(() => viewer.step()).toBeGreaterThan(20_000);
  const reached = await viewer.step();
  await viewer.button("Previous step").click();
  await viewer.at(reached - 1);

  const took = await viewer.root.evaluate(async (root) => {
    const ended = new Promise<number>((done) => {
      const from = performance.now();
      new MutationObserver(() => {
        if (root.getAttribute("data-stop-reason")) done(performance.now() - from);
      }).observe(root, { attributeFilter: ["data-stop-reason"] });
    });
    root.querySelector<HTMLButtonElement>(".ds-stop")?.click();
    return ended;
  });
  console.log(`  from the press of Stop to the end of the run: ${Math.round(took)} ms`);
  await viewer.ended("interrupted");
  await notebook.finished(queued);
  await expect(viewer.button("Stop")).toHaveCount(0);
  const after = await notebook.runNew("print(kept + 1, queued, sorted(a))");
  expect(after.text.trim()).toBe("42 True [1, 2, 3]");

  for (const waits of ["await asyncio.sleep(600)", "input('name? ')"]) {
    const cell = await notebook.add(
      `import asyncio\ntry:\n    ${waits}\nexcept KeyboardInterrupt:\n    print('ended')`,
    );
    await notebook.start(cell);
    await expect.poll(() => notebook.kernelStatus()).toBe("busy");
    await notebook.page.waitForTimeout(500);
    await interrupt(notebook.page);
    expect((await notebook.finished(cell)).text, waits).toContain("ended");
    await expect(notebook.page.locator(".jp-Stdin-input")).toHaveCount(0);
  }
  expect((await notebook.runNew("print(kept)")).text.trim()).toBe("41");
  await expect(toasts(notebook.page)).toHaveCount(0);
});

test("code that cannot be stopped in place: asked once, restarted, the cells above offered", async ({
  open,
}) => {
  const notebook = await open("notebooks", "01-sorting.ipynb");
  const { page } = notebook;
  // Alone in the notebook, so that running the cells above is quick.
  await notebook.keep(0);
  const traced = await notebook.runNew("%%dstruct\nkept = [2, 1]\nkept.sort()");
  const viewer = await notebook.viewer(traced.index);
  await viewer.ended("ok");
  const steps = await viewer.steps();
  const looping = await notebook.add("while True:\n    pass");
  await notebook.start(looping);
  await expect.poll(() => notebook.kernelStatus()).toBe("busy");
  await page.getByRole("button", { name: "Interrupt the kernel" }).click();
  await expect(toasts(page)).toContainText("cannot be stopped in place");
  await page.getByRole("button", { name: "Keep waiting" }).click();
  await expect(toasts(page)).toHaveCount(0);
  expect(await notebook.kernelStatus()).toBe("busy");

  await page.getByRole("button", { name: "Interrupt the kernel" }).click();
  await page.getByRole("button", { name: "Restart Python" }).click();
  await expect(toasts(page)).toContainText("Python is ready again");
  await expect(toasts(page)).toHaveCount(1);
  expect((await prompts(page)).filter((text) => text.includes("*"))).toEqual([]);
  // What was shown before is still shown, and walks.
  await viewer.button("First step").click();
  await viewer.at(0);
  await viewer.button("Last step").click();
  await viewer.at(steps);
  await viewer.shows("kept", [1, 2]);

  await page.getByRole("button", { name: "Run the cells above" }).click();
  await expect.poll(() => notebook.outcome(traced.index).then(({ count }) => count)).toBe(1);
  expect((await notebook.runNew("print(kept)")).text.trim()).toBe("[1, 2]");
});

test("limits in the notebook, edits across a reload, a second tab", async ({ open, context, atRoot }) => {
  const notebook = await open("lab", "02-linked-list-reversal.ipynb");
  const { page } = notebook;
  await page.evaluate(() => {
    const { model } = (window.jupyterapp.shell.currentWidget as NotebookPanel).content;
    (model as unknown as { setMetadata(key: string, value: unknown): void }).setMetadata("dstruct", {
      seconds: 1,
      steps: 5_000,
    });
  });
  // Each cell has one of the notebook's limits, and is far from the other: the machine may be busy.
  const loop = await notebook.runNew("%%dstruct --seconds 60\nn = 0\nwhile True:\n    n += 1");
  await (await notebook.viewer(loop.index)).ended("step-limit");
  const own = await notebook.runNew("%%dstruct --steps 900_000_000\nn = 0\nwhile True:\n    n += 1");
  const viewer = await notebook.viewer(own.index);
  await viewer.ended("timeout");
  await expect(viewer.root.getByText("Stopped at the time limit of 1 s")).toBeVisible();

  // An edit is saved soon; a reload right after that brings it back.
  const edited = await notebook.add("precious = 'typed just now'");
  await expect
    .poll(() =>
      page.evaluate(
        () =>
          (window.jupyterapp.shell.currentWidget as unknown as { context: { model: { dirty: boolean } } })
            .context.model.dirty,
      ),
    )
    .toBe(false);
  await page.reload();
  await notebook.ready();
  expect((await notebook.cells())[edited]?.source).toBe("precious = 'typed just now'");

  // Each tab has a Python of its own: what happens to one is nothing to the other.
  await notebook.run(edited);
  const second = await Notebook.open(
    await context.newPage(),
    atRoot.url,
    "lab",
    "02-linked-list-reversal.ipynb",
  );
  const hang = await second.add("%%dstruct --seconds 1\nx = (10**9) ** (10**8)");
  await second.start(hang);
  await (await second.viewer(hang)).ended("killed");
  expect((await second.runNew("print('precious' in globals())")).text.trim()).toBe("False");
  await page.bringToFront();
  expect((await notebook.runNew("print(precious)")).text.trim()).toBe("typed just now");
  await expect(toasts(page)).toHaveCount(0);
});

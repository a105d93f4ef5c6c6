/**
 * The same extension in JupyterLab, with a server and an ordinary kernel, which is a process: shown live, interrupted in place, restarted
 * only where an interrupt is not heard, or left alone by a run in a process of its own. What the kernel says without a page
 * is in tests/package/test_ordinary_kernel.py.
 */
import { interrupt, prompts, toasts } from "./support/hangs";
import { type Lab, startLab } from "./support/jupyterlab";
import { test as base, expect } from "./support/test";

const test = base.extend<object, { lab: Lab }>({
  lab: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needed fixtures from the pattern
    async ({}, use) => {
      const lab = await startLab();
      await use(lab);
      await lab.close();
    },
    { scope: "worker" },
  ],
});

test("a recorded cell grows live, is stopped in place, and its limit is the notebook's", async ({
  lab,
  page,
}) => {
  const notebook = await lab.open(page, "live.ipynb");
  await notebook.runNew("kept = 41");
  const index = await notebook.add(
    "%%dstruct --seconds 60\na = [3, 1, 2]\nwhile True:\n    a.append(a.pop(0))",
  );
  await notebook.start(index);
  const viewer = await notebook.viewer(index);
  await expect.poll(() => viewer.steps()).toBeGreaterThan(20_000);
  await viewer.button("Last step").click();
  await expect.poll(() => viewer.step()).toBeGreaterThan(20_000);
  const reached = await viewer.step();
  await viewer.button("Previous step").click();
  await viewer.at(reached - 1);
  await viewer.button("Stop").click();
  await viewer.ended("interrupted");
  await notebook.finished(index);
  expect((await notebook.runNew("print(kept + 1, sorted(a))")).text.trim()).toBe("42 [1, 2, 3]");

  // The application's own Interrupt, for a recorded cell and an ordinary one: in place, and without a question.
  for (const [code, reason] of [
    ["%%dstruct --seconds 60\nimport time\ntime.sleep(600)", "interrupted"],
    ["while True:\n    pass", null],
  ] as const) {
    const cell = await notebook.add(code);
    await notebook.start(cell);
    if (reason) await notebook.viewer(cell);
    // By its star: what the page asks on the kernel's control channel makes it look idle for a moment.
    await expect
      .poll(() => prompts(page).then((all) => all.filter((text) => text.includes("*"))))
      .toHaveLength(1);
    await page.waitForTimeout(1_000);
    await interrupt(page);
    await notebook.finished(cell);
    if (reason) await (await notebook.viewer(cell)).ended(reason);
  }
  expect((await notebook.runNew("print(kept)")).text.trim()).toBe("41");
  await expect(toasts(page)).toHaveCount(0);
});

test("a run that outlives its limit is interrupted, and restarted where that is not heard", async ({
  lab,
  page,
}) => {
  const notebook = await lab.open(page, "hang.ipynb");
  await notebook.runNew("kept = 41");
  // One operation: no hook of ours is reached, but Python itself looks for signals.
  const heard = await notebook.runNew(
    "%%dstruct --seconds 1\na = [1, 2]\na.reverse()\nx = (10**9) ** (10**8)",
  );
  await (await notebook.viewer(heard.index)).ended("interrupted");
  await expect(toasts(page)).toContainText("your code ran for more than 1 second");
  expect((await notebook.runNew("print(kept + 1, a)")).text.trim()).toBe("42 [2, 1]");
  await toasts(page).locator("button").first().click();

  // And where it does not look, only a restart helps.
  const deaf = await notebook.add(
    "%%dstruct --seconds 1\nimport signal, time\nb = [1, 2]\nb.reverse()\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})\ntime.sleep(600)",
  );
  await notebook.start(deaf);
  const viewer = await notebook.viewer(deaf);
  await viewer.ended("killed");
  await expect(toasts(page).filter({ hasText: "Python is ready again" })).toHaveCount(1);
  expect((await prompts(page)).filter((text) => text.includes("*"))).toEqual([]);
  const steps = await viewer.steps();
  expect(steps).toBeGreaterThanOrEqual(4);
  await viewer.button("Last step").click();
  await viewer.at(steps);
  await viewer.shows("b", [2, 1]);
  expect((await notebook.runNew("print(6 * 7, 'kept' in globals())")).text.trim()).toBe("42 False");
  await notebook.runNew("%load_ext dstruct_lite");
  const traced = await notebook.runNew("%%dstruct\nc = [1]\nc.append(2)");
  await (await notebook.viewer(traced.index)).ended("ok");
});

test("a run in a process of its own is ended, and the kernel keeps its variables", async ({ lab, page }) => {
  const notebook = await lab.open(page, "apart.ipynb");
  await notebook.runNew("values = [1, 2]");
  await notebook.logKernel();
  const index = await notebook.add(
    "%%dstruct --isolation process --seconds 2\nvalues.append(3)\nx = (10**9) ** (10**8)",
  );
  await notebook.start(index);
  const viewer = await notebook.viewer(index);
  await viewer.ended("timeout");
  expect((await notebook.finished(index)).text).toContain("values went in as a copy");
  await viewer.button("Last step").click();
  await viewer.shows("values", [1, 2, 3]);
  expect((await notebook.runNew("print(values)")).text.trim()).toBe("[1, 2]");
  expect((await notebook.kernelLog()).map(({ what }) => what)).not.toContain("restarting");
  await expect(toasts(page)).toHaveCount(0);
});

test("the picture is there again after a reload, and no edit is lost", async ({ lab, page }) => {
  const notebook = await lab.open(page, "saved.ipynb");
  const traced = await notebook.runNew("%%dstruct\na = [3, 1, 2]\na.sort()");
  await (await notebook.viewer(traced.index)).ended("ok");
  const edited = await notebook.add("precious = 1");
  await notebook.save();
  const again = await lab.again(page, "saved.ipynb");
  expect((await again.cells())[edited]?.source).toBe("precious = 1");
  const viewer = await again.viewer(traced.index);
  await viewer.ended("ok");
  await viewer.button("Last step").click();
  await viewer.shows("a", [1, 2, 3]);
});

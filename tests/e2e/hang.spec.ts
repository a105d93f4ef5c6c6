/**
 * Programs that never end. Where our hooks are reached, the run ends by itself and the kernel lives on; where Python is lost in one
 * single operation, the watchdog restarts the kernel. Either way the recorded part stays on the screen and the next cell answers.
 */
import type { KernelEvent } from "./support/jupyter";
import type { Notebook } from "./support/notebook";
import { expect, test } from "./support/test";

test("an endless loop ends at its limit; trace, kernel and variables stay", async ({ open }) => {
  const notebook = await open("lab", "01-sorting.ipynb");
  expect((await notebook.runNew("kept = 41")).error).toBeNull();
  await notebook.logKernel();

  for (const body of ["pass", "items[0] += 1"]) {
    const index = await notebook.add(`%%dstruct --seconds 3\nitems = [0]\nwhile True:\n    ${body}`);
    await notebook.start(index);
    const viewer = await notebook.viewer(index);
    await viewer.ended("timeout", 60_000);
    await notebook.finished(index);
    const steps = await viewer.steps();
    expect(steps).toBeGreaterThan(1000);

    await viewer.button("Last step").click();
    await viewer.at(steps);
    await viewer.button("Previous step").click();
    await expect(viewer.root).not.toHaveAttribute("data-step", String(steps));
    await viewer.button("First step").click();
    await viewer.at(0);
  }
  const after = await notebook.runNew("print(kept + 1, items[0] > 0)");
  expect(after.text.trim()).toBe("42 True");
  expect((await notebook.kernelLog()).map(({ what }) => what)).not.toContain("restarting");
});

const first = (log: readonly KernelEvent[], what: string): KernelEvent => {
  const event = log.find((each) => each.what === what);
  if (!event) throw new Error(`no "${what}" among ${log.map((each) => each.what).join(", ")}`);
  return event;
};

const LONG = "for i in range(20_000):\n    items[i % 2] += 1";

/** `before` is what the program does before it hangs; `kept` how many steps of it the picture must have at least. */
async function expectKilled(notebook: Notebook, hang: string, before: string, kept: number): Promise<void> {
  const seconds = 3;
  await notebook.runNew("lost = 1");
  await notebook.logKernel();
  const index = await notebook.add(`%%dstruct --seconds ${seconds}
import re
items = [0, 0]
${before}
${hang}`);
  await notebook.start(index);
  const viewer = await notebook.viewer(index);
  await viewer.ended("killed", 60_000);

  const log = await notebook.kernelLog();
  const waited = (first(log, "restarting").at - first(log, "armed").at) / 1000;
  expect(waited, "seconds from the start of the run to the start of the restart").toBeGreaterThan(seconds);
  expect(waited).toBeLessThanOrEqual(seconds + 2);

  // What was streamed before is still there, and can be walked.
  const steps = await viewer.steps();
  expect(steps).toBeGreaterThanOrEqual(kept);
  await viewer.button("First step").click();
  await viewer.at(0);
  await viewer.button("Last step").click();
  await viewer.at(steps);

  const next = await notebook.runNew('print(6 * 7, "lost" in globals())');
  expect(next.error).toBeNull();
  expect(next.text.trim()).toBe("42 False");
  // The fresh kernel is preloaded like the first one.
  const traced = await notebook.runNew("%%dstruct\nb = [1]\nb.append(2)");
  expect(traced.error).toBeNull();
  await (await notebook.viewer(traced.index)).ended("ok");
  await (await notebook.viewer(index)).ended("killed");
}

test("one operation without end, Lab: the kernel is restarted and answers", async ({ open }) => {
  await expectKilled(await open("lab", "01-sorting.ipynb"), "x = (10**9) ** (10**8)", LONG, 1000);
});

test("a catastrophic pattern, Notebook: the kernel is restarted and answers", async ({ open }) => {
  await expectKilled(
    await open("notebooks", "01-sorting.ipynb"),
    're.match(r"(a+)+$", "a" * 40 + "b")',
    "items[0] = 9",
    4,
  );
});

/** An ordinary cell belongs to the learner: the watchdog never touches it, not even after recorded runs in the same kernel. */
import { expect, test } from "./support/test";

test("an ordinary cell computes for a minute and is left alone", async ({ open }) => {
  const notebook = await open("lab", "01-sorting.ipynb");
  const traced = await notebook.runNew("%%dstruct --seconds 2\na = [1, 2]\na.reverse()");
  await (await notebook.viewer(traced.index)).ended("ok");
  await notebook.logKernel();

  const { text, error } = await notebook.runNew(
    `import time
rounds, end = 0, time.monotonic() + 60
while time.monotonic() < end:
    rounds += 1
print(rounds > 0, a)`,
    180_000,
  );
  expect(error).toBeNull();
  expect(text.trim()).toBe("True [2, 1]");
  const seen = (await notebook.kernelLog()).map(({ what }) => what);
  expect(seen).toContain("busy");
  expect(seen).not.toContain("restarting");
  expect(seen).not.toContain("armed");
});

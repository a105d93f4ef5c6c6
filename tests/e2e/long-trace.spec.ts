/** A trace of a million steps opens in the page that made it, and every place in it can be reached. */
import { expect, test } from "./support/test";

test("a million steps", async ({ open }) => {
  const notebook = await open("lab", "01-sorting.ipynb");
  const { index, error } = await notebook.runNew(
    "%%dstruct --seconds 100\ntotal = 0\nfor i in range(500_000):\n    total += i",
    200_000,
  );
  expect(error).toBeNull();
  const viewer = await notebook.viewer(index);
  await viewer.ended("ok");
  const steps = await viewer.steps();
  expect(steps).toBeGreaterThanOrEqual(1_000_000);

  await viewer.button("Last step").click();
  await viewer.at(steps);
  await expect(viewer.variable("total")).toHaveText(String((499_999 * 500_000) / 2));
  await viewer.button("First step").click();
  await viewer.at(0);
  await viewer.slider.fill(String(steps / 2));
  await viewer.at(Math.floor(steps / 2));
});

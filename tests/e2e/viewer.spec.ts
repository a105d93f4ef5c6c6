/** The picture below one run, as a learner handles it: mouse, keyboard, narrow screens, light and dark. */
import { contrastsOf, luminanceBehind } from "./support/contrast";
import type { Notebook } from "./support/notebook";
import { expect, test } from "./support/test";
import type { Viewer } from "./support/viewer";

const SORT = `%%dstruct
numbers = [5, 2, 9, 1, 7, 3]
for end in range(len(numbers) - 1, 0, -1):
    for i in range(end):
        if numbers[i] > numbers[i + 1]:
            numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]
print(numbers)`;

async function plays(viewer: Viewer): Promise<void> {
  await viewer.button("First step").click();
  await viewer.button("Play").click();
  await expect.poll(() => viewer.step()).toBeGreaterThan(2);
  await viewer.button("Pause").click();
  await expect(viewer.button("Play")).toBeVisible();
  await viewer.root.focus();
  await viewer.root.press("Space");
  await expect(viewer.button("Pause")).toBeVisible();
  await viewer.root.press("Space");
  await expect(viewer.button("Play")).toBeVisible();
}

async function obeysKeys(viewer: Viewer, steps: number): Promise<void> {
  await viewer.root.focus();
  await viewer.root.press("Home");
  await viewer.at(0);
  await viewer.root.press("ArrowRight");
  await viewer.at(1);
  await viewer.root.press("ArrowLeft");
  await viewer.at(0);
  await viewer.root.press("End");
  await viewer.at(steps);
  await viewer.slider.focus();
  await viewer.slider.press("Home");
  await viewer.at(0);
  await viewer.slider.press("ArrowRight");
  await viewer.at(1);
}

async function fits(notebook: Notebook, viewer: Viewer, width: number): Promise<void> {
  await notebook.page.setViewportSize({ width, height: 844 });
  await viewer.root.scrollIntoViewIfNeeded();
  const overflow = await viewer.root.evaluate((root) => root.scrollWidth - root.clientWidth);
  expect(overflow, `at ${width} px`).toBeLessThanOrEqual(0);
  const room = await viewer.root.boundingBox();
  const buttons = ["First step", "Previous step", "Play", "Next step", "Last step"];
  const controls = [
    ...buttons.map((name) => viewer.button(name)),
    viewer.slider,
    ...(await viewer.selects()),
  ];
  for (const control of controls) {
    const box = await control.boundingBox();
    if (!box || !room) throw new Error(`${control} is not to be seen at ${width} px`);
    expect(Math.min(box.width, box.height), `${control} at ${width} px`).toBeGreaterThanOrEqual(24);
    expect(box.x, `${control} at ${width} px`).toBeGreaterThanOrEqual(room.x);
    expect(box.x + box.width, `${control} at ${width} px`).toBeLessThanOrEqual(room.x + room.width);
  }
}

async function expectReadable(viewer: Viewer): Promise<void> {
  const texts = await contrastsOf(viewer.root);
  expect(texts.length).toBeGreaterThan(10);
  expect(texts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
}

test("controls, keys, widths and themes", async ({ open }) => {
  const notebook = await open("notebooks", "01-sorting.ipynb");
  const index = await notebook.add(SORT);
  expect((await notebook.run(index)).error).toBeNull();
  const viewer = await notebook.viewer(index);
  await viewer.ended("ok");
  const steps = await viewer.steps();

  await test.step("play", () => plays(viewer));
  await test.step("keys", () => obeysKeys(viewer, steps));
  await test.step("light and dark", async () => {
    await notebook.theme("JupyterLab Light");
    await expect.poll(() => luminanceBehind(viewer.root)).toBeGreaterThan(0.7);
    await expectReadable(viewer);
    await notebook.theme("JupyterLab Dark");
    await expect.poll(() => luminanceBehind(viewer.root)).toBeLessThan(0.2);
    await expectReadable(viewer);
  });
  for (const width of [800, 390]) await test.step(`${width} px`, () => fits(notebook, viewer, width));
});

/** Makes docs/images: a lesson in the middle of its first run, at three widths, light and dark. Not a test: nothing is compared. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "./support/test";
import type { Viewer } from "./support/viewer";

const IMAGES = join(import.meta.dirname, "../../docs/images");
const SIZES = [
  [1280, 900],
  [800, 1000],
  [390, 844],
] as const;
/** From here on, the first step that swaps: the pointer, both signs and a nearly sorted end can be seen. */
const STEP = 40;

/** Goes on until an element of the list is written. */
async function seekWrite(viewer: Viewer): Promise<void> {
  await viewer.slider.fill(String(STEP));
  await viewer.at(STEP);
  while ((await viewer.root.locator('.ds-cell[data-mark="write"]').count()) === 0)
    await viewer.move(() => viewer.button("Next step").click());
}

test("screenshots", async ({ open }) => {
  await mkdir(IMAGES, { recursive: true });
  const notebook = await open("notebooks", "01-sorting.ipynb");
  const index = (await notebook.cells()).findIndex(({ type }) => type === "code");
  expect((await notebook.run(index)).error).toBeNull();
  const viewer = await notebook.viewer(index);
  await viewer.ended("ok");
  await seekWrite(viewer);

  for (const theme of ["light", "dark"] as const) {
    await notebook.theme(theme === "light" ? "JupyterLab Light" : "JupyterLab Dark");
    for (const [width, height] of SIZES) {
      await notebook.page.setViewportSize({ width, height });
      await notebook.show(index);
      await notebook.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      await notebook.page.mouse.move(0, 0);
      await notebook.page.screenshot({
        path: join(IMAGES, `lesson-${theme}-${width}.png`),
        animations: "disabled",
        caret: "hide",
      });
    }
  }
});

/** The site boots in both apps, at the root of a host and under a path, and a first cell with no import is recorded. */
import { expect, test } from "./support/test";

const FIRST_CELL = `%%dstruct
a = [2, 1]
a[0], a[1] = a[1], a[0]
print(a)`;

for (const [app, place] of [
  ["lab", "root"],
  ["notebooks", "root"],
  ["lab", "path"],
  ["notebooks", "path"],
] as const) {
  test(`a first cell with no import, ${app}, at the ${place}`, async ({ open }) => {
    const notebook = await open(app, "01-sorting.ipynb", place);
    const index = await notebook.add(FIRST_CELL, 0);
    expect(index).toBe(0);

    await notebook.show(0);
    await notebook.cell(0).locator(".cm-content").click();
    await notebook.page.keyboard.press("Shift+Enter");

    const viewer = await notebook.viewer(0);
    await viewer.ended("ok");
    expect(await viewer.steps()).toBeGreaterThan(0);
    await viewer.button("Last step").click();
    await viewer.at(await viewer.steps());
    await viewer.shows("a", [1, 2]);
  });
}

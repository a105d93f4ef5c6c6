/** A notebook that was saved and opened again, in a kernel that never ran its cells: the pictures are there and can be walked. */
import { expect, test } from "./support/test";

const SORT =
  "%%dstruct\na = [3, 1, 2]\nfor i in range(2):\n    if a[i] > a[i + 1]:\n        a[i], a[i + 1] = a[i + 1], a[i]\n";

for (const app of ["lab", "notebooks"] as const) {
  test(`saved pictures, ${app}, also when the notebook is saved again without running it`, async ({
    open,
  }) => {
    const notebook = await open(app, "01-sorting.ipynb");
    const { index, error } = await notebook.runNew(SORT);
    expect(error).toBeNull();
    const live = await notebook.viewer(index);
    await live.ended("ok");
    const steps = await live.steps();
    for (let opened = 0; opened < 2; opened++) {
      await notebook.save();
      await notebook.page.reload();
      await notebook.ready();
      const saved = await notebook.viewer(index);
      await saved.ended("ok");
      expect(await saved.steps()).toBe(steps);
      await saved.button("First step").click();
      await saved.at(0);
      await saved.button("Last step").click();
      await saved.at(steps);
      await saved.shows("a", [1, 2, 3]);
    }
  });
}

test("the picture of a run that was ended by a restart is saved, too", async ({ open }) => {
  const notebook = await open("lab", "01-sorting.ipynb");
  const index = await notebook.add(
    "%%dstruct --seconds 2\nitems = [1]\nitems[0] = 9\nx = (10**9) ** (10**8)",
  );
  await notebook.start(index);
  await (await notebook.viewer(index)).ended("killed", 60_000);
  expect((await notebook.runNew("print(1)")).text.trim()).toBe("1");
  await notebook.save();
  await notebook.page.reload();
  await notebook.ready();
  const saved = await notebook.viewer(index);
  await saved.ended("killed");
  expect(await saved.steps()).toBeGreaterThanOrEqual(4);
  await saved.button("Last step").click();
  await saved.shows("items", [9]);
});

test("close() takes the picture off the page, and all that belongs to it", async ({ open }) => {
  const notebook = await open("lab", "01-sorting.ipynb");
  const first = await notebook.runNew(SORT);
  await (await notebook.viewer(first.index)).ended("ok");
  const closing = await notebook.runNew(
    "from ipywidgets import Widget\nfrom dstruct_lite import Visualizer, visualize\n" +
      "def f(a):\n    a.append(1)\nviz = visualize(f, [])",
  );
  expect(closing.error).toBeNull();
  await (await notebook.viewer(closing.index)).ended("ok");
  const { text } = await notebook.runNew(
    "from ipywidgets.widgets.widget import _instances\n" +
      "for w in [w for w in _instances.values() if isinstance(w, Visualizer)]:\n    w.close()\n" +
      'print([type(w).__name__ for w in _instances.values() if type(w).__module__.startswith("dstruct_lite")])',
  );
  expect(text.trim()).toBe("[]");
  await notebook.show(closing.index);
  await expect(notebook.page.locator('[data-dstruct="viewer"]')).toHaveCount(0);
  await expect(notebook.page.locator('style[data-dstruct="style"]')).toHaveCount(0);
});

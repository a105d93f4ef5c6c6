/** Widgets as ipywidgets has them, in a real page: comparing, `observe`, `link` and `jslink` on `step`, and `close()` on both sides. */
import type { Notebook } from "./support/notebook";
import { expect, test } from "./support/test";
import { Viewer } from "./support/viewer";

const FUNCTIONS = `from dstruct_lite import compare, visualize
def bubble(a):
    for end in range(len(a) - 1, 0, -1):
        for i in range(end):
            if a[i] > a[i + 1]:
                a[i], a[i + 1] = a[i + 1], a[i]
    return a
def insertion(a):
    for k in range(1, len(a)):
        while k > 0 and a[k - 1] > a[k]:
            a[k - 1], a[k] = a[k], a[k - 1]
            k -= 1
    return a`;

/** What is left of our widgets in the kernel. */
const LEFT = `from ipywidgets.widgets.widget import _instances
print([type(w).__name__ for w in _instances.values() if type(w).__module__.startswith("dstruct_lite")])`;

async function ran(notebook: Notebook, source: string): Promise<{ index: number; text: string }> {
  const { index, error, text } = await notebook.runNew(source);
  expect(error, source).toBeNull();
  return { index, text: text.trim() };
}

/** Asks Python until it answers so: what the page writes reaches the kernel a moment later. */
async function says(notebook: Notebook, expression: string, answer: string): Promise<void> {
  await expect.poll(async () => (await ran(notebook, `print(${expression})`)).text).toBe(answer);
}

test("compare: two runs in one page, stepping together, and gone when closed", async ({ open }) => {
  const notebook = await open("lab", "01-sorting.ipynb");
  await ran(notebook, FUNCTIONS);
  const { index } = await ran(notebook, "both = compare(bubble, insertion, [5, 2, 9, 1, 7])");
  await notebook.show(index);
  const pair = notebook.cell(index).locator('[data-dstruct="compare"]');
  await expect(pair).toHaveCount(1);
  const sides = pair.locator('[data-dstruct="viewer"]');
  await expect(sides).toHaveCount(2);
  const [left, right] = [new Viewer(sides.nth(0)), new Viewer(sides.nth(1))];
  await left.ended("ok");
  await right.ended("ok");
  await expect(pair.locator(".ds-side b")).toHaveText(["bubble", "insertion"]);

  await test.step("the page moves both, and Python hears of it", async () => {
    await pair.getByRole("button", { name: "Last step" }).click();
    await left.at(await left.steps());
    await right.at(await right.steps());
    await left.shows("a", [1, 2, 5, 7, 9]);
    await right.shows("a", [1, 2, 5, 7, 9]);
    await says(notebook, "both.step == both.steps == max(both.left.steps, both.right.steps)", "True");
  });

  await test.step("Python moves both", async () => {
    await ran(notebook, "both.step = 3");
    await says(notebook, "both.step", "3");
    await notebook.show(index);
    await left.at(3);
    await right.at(3);
    await left.shows("a", [5, 2, 9, 1, 7]);
  });

  await test.step("close() frees the page and the kernel", async () => {
    await ran(notebook, "both.close()");
    await notebook.show(index);
    await expect(notebook.page.locator("[data-dstruct]")).toHaveCount(0);
    expect((await ran(notebook, LEFT)).text).toBe("[]");
    await says(notebook, "both.left.result.value", "[1, 2, 5, 7, 9]");
  });
});

test("observe, link and jslink work on step; closing one leaves the other", async ({ open }) => {
  const notebook = await open("lab", "01-sorting.ipynb");
  await ran(notebook, FUNCTIONS);
  const made = await ran(
    notebook,
    `first = visualize(bubble, [3, 1, 2]); second = visualize(insertion, [3, 1, 2])
heard = []
first.observe(lambda change: heard.append(change["new"]), "step")`,
  );
  await notebook.show(made.index);
  const roots = notebook.cell(made.index).locator('[data-dstruct="viewer"]');
  await expect(roots).toHaveCount(2);
  const [first, second] = [new Viewer(roots.nth(0)), new Viewer(roots.nth(1))];
  await first.ended("ok");
  await second.ended("ok");

  await test.step("observe", async () => {
    await first.slider.fill("2");
    await first.at(2);
    await says(notebook, "heard[-1:]", "[2]");
  });

  await test.step("link: through the kernel", async () => {
    await ran(notebook, "from traitlets import link\ntie = link((first, 'step'), (second, 'step'))");
    await notebook.show(made.index);
    await second.at(2);
    await first.slider.fill("4");
    await second.at(4);
    await second.slider.fill("1");
    await first.at(1);
    await ran(notebook, "tie.unlink()");
  });

  await test.step("jslink: in the page, with a slider and another run", async () => {
    const { index } = await ran(
      notebook,
      `from ipywidgets import IntSlider, jslink
slider = IntSlider(max=first.steps, description="both")
tie, other = jslink((slider, "value"), (first, "step")), jslink((first, "step"), (second, "step"))
slider`,
    );
    await notebook.show(index);
    const handle = notebook.cell(index).getByRole("slider");
    await handle.focus();
    for (let pressed = 0; pressed < 4; pressed++) await handle.press("ArrowRight");
    await says(notebook, "first.step == second.step == slider.value > 1", "True");
    await notebook.show(made.index);
    await first.slider.fill("3");
    await second.at(3);
    await says(notebook, "(slider.value, second.step)", "(3, 3)");
    await ran(notebook, "tie.unlink(); other.unlink()");
  });

  await test.step("close() of one", async () => {
    await ran(notebook, "first.close()");
    await notebook.show(made.index);
    await expect(roots).toHaveCount(1);
    await second.slider.fill("0");
    await second.at(0);
    await ran(notebook, "second.close(); slider.close()");
    expect((await ran(notebook, LEFT)).text).toBe("[]");
  });
});

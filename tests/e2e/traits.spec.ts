/** Comparing two runs in a real page: steps go both ways, and `close()` frees both sides. */
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

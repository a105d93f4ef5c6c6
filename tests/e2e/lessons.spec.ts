/**
 * Every lesson the site holds: all cells run, each picture can be walked to its end and back, with the buttons and with the
 * keyboard, and shows at its end what Python itself says the variables are.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Notebook } from "./support/notebook";
import { expect, test } from "./support/test";
import type { Viewer } from "./support/viewer";

const LESSONS = readdirSync(join(import.meta.dirname, "../../lite/lessons")).filter((name) =>
  name.endsWith(".ipynb"),
);

const IS_RECORDED = /^%%dstruct|\bvisualize\(/;

const upTo = (steps: number): number[] => Array.from({ length: steps + 1 }, (_, step) => step);

async function walksThere(viewer: Viewer, steps: number): Promise<void> {
  await viewer.button("First step").click();
  await viewer.at(0);
  expect(await viewer.move(() => viewer.button("Next step").click())).toBe(1);
  expect(await viewer.walk("Next step", steps)).toEqual(upTo(steps).slice(1));
  await viewer.button("Next step").click();
  await viewer.at(steps);
}

async function walksBack(viewer: Viewer, steps: number): Promise<void> {
  await viewer.root.focus();
  expect(await viewer.move(() => viewer.root.press("ArrowLeft"))).toBe(steps - 1);
  expect(await viewer.walk("Previous step", 0)).toEqual(upTo(steps - 1).reverse());
  await viewer.button("Previous step").click();
  await viewer.at(0);
  await viewer.root.press("End");
  await viewer.at(steps);
}

/** What Python has to say about the names a program uses: its lists, and the links between its own objects. */
const ASK = (names: string[]): string => `import json as _json
def _ask(names):
    def label(o):
        return repr(next(v for v in vars(o).values() if not hasattr(v, "__dict__")))
    lists, links, seen = {}, set(), []
    for name in names:
        value = globals().get(name)
        if type(value) is list and value and all(type(item) in (int, str) for item in value):
            lists[name] = value
        todo = [value] if type(value).__module__ == "__main__" and not isinstance(value, type) else []
        while todo:
            o = todo.pop()
            if not hasattr(o, "__dict__") or callable(o) or any(o is s for s in seen):
                continue
            seen.append(o)
            for key, other in vars(o).items():
                if hasattr(other, "__dict__"):
                    links.add(f"{label(o)} {key} {label(other)}")
                    todo.append(other)
    return _json.dumps({"lists": lists, "links": sorted(links)})
print(_ask(${JSON.stringify(names)}))`;

async function showsTheTruth(notebook: Notebook, viewer: Viewer, source: string): Promise<void> {
  const topLevel = source.replace(/^(def|class) .*\n([ \t].*\n|\n)*/gm, "");
  const names = [...new Set(topLevel.match(/[A-Za-z_]\w*/g) ?? [])];
  const { text, error } = await notebook.runNew(ASK(names));
  expect(error).toBeNull();
  const truth = JSON.parse(text) as { lists: Record<string, (number | string)[]>; links: string[] };
  for (const [name, values] of Object.entries(truth.lists)) await viewer.shows(name, values);
  if (truth.links.length > 0) await expect.poll(() => viewer.links()).toEqual(truth.links);
}

for (const lesson of LESSONS) {
  test(`lesson ${lesson}`, async ({ open }) => {
    test.setTimeout(480_000);
    const notebook = await open("lab", lesson);
    for (const { index, id, type, source } of await notebook.cells()) {
      if (type !== "code") continue;
      await test.step(id, async () => {
        await notebook.show(index);
        const outcome = await notebook.run(index);
        expect(outcome.error, source).toBeNull();
        expect(outcome.count).not.toBeNull();
        if (!IS_RECORDED.test(source)) return;

        const viewer = await notebook.viewer(index);
        await viewer.ended("ok");
        const steps = await viewer.steps();
        expect(steps).toBeGreaterThan(1);
        await walksThere(viewer, steps);
        await walksBack(viewer, steps);
        if (source.startsWith("%%dstruct")) await showsTheTruth(notebook, viewer, source);
      });
    }
  });
}

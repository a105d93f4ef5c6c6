/** A run as a file: opened from disk, with no network, in the same viewer. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@playwright/test";
import { Viewer } from "./support/viewer";

const ROOT = resolve(import.meta.dirname, "../..");
const OWN = join(ROOT, ".venv/bin/dstruct-lite");
const PROGRAM = process.env.DSTRUCT_LITE ?? (existsSync(OWN) ? OWN : "dstruct-lite");
const VENV = join(ROOT, ".venv/bin/python");
const PYTHON = process.env.DSTRUCT_PYTHON ?? (existsSync(VENV) ? VENV : "python3");

const EVIL = `</script><script>window.evil = 1</script><img src=x onerror="window.evil = 1">`;
const SOURCE = `a = [3, 1, 2]
a.sort()
evil = ${JSON.stringify(EVIL)}
names = {evil: [evil]}
print(evil)
`;

function exported(...options: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "dstruct-page-"));
  writeFileSync(join(folder, "prog.py"), SOURCE);
  execFileSync(PROGRAM, ["run", join(folder, "prog.py"), "--html", join(folder, "run.html"), ...options]);
  return pathToFileURL(join(folder, "run.html")).href;
}

test("opens from disk, offline, asks for nothing, and lets nothing in it act", async ({ page, context }) => {
  const problems: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => asked.push(request.url()));
  await context.setOffline(true);
  const url = exported();
  await page.goto(url);
  const viewer = new Viewer(page.locator('[data-dstruct="viewer"]'));
  await viewer.ended("ok");
  await viewer.button("Last step").click();
  await viewer.at(await viewer.steps());
  await viewer.shows("a", [1, 2, 3]);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("prog.py");
  await expect(viewer.root).toContainText("<img src=x");
  expect(await page.evaluate(() => "evil" in window)).toBe(false);
  expect(await page.locator("img").count()).toBe(0);
  expect(asked).toEqual([url]);
  expect(problems).toEqual([]);
});

test("speaks another language where it was asked to", async ({ page }) => {
  await page.goto(exported("--language", "de"));
  const viewer = new Viewer(page.locator('[data-dstruct="viewer"]'));
  await viewer.button("Nächster Schritt").click();
  await viewer.at(1);
  await expect(viewer.root).toHaveAttribute("lang", "de");
});

test("a notebook as HTML: its runs and comparisons can be walked, and nothing is fetched", async ({
  page,
  context,
}) => {
  const problems: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => asked.push(request.url()));
  await context.setOffline(true);
  const file = join(mkdtempSync(join(tmpdir(), "dstruct-notebook-")), "notebook.html");
  execFileSync(PYTHON, [join(ROOT, "tests/support/notebooks.py"), file], {
    env: { ...process.env, PYTHONPATH: [join(ROOT, "harness"), ROOT].join(delimiter) },
  });
  const url = pathToFileURL(file).href;
  await page.goto(url);
  const run = new Viewer(page.locator('[data-dstruct="viewer"]').first());
  await run.ended("ok");
  expect(await run.steps()).toBeGreaterThan(3);
  await run.button("Last step").click();
  await run.at(await run.steps());
  const pair = page.locator('[data-dstruct="compare"]');
  await pair.getByRole("button", { name: "Last step", exact: true }).first().click();
  for (const side of await pair.locator('[data-dstruct="viewer"]').all()) {
    const half = new Viewer(side);
    await half.at(await half.steps());
    await half.shows("numbers", [1, 2, 3]);
  }
  expect(await page.evaluate(() => "evil" in window)).toBe(false);
  expect(asked).toEqual([url]);
  expect(problems).toEqual([]);
});

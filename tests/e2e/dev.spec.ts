/** viewer/dev.html: any golden trace opened with no Jupyter and no Python, from files that anything may serve. */
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";
import { expect, test } from "@playwright/test";
import { Viewer } from "./support/viewer";

const ROOT = resolve(import.meta.dirname, "../..");
const GOLDEN = join(ROOT, "tests/golden");
const TRACES = readdirSync(GOLDEN).filter((name) => extname(name) === ".trace");
const KINDS: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

let server: Server;
let url: string;
let problems: string[];

test.beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    try {
      const body = readFileSync(join(ROOT, pathname));
      const kind = KINDS[extname(pathname)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": kind }).end(body);
    } catch {
      response.writeHead(pathname === "/favicon.ico" ? 204 : 404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/viewer/dev.html`;
});

test.afterAll(() => new Promise<void>((done) => void server.close(() => done())));

test.beforeEach(({ page }) => {
  problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
});

test("opens every golden trace by its address", async ({ page }) => {
  expect(TRACES.length).toBeGreaterThan(5);
  for (const trace of TRACES) {
    const { steps, stopReason } = JSON.parse(
      readFileSync(join(GOLDEN, trace.replace(/trace$/, "json")), "utf8"),
    ) as { steps: number; stopReason: string };
    await page.goto(`${url}?trace=../tests/golden/${trace}&step=1`);
    const viewer = new Viewer(page.locator('[data-dstruct="viewer"]'));
    await viewer.ended(stopReason as Parameters<Viewer["ended"]>[0]);
    await viewer.at(1);
    expect(await viewer.steps()).toBe(steps);
    await viewer.button("Last step").click();
    await viewer.at(steps);
  }
  expect(problems).toEqual([]);
});

test("opens a file that is chosen, then another", async ({ page }) => {
  await page.goto(url);
  const viewer = new Viewer(page.locator('[data-dstruct="viewer"]'));
  for (const name of ["linked_list", "bubble_sort"]) {
    const { steps } = JSON.parse(readFileSync(join(GOLDEN, `${name}.json`), "utf8")) as { steps: number };
    await page.getByLabel("Trace", { exact: true }).setInputFiles(join(GOLDEN, `${name}.trace`));
    await expect(viewer.root).toHaveAttribute("data-steps", String(steps));
    await expect(viewer.root).toContainText(name);
  }
  expect(problems).toEqual([]);
});

/** The `test` every spec uses: a browser with nothing outside, the served sites, and notebooks that are watched. */
import { test as base } from "@playwright/test";
import { type App, Notebook } from "./notebook";
import { type Outside, watchOutside } from "./outside";
import { type Served, serveSite } from "./site";
import { Watch } from "./watch";

export { expect } from "@playwright/test";

export type Place = "root" | "path";

interface Ours {
  /** Opens a notebook of the site in a fresh browser context; what it must not do is checked when the test ends. */
  open(app: App, path: string, place?: Place): Promise<Notebook>;
}

interface OursPerWorker {
  outside: Outside;
  atRoot: Served;
  underPath: Served;
}

export const test = base.extend<Ours, OursPerWorker>({
  outside: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needed fixtures from the pattern
    async ({}, use) => {
      const outside = await watchOutside();
      await use(outside);
      await outside.close();
    },
    { scope: "worker" },
  ],

  browser: [
    async ({ playwright, launchOptions, outside }, use) => {
      const proxy = { server: `http://127.0.0.1:${outside.port}`, bypass: "127.0.0.1" };
      const browser = await playwright.chromium.launch({ ...launchOptions, proxy });
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],

  atRoot: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needed fixtures from the pattern
    async ({}, use) => {
      const served = await serveSite("/");
      await use(served);
      await served.close();
    },
    { scope: "worker" },
  ],

  underPath: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needed fixtures from the pattern
    async ({}, use) => {
      const served = await serveSite("/courses/algorithms");
      await use(served);
      await served.close();
    },
    { scope: "worker" },
  ],

  open: async ({ context, outside, atRoot, underPath }, use) => {
    const watches: Watch[] = [];
    const before = outside.asked.length;
    await use(async (app, path, place = "root") => {
      const { url } = place === "root" ? atRoot : underPath;
      watches.push(new Watch(context, new URL(url).origin));
      return Notebook.open(await context.newPage(), url, app, path);
    });
    for (const watch of watches) {
      watch.stop();
      watch.expectNothing();
    }
    base.expect(outside.asked.slice(before), "what was asked of other hosts").toEqual([]);
  },
});

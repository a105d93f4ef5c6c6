/**
 * The viewer for everyone: axe over every structure view and panel, in every theme and at a phone's width. Nothing that it calls serious
 * or critical may be there. Texts in drawings, which it does not look at, have their contrast measured.
 */
import { createRequire } from "node:module";
import { expect, type Page, test } from "@playwright/test";
import type { AxeResults, RunOptions } from "axe-core";
import { contrastsOf } from "./support/contrast";
import { open } from "./support/gallery";
import { SCENES } from "./support/scenes";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

interface Look {
  readonly name: string;
  readonly width: number;
  readonly media: Parameters<Page["emulateMedia"]>[0];
  /** Looked at in `make test` for every scene, not only for some. */
  readonly always?: true;
}

const LOOKS: readonly Look[] = [
  { name: "light", width: 1280, media: { colorScheme: "light" }, always: true },
  { name: "dark", width: 1280, media: { colorScheme: "dark" } },
  { name: "light, more contrast", width: 1280, media: { colorScheme: "light", contrast: "more" } },
  { name: "dark, more contrast", width: 1280, media: { colorScheme: "dark", contrast: "more" } },
  { name: "the reader's own colours", width: 1280, media: { forcedColors: "active" } },
  { name: "phone, light", width: 390, media: { colorScheme: "light" } },
  { name: "phone, dark", width: 390, media: { colorScheme: "dark" }, always: true },
];

const PLAIN = {
  colorScheme: "light",
  contrast: "no-preference",
  forcedColors: "none",
  reducedMotion: "reduce",
} as const;

const OPTIONS: RunOptions = {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};

/** What axe finds in the viewer, one line a place. */
async function faults(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<Pick<AxeResults, "violations">, RunOptions>(
    // biome-ignore lint/suspicious/noExplicitAny: the script puts itself there.
    (options) => (globalThis as any).axe.run("main", options),
    OPTIONS,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, impact, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${impact} ${id}: ${target.join(" ")}: ${failureSummary}`),
    );
}

/** A new width is laid out, measured and laid out again: what is asked meanwhile is of a picture nobody sees. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame);
  });
}

for (const scene of SCENES)
  test(`nothing serious: ${scene.name}`, async ({ page }, { project }) => {
    test.setTimeout(120_000);
    await page.emulateMedia(PLAIN);
    await page.setViewportSize({ width: 1280, height: 900 });
    const root = await open(page, scene);
    await page.addScriptTag({ path: AXE });
    for (const look of LOOKS) {
      if (project.name !== "slow" && !scene.always && !look.always) continue;
      await page.setViewportSize({ width: look.width, height: 900 });
      await page.emulateMedia({ ...PLAIN, ...look.media });
      await settled(page);
      expect.soft(await faults(page), look.name).toEqual([]);
      if (look.media?.forcedColors) continue;
      const pale = (await contrastsOf(root)).filter(({ ratio }) => ratio < 4.5);
      expect.soft(pale, look.name).toEqual([]);
    }
  });

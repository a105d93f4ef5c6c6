/**
 * How the viewer looks: every structure view and panel at three widths, light and dark, beside the pictures in `looks/`.
 *
 * `make test` compares a few of them, `make test-slow` all. After a change that is meant, `make looks` makes the pictures
 * anew: look at each that differs before committing it.
 */
import { expect, test } from "@playwright/test";
import { open, partOf } from "./support/gallery";
import { SCENES } from "./support/scenes";

const WIDTHS = [1280, 800, 390] as const;
const THEMES = ["light", "dark"] as const;

for (const scene of SCENES)
  test(scene.name, { tag: scene.always ? [] : "@slow" }, async ({ page }, { project }) => {
    test.setTimeout(120_000);
    const all = project.name === "slow";
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const root = await open(page, scene);
      await page.mouse.move(0, 0);
      for (const theme of THEMES) {
        if (!all && (width === 390) !== (theme === "dark")) continue;
        await page.emulateMedia({ colorScheme: theme });
        const picture = `${scene.name}-${width}-${theme}.png`;
        await expect.soft(partOf(scene, root)).toHaveScreenshot(picture, { timeout: 15_000 });
      }
    }
  });

/** What moves, and that nothing does for readers who want nothing to move. */
import { expect, type Locator, type Page, test } from "@playwright/test";
import { open } from "./support/gallery";
import { VIEW_SCENES } from "./support/scenes";

const [ARRAY] = VIEW_SCENES;

/** Steps over a line in which two elements change places. */
async function swap(page: Page): Promise<Locator> {
  if (!ARRAY) throw new Error("no scene");
  const root = await open(page, { ...ARRAY, after: 0 });
  await root.press("i");
  await expect(root.locator(".ds-fly")).toHaveCount(2);
  return root;
}

/** Where the cells' contents are in the middle of their way: above and below where they end, in pixels. */
function halfway(root: Locator): Promise<{ index: number; up: number }[]> {
  return root.evaluate((element) => {
    const flying = element.getAnimations({ subtree: true }).filter((animation) => {
      animation.pause();
      return (animation as CSSAnimation).animationName === "ds-fly";
    });
    return flying.map((animation) => {
      const { target } = animation.effect as KeyframeEffect;
      const top = () => target?.getBoundingClientRect().top ?? 0;
      animation.currentTime = 170;
      const middle = top();
      animation.finish();
      return { index: Number(target?.closest(".ds-cell")?.getAttribute("data-index")), up: top() - middle };
    });
  });
}

test("two elements that change places cross, one above the other", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "no-preference" });
  // So slow that a busy machine does not miss it.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Animation.enable");
  await devtools.send("Animation.setPlaybackRate", { playbackRate: 0.01 });
  const root = await swap(page);
  const ways = (await halfway(root)).sort((a, b) => a.index - b.index);
  expect(ways.map(({ index }) => index)).toEqual([0, 3]);
  const [left, right] = ways.map(({ up }) => up);
  expect(Math.sign(left ?? 0)).toBe(-Math.sign(right ?? 0));
  expect(Math.abs(left ?? 0) + Math.abs(right ?? 0)).toBeGreaterThan(20);
});

test("nothing moves for readers who asked for that, and the picture is the same", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const root = await swap(page);
  expect(await root.evaluate((element) => element.getAnimations({ subtree: true }).length)).toBe(0);
  await expect(root.locator(".ds-cell-text").first()).toHaveText("8");
});

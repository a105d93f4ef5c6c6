/**
 * Hostile values in every view: nothing runs, nothing becomes markup, nothing turns or hides the text around it.
 *
 * `make test` takes one value of each kind, `make test-slow` all of them (the project "slow" sets `everything`).
 */
import { HOSTILE_VALUES, hostileProgram, lookAtEveryStep } from "./support/hostile";
import { openRunner } from "./support/runner-page";
import { expect, test } from "./support/test";
import { Watch } from "./support/watch";

const SOME = new Set([
  "image",
  "double quote",
  "prototype",
  "colours",
  "override",
  "right to left",
  "high surrogate",
  "nan",
]);

/** Views that every program makes appear. */
const VIEWS = [
  "ds-array",
  "ds-matrix",
  "ds-table",
  "ds-set",
  "ds-linked",
  "ds-frame",
  "ds-output",
  "ds-line",
  "ds-traceback",
  "ds-say",
];

test("every view shows hostile values as text", async ({ page, context, outside, underPath }, {
  project,
}) => {
  test.setTimeout(1_800_000);
  const watch = new Watch(context, new URL(underPath.url).origin);
  const before = outside.asked.length;
  const blank = `${underPath.url}/runner/blank.html`;
  await page.route(blank, (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>blank</title>" }),
  );
  await page.goto(blank);
  await openRunner(page);
  const values = HOSTILE_VALUES.filter(({ name }) => project.name === "slow" || SOME.has(name));
  let looks = 0;
  const kinds = new Set<string>();
  for (const value of values) {
    const looked = await lookAtEveryStep(
      page,
      hostileProgram(value),
      value.text?.slice(0, 200) ?? value.name,
    );
    expect.soft(looked.faults, value.name).toEqual([]);
    expect
      .soft(
        VIEWS.filter((view) => !looked.views.includes(view)),
        `views not seen: ${value.name}`,
      )
      .toEqual([]);
    const plain = /^[\x20-\x7e]+$/.test(value.text ?? "") && !value.times;
    if (plain) expect.soft(looked.output, value.name).toContain(value.text);
    looks += looked.pictures;
    for (const kind of looked.kinds) kinds.add(kind);
    const found = looked.faults.join("; ") || "nothing wrong";
    console.log(
      `  ${String(looked.pictures).padStart(4)} pictures, ${looked.kinds.length} structure views, ${found}: ${value.name}`,
    );
  }
  expect(kinds.size, "structure views seen").toBeGreaterThanOrEqual(15);
  expect(await page.evaluate(() => "dstructPwned" in window), "a script ran").toBe(false);
  console.log(
    `${values.length} hostile values in ${looks} pictures of ${kinds.size} structure views (${[...kinds].join(", ")}): no script ran`,
  );
  watch.stop();
  watch.expectNothing();
  expect(outside.asked.slice(before)).toEqual([]);
});

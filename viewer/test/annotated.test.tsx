// @vitest-environment happy-dom
/** What an author says in a program, drawn at its step and undone before it: forwards, backwards, and after jumps. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { TraceLog } from "../src/log";
import { type Mounted, mount } from "../src/mount";

const root = join(import.meta.dirname, "../..");
const own = join(root, ".venv/bin/python");
const python = process.env.DSTRUCT_PYTHON ?? (existsSync(own) ? own : "python3");
const env = { ...process.env, PYTHONPATH: [join(root, "harness"), root].join(":") };
const { annotated } = JSON.parse(
  execFileSync(python, [join(root, "tests/looks/record.py"), "annotated"], { env, encoding: "utf8" }),
) as Record<string, { trace: string; steps: Record<string, number[]> }>;

let mounted: Mounted | null = null;
afterEach(() => mounted?.dispose());

const texts = (from: Element, selector: string) =>
  [...from.querySelectorAll(selector)].map((element) => element.textContent?.trim() ?? "");

/** All that is said in a picture. */
function said(page: Element): Record<string, unknown> {
  const tints = [...page.querySelectorAll("[data-tint]")].map((element) => {
    const text = element.querySelector(".ds-cell-text, th")?.textContent ?? "";
    return `${text.trim()} ${element.getAttribute("data-tint")}`;
  });
  return {
    figures: [...page.querySelectorAll(".ds-figure")].map((figure) => figure.getAttribute("data-key")),
    tints,
    notes: texts(page, ".ds-note, .ds-said"),
    pointers: [...page.querySelectorAll(".ds-pointer[data-position]")]
      .map((pointer) => `${pointer.textContent} ${pointer.getAttribute("data-position")}`)
      .sort(),
    names: texts(page, ".ds-tag"),
    hidden: page.querySelectorAll('[data-hidden="true"]').length,
    blinks: page.querySelectorAll(".ds-blink").length,
  };
}

it("says the same at a step, wherever the reader comes from", { timeout: 60_000 }, async () => {
  const log = new TraceLog();
  log.appendFile(Uint8Array.from(atob(annotated?.trace ?? ""), (c) => c.charCodeAt(0)));
  const place = document.body.appendChild(document.createElement("div"));
  mounted = mount(place, log);
  const page = place.querySelector('[data-dstruct="viewer"]') as HTMLElement;
  const look = async (step: number) => {
    mounted?.go(step);
    await vi.waitFor(() => expect(page.dataset.step).toBe(String(step)), { interval: 2 });
    return said(page);
  };
  const last = annotated?.steps.end?.[0] ?? 0;
  const there: Record<string, unknown>[] = [];
  for (let step = 0; step <= last; step++) there.push(await look(step));
  // What blinks does so at its own step only, from wherever it is reached.
  for (let step = last; step >= 0; step--) expect(await look(step), `back at ${step}`).toEqual(there[step]);
  for (let i = 0; i < 40; i++) {
    const step = (i * 37) % (last + 1);
    expect(await look(step), `jump to ${step}`).toEqual(there[step]);
  }

  const at = (mark: string, after = 0) => there[(annotated?.steps[mark]?.[0] ?? -1) + after];
  expect(at("annotated")).toMatchObject({
    tints: ["75 green", "75 green", "15 red", ...["3 purple", " red", " red"], "'bob' orange"],
    pointers: ["high 5", "low 0", "pivot 3"],
    hidden: 1,
  });
  expect(at("annotated")?.notes).toEqual(
    expect.arrayContaining([
      "points of the first round",
      "pivot",
      "height: 2 · size: 3",
      "leaves",
      "youngest",
    ]),
  );
  expect(at("annotated")?.names).toContain("slow");
  expect(there.filter(({ blinks }) => blinks === 1).length).toBe(1);
  expect(at("annotated-moved", 1)).toMatchObject({ pointers: ["high 5", "low 3", "pivot 3"] });
  // The list that was hidden is there again.
  const shown = (mark: string, after = 0) =>
    (at(mark, after)?.figures as readonly string[] | undefined)?.length;
  expect([shown("annotated"), shown("annotated-moved", 1)]).toEqual([3, 4]);
  expect(at("annotated-cleared")).toMatchObject({ pointers: [], hidden: 0, notes: ["leaves"] });
});

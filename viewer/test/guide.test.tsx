// @vitest-environment happy-dom
/** docs/guides/add-a-view.md: the view it shows is taken from the page, put where it says, compiled and drawn with. */

import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { render } from "preact";
import { afterAll, describe, expect, it } from "vitest";
import { figuresOf } from "../src/classify";
import { TraceLog } from "../src/log";
import { touchedBy } from "../src/marks";
import { translator } from "../src/messages";
import { NO_NOTES } from "../src/notes";
import { IndexTerms, labelsOf, Names } from "../src/scope";
import { Timeline } from "../src/timeline";
import type { StructureView } from "../src/views/context";
import { VIEWS } from "../src/views/figures";
import { bubble } from "./programs";

const viewer = join(import.meta.dirname, "..");
const page = readFileSync(join(viewer, "../docs/guides/add-a-view.md"), "utf8");
const source = /```tsx\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
// Beside the views, where its imports mean what the page says; gone when the test is over.
const module = join(viewer, "src/views/guide-example.tsx");

afterAll(() => rmSync(module, { force: true }));

describe("the guide", () => {
  it("shows a whole view in fifty lines, of imports that a view may have", () => {
    expect(source.trim().split("\n").length).toBeLessThanOrEqual(50);
    const imports = [...source.matchAll(/from "(\.[^"]*)"/g)].map(([, path]) => path as string);
    expect(imports.length).toBeGreaterThan(4);
    expect(imports.filter((path) => !/^(\.\.\/[\w-]+|\.\/(context|parts|shared\/\w+))$/.test(path))).toEqual(
      [],
    );
  });

  it("has a view that compiles in strict mode, is offered in the menu and draws what the list holds", async () => {
    writeFileSync(module, source);
    execFileSync("npx", ["tsc", "--noEmit", "-p", "."], { cwd: viewer, stdio: "pipe" });
    const { bars } = (await import(/* @vite-ignore */ module)) as { bars: StructureView };
    const log = new TraceLog();
    log.appendFile(bubble([5, 2, 9, 1]));
    const timeline = new Timeline(log);
    const snapshot = await timeline.load(timeline.last, "operation");
    const { state } = snapshot;
    const { tables } = log;
    const touched = touchedBy(snapshot);
    const labels = labelsOf(state);
    const names = new Names(state, tables, new IndexTerms(tables));
    const scene = { state, usage: timeline.usage, touched, labels, names, notes: NO_NOTES };
    const plain = figuresOf(scene, [...VIEWS, bars])[0];
    expect([plain?.view, plain?.options.includes("bars")]).toEqual(["array", true]);
    const figure = figuresOf(scene, [...VIEWS, bars], new Map([[plain?.key ?? "", "bars"]]))[0];
    expect(figure?.view).toBe("bars");
    const place = document.body.appendChild(document.createElement("div"));
    const picture = { snapshot, tables, figures: [], touched, labels, names, notes: NO_NOTES };
    const props = { figure, model: figure?.model, picture, viewer: { t: translator() }, width: 400 };
    render(<bars.Draw {...(props as unknown as Parameters<typeof bars.Draw>[0])} />, place);
    const heights = [...place.querySelectorAll("rect")].map((bar) => Number(bar.getAttribute("height")) - 2);
    expect(heights.map((height) => Math.round(height / 10))).toEqual([1, 2, 5, 9]);
  }, 60_000);
});

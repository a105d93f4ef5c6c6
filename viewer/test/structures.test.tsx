// @vitest-environment happy-dom
/**
 * What is drawn of real programs: tests/structures runs each, plain and recorded, and says what its objects really hold;
 * the page must show that, in the view it is recognised as. Nothing here knows a program's names.
 */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TraceLog } from "../src/log";
import { type Mounted, mount } from "../src/mount";
import { Timeline } from "../src/timeline";

interface Look {
  readonly line: number;
  readonly visit: number;
  readonly view: string;
  readonly of: string;
  /** Variables that must point at a position. */
  readonly at: Readonly<Record<string, number>>;
  readonly cells?: readonly string[];
  readonly rows?: readonly (readonly string[])[];
  readonly entries?: readonly (readonly string[])[];
  readonly members?: readonly string[];
  readonly flat?: readonly string[];
  readonly nodes?: readonly string[];
  readonly links?: readonly (readonly string[])[];
  readonly arrows?: number;
  readonly words?: readonly string[];
  readonly roots?: readonly string[];
  readonly boxes?: readonly string[];
  /** The attribute that tells the nodes apart, where they have several. */
  readonly field?: string;
}

interface Program {
  readonly name: string;
  readonly trace: string;
  readonly looks: readonly Look[];
}

const root = join(import.meta.dirname, "../..");

function python(): string {
  const own = join(root, ".venv/bin/python");
  return process.env.DSTRUCT_PYTHON ?? (existsSync(own) ? own : "python3");
}

/** Programs of ours, or (slow) modules of public packages as their authors wrote them, installed when asked for. */
function programs(which: "own" | "public"): Program[] {
  const env = { ...process.env, PYTHONPATH: join(root, "harness") };
  const options = { env, maxBuffer: 1 << 28, encoding: "utf8" } as const;
  const script = join(root, "tests/structures/looks.py");
  return JSON.parse(execFileSync(python(), [script, which], options)) as Program[];
}

const isPublic = process.env.DSTRUCT_STRUCTURES === "public";
const all = programs(isPublic ? "public" : "own");
let mounted: Mounted | null = null;

afterEach(() => {
  mounted?.dispose();
  mounted = null;
  document.body.replaceChildren();
});

/** The step at which each line is reached for the n-th time. */
async function arrivals(log: TraceLog): Promise<Map<string, number>> {
  const timeline = new Timeline(log);
  const visits = new Map<number, number>();
  const steps = new Map<string, number>();
  for (let step = 1; step <= timeline.last; step++) {
    const { happenings } = await timeline.load(step, "operation");
    for (const { event, site } of happenings) {
      if (event !== "line") continue;
      const visit = (visits.get(site.line) ?? 0) + 1;
      visits.set(site.line, visit);
      steps.set(`${site.line} ${visit}`, step);
    }
  }
  return steps;
}

const texts = (from: Element, selector: string) =>
  [...from.querySelectorAll(selector)].map((element) => element.textContent?.trim() ?? "");

/** What a node says of itself; of several attributes the one that is asked for. */
function said(node: Element, field = ""): string {
  const lines = texts(node, ".ds-cell-text");
  const own = lines.find((line) => line.startsWith(`${field}: `));
  return lines.length > 1 && own ? own.slice(field.length + 2) : lines.join(" ");
}

/** Arrows as they are seen: from the text at one end to that at the other, with what is written on them. */
function arrows(figure: Element, field?: string): string[][] {
  const shown = new Map(
    [...figure.querySelectorAll(".ds-node")].map((node) => [node.getAttribute("data-id"), said(node, field)]),
  );
  return [...figure.querySelectorAll(".ds-edge")].map((edge) => {
    const ends = ["data-from", "data-to"].map((name) => shown.get(edge.getAttribute(name)) ?? "?");
    const label = edge.querySelector(".ds-edge-label")?.textContent;
    return label ? [...ends, label] : ends;
  });
}

const sorted = (rows: readonly (readonly string[])[]) => rows.map((row) => row.join(" → ")).sort();

function pointers(figure: Element): Record<string, number> {
  const found: Record<string, number> = {};
  for (const pointer of figure.querySelectorAll(".ds-pointer[data-position]"))
    found[pointer.textContent ?? ""] = Number(pointer.getAttribute("data-position"));
  return found;
}

/** Whether arrows of an undirected picture are the links of a container that tells each of them twice. */
function undirected(figure: Element): boolean {
  return figure.querySelector(".ds-edge path")?.hasAttribute("marker-end") === false;
}

const seen: Record<string, (figure: Element, look: Look) => void> = {
  array: cells,
  stack: cells,
  queue: cells,
  string: cells,
  matrix: (figure, { rows }) => {
    const drawn = [...figure.querySelectorAll("[data-row]")].map((row) => texts(row, ".ds-cell-text"));
    expect(drawn).toEqual(rows);
  },
  dict: (figure, { entries }) => {
    const drawn = [...figure.querySelectorAll("tr")].map((row) => [
      row.querySelector("th")?.firstChild?.textContent ?? row.querySelector("th")?.textContent,
      row.querySelector("td")?.textContent,
    ]);
    const plain = [...figure.querySelectorAll("tr")].map((row) => {
      const names = texts(row, "th .ds-name").join("");
      const key = (row.querySelector("th")?.textContent ?? "").slice(0, -names.length || undefined);
      return [key, row.querySelector("td")?.textContent ?? ""];
    });
    expect(plain).toEqual(entries);
    expect(drawn.length).toBe(entries?.length);
  },
  set: (figure, { members }) => expect(texts(figure, ".ds-member").sort()).toEqual(members),
  rows: (figure, { flat }) => {
    const values = ".ds-table th, .ds-value, .ds-member, .ds-cell-text";
    const told = texts(figure, values).flatMap((text) => text.replace(/^\[|\]$/g, "").split(", "));
    for (const text of flat ?? []) expect(told.join(" ")).toContain(text.replaceAll("'", ""));
  },
  "linked-list": linked,
  tree: linked,
  graph: (figure, look) => {
    const { nodes = [], links = [] } = look;
    expect(texts(figure, ".ds-node > .ds-cell-text").map(plain).sort()).toEqual(nodes.map(plain).sort());
    const drawn = arrows(figure);
    const both = undirected(figure)
      ? [...drawn, ...drawn.map(([a, b, ...rest]) => [b, a, ...rest] as string[])]
      : drawn;
    expect(sorted(both.map((arrow) => arrow.map(plain)))).toEqual(
      sorted(links.map((link) => link.map(plain))),
    );
  },
  trie: (figure, look) => {
    const { links = [], words = [] } = look;
    const prefix = prefixes(figure);
    const drawn = [...figure.querySelectorAll(".ds-edge")].map((edge) =>
      ["data-from", "data-to"].map((name) => prefix.get(edge.getAttribute(name) ?? "") ?? "?"),
    );
    expect(sorted(drawn)).toEqual(sorted(links));
    const ends = [...figure.querySelectorAll(".ds-node")].filter((node) => node.querySelector(".ds-ring"));
    expect(ends.map((node) => prefix.get(node.getAttribute("data-id") ?? "")).sort()).toEqual(words);
  },
  heap: (figure, look) => {
    cells(figure.querySelector(".ds-array") ?? figure, look);
    expect(sorted(arrows(figure))).toEqual(sorted(look.links ?? []));
  },
  "union-find": (figure, look) => {
    // Drawn from the root down, with arrows that point up.
    const drawn = arrows(figure).map(([up, place]) => [place, up] as string[]);
    expect(sorted(drawn)).toEqual(sorted(look.links ?? []));
    const rings = [...figure.querySelectorAll(".ds-node")].filter((node) => node.querySelector(".ds-ring"));
    expect(rings.map((node) => texts(node, ".ds-cell-text")[0]).sort()).toEqual(look.roots);
  },
  boxes: (figure, { boxes, arrows: count }) => {
    const types = [...figure.querySelectorAll(".ds-node")].map((node) => texts(node, ".ds-cell-text")[0]);
    expect(types.sort()).toEqual(boxes);
    expect(figure.querySelectorAll(".ds-edge").length).toBe(count);
  },
};

function plain(text: string): string {
  return text.replaceAll("'", "");
}

function cells(figure: Element, { cells: wanted, at }: Look): void {
  expect(texts(figure, ".ds-cell .ds-cell-text")).toEqual(wanted);
  const positions = [...figure.querySelectorAll(".ds-cell")].map((cell) => cell.getAttribute("data-index"));
  expect(positions).toEqual(wanted?.map((_, i) => String(i)));
  expect(pointers(figure)).toMatchObject(at);
}

function linked(figure: Element, look: Look): void {
  const { nodes = [], links = [], field } = look;
  const all = [...figure.querySelectorAll(".ds-node")].map((node) => said(node, field));
  expect(all.sort()).toEqual(nodes);
  const drawn = arrows(figure, field).map(([from, to]) => [from, to] as string[]);
  expect(sorted(drawn)).toEqual(sorted(links));
}

function prefixes(figure: Element): Map<string, string> {
  const letter = new Map(
    [...figure.querySelectorAll(".ds-node")].map((node) => [
      node.getAttribute("data-id") ?? "",
      texts(node, ".ds-cell-text")[0] ?? "",
    ]),
  );
  const up = new Map(
    [...figure.querySelectorAll(".ds-edge")].map((edge) => [
      edge.getAttribute("data-to") ?? "",
      edge.getAttribute("data-from") ?? "",
    ]),
  );
  const whole = (id: string): string => (up.has(id) ? whole(up.get(id) as string) + letter.get(id) : "");
  return new Map([...letter.keys()].map((id) => [id, whole(id)]));
}

it("has at least three programs for every view that is recognised by itself", () => {
  const used = new Map<string, Set<string>>();
  for (const { name, looks } of all)
    for (const { view } of looks) used.set(view, (used.get(view) ?? new Set()).add(name));
  for (const view of Object.keys(seen).filter((name) => name !== "boxes" || !isPublic))
    expect(used.get(view)?.size ?? 0, view).toBeGreaterThanOrEqual(3);
});

describe.each(all.map((program) => [program.name, program] as const))("%s", (_, program) => {
  it("is drawn as what it is, with what its objects hold", async () => {
    const log = new TraceLog();
    log.appendFile(Uint8Array.from(atob(program.trace), (c) => c.charCodeAt(0)));
    expect(log.problem.value).toBeNull();
    const steps = await arrivals(log);
    const place = document.body.appendChild(document.createElement("div"));
    mounted = mount(place, log);
    const page = place.querySelector('[data-dstruct="viewer"]') as HTMLElement;
    expect(program.looks.length).toBeGreaterThan(0);
    for (const look of program.looks) {
      const step = steps.get(`${look.line} ${look.visit}`);
      expect(step, `line ${look.line}, visit ${look.visit}`).toBeDefined();
      mounted.go(step as number);
      await vi.waitFor(() => expect(page.dataset.step).toBe(String(step)), 20_000);
      const figures = [...page.querySelectorAll(`.ds-figure[data-kind="${look.view}"]`)];
      const drawn = [...page.querySelectorAll(".ds-figure")].map((figure) =>
        figure.getAttribute("data-kind"),
      );
      expect(figures.length, `${look.of} as ${look.view} at step ${step}: ${drawn}`).toBeGreaterThan(0);
      const wrong: unknown[] = [];
      for (const figure of figures) {
        try {
          seen[look.view]?.(figure, look);
        } catch (error) {
          wrong.push(error);
        }
      }
      // One of the figures of this kind must be it.
      if (wrong.length === figures.length) throw wrong[0];
    }
  });
});

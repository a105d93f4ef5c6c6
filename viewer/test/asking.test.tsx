// @vitest-environment happy-dom
/** Questions on the page: asked by click and by key, answered, paused at; the tree of calls; the gutter; exceptions. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { KEYS, keyCap } from "../src/keys";
import { TraceLog } from "../src/log";
import { en } from "../src/messages";
import { type Mounted, mount } from "../src/mount";
import { int, none, Recording } from "./encode";
import { bubble, insertTree } from "./programs";

let mounted: Mounted | null = null;
let place: HTMLElement;

afterEach(() => {
  mounted?.dispose();
  mounted = null;
  document.body.replaceChildren();
});

async function open(bytes: Uint8Array, initialStep = 0): Promise<TraceLog> {
  const log = new TraceLog();
  log.appendFile(bytes);
  log.status.value = log.statusOfFile("run");
  place = document.body.appendChild(document.createElement("div"));
  mounted = mount(place, log, { initialStep });
  await at(initialStep);
  await vi.waitFor(() => expect(place.querySelector(".ds-line, .ds-frame")).not.toBeNull());
  return log;
}

const root = () => place.querySelector<HTMLElement>('[data-dstruct="viewer"]') as HTMLElement;
const step = () => Number(root().dataset.step);
const at = (wanted: number) => vi.waitFor(() => expect(step()).toBe(wanted));
const key = (name: string, target: Element = root()) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
const panel = () => place.querySelector<HTMLElement>('[role="dialog"]');
const click = (target: Element | null | undefined) =>
  target?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
const choose = (text: string) =>
  click([...(panel()?.querySelectorAll("button") ?? [])].find((button) => button.textContent === text));
const rank = () => place.querySelector(".ds-rank")?.textContent;
const words = () => place.querySelector('[role="status"]')?.textContent ?? "";

/** An error that leaves two calls and is caught in the module. */
function failing(): Uint8Array {
  const r = new Recording(
    "def f():\n    g()\ndef g():\n    raise ValueError\ntry:\n    f()\nexcept ValueError:\n    pass\n",
  );
  const f = r.unit("function", "f", 1);
  const g = r.unit("function", "g", 3);
  const error = r.atom("exception", "ValueError", "");
  r.line(6).enter(f, 1, {}).line(2).enter(g, 3, {}).line(4);
  r.event("raise", {}, [error]);
  r.unwind(error).unwind(error);
  r.line(8).leave(none);
  return r.finish();
}

describe("a click on a place", () => {
  it("asks for every change of an element, and goes from one to the next and back", async () => {
    await open(bubble(), 5);
    await vi.waitFor(() => expect(place.querySelector('.ds-cell[data-place="1"]')).not.toBeNull());
    click(place.querySelector('.ds-cell[data-place="1"]'));
    await vi.waitFor(() => expect(panel()?.textContent).toContain("numbers[1]"));
    choose(en["ask.changes"]);
    await vi.waitFor(() => expect(words()).toContain("writes numbers[1] = 5"));
    expect(panel()).toBeNull();
    await vi.waitFor(() => expect(rank()).toMatch(/^1 \/ \d+$/));
    const first = step();
    key("n");
    await vi.waitFor(() => expect(rank()).toMatch(/^2 \//));
    expect(words()).toContain("numbers[1]");
    key("N");
    await at(first);
    click(
      place.querySelector(`[aria-label="${en["trail.drop"].replace("{question}", "numbers[1] changes")}"]`),
    );
    await vi.waitFor(() => expect(place.querySelector(".ds-trail")).toBeNull());
  });

  it("asks when a variable became what it is", async () => {
    const log = await open(bubble(), 0);
    mounted?.go(log.steps.value);
    await vi.waitFor(() => expect(place.querySelector('[data-variable="i"]')).not.toBeNull());
    click(place.querySelector('[data-variable="i"]'));
    await vi.waitFor(() => expect(panel()?.textContent).toContain("When it became 0"));
    choose("When it became 0");
    await vi.waitFor(() => expect(words()).toContain("i = 0"));
    expect(step()).toBeLessThan(8);
  });
});

describe("the keyboard", () => {
  it("opens the panel, searches, and closes it", async () => {
    await open(bubble());
    key("/");
    await vi.waitFor(() => expect(panel()).not.toBeNull());
    key("Escape", panel()?.querySelector("input") as Element);
    await vi.waitFor(() => expect(panel()).toBeNull());
    key("q");
    await vi.waitFor(() => expect(panel()).not.toBeNull());
    const input = panel()?.querySelector("input") as HTMLInputElement;
    input.value = "[1, 2";
    input.form?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await vi.waitFor(() => expect(words()).toContain("prints"));
    expect(place.querySelector(".ds-asked")?.textContent).toBe("“[1, 2”");
  });

  it("steps over and out of calls, and steps by another measure", async () => {
    await open(insertTree());
    for (const letter of ["o", "o", "o", "o", "o"]) {
      const before = step();
      key(letter);
      await vi.waitFor(() => expect(step()).toBeGreaterThan(before));
    }
    expect(place.querySelectorAll(".ds-frame").length).toBe(1);
    while (place.querySelectorAll(".ds-frame").length < 2) {
      const before = step();
      key("i");
      await vi.waitFor(() => expect(step()).toBeGreaterThan(before));
    }
    key("u");
    await vi.waitFor(() => expect(place.querySelectorAll(".ds-frame").length).toBe(1));
    expect(words()).toContain("insert returns");
    const select = place.querySelector("select") as HTMLSelectElement;
    key("g");
    await vi.waitFor(() => expect(select.value).toBe("line"));
  });

  it("is told in one table: no key twice, each with a name", () => {
    const keys = KEYS.flatMap((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { name } of KEYS) expect(en[name]).toBeTruthy();
    expect([" ", "ArrowLeft", "n", "N", "/"].map(keyCap)).toEqual(["Space", "←", "N", "Shift N", "/"]);
  });
});

describe("pauses", () => {
  it("are set by a click on a line's number; playing and running stop there", async () => {
    const log = await open(bubble());
    click(place.querySelector('[data-line="6"]'));
    await vi.waitFor(() =>
      expect(place.querySelector('[data-line="6"]')?.getAttribute("aria-pressed")).toBe("true"),
    );
    key("r");
    await vi.waitFor(() => expect(words()).toContain("reaches line 6"));
    const first = step();
    key("r");
    await vi.waitFor(() => expect(step()).toBeGreaterThan(first));
    expect(words()).toContain("reaches line 6");
    key("R");
    await at(first);
    key("Home");
    await at(0);
    const speeds = [...place.querySelectorAll("select")].at(-1) as HTMLSelectElement;
    speeds.value = "1024";
    speeds.dispatchEvent(new Event("change", { bubbles: true }));
    key(" ");
    await at(first);
    await vi.waitFor(() => expect(place.querySelector('[aria-label="Play"]')).not.toBeNull());
    click(place.querySelector('[data-line="6"]'));
    await vi.waitFor(() => expect(place.querySelector(".ds-trail")).toBeNull());
    key("r");
    await at(log.steps.value);
  });
});

describe("the panels", () => {
  it("count how often each line has run", async () => {
    const log = await open(bubble());
    mounted?.go(log.steps.value);
    await vi.waitFor(() => {
      const counts = [...place.querySelectorAll(".ds-count")].map((count) => count.textContent);
      expect(counts).toEqual(["1", "", "3", "6", "6", "4", "", "1"]);
    });
  });

  it("show all calls with arguments and results, and go to one that is clicked", async () => {
    await open(insertTree());
    await vi.waitFor(() => expect(place.querySelector(".ds-stack .ds-link")).not.toBeNull());
    key("c");
    await vi.waitFor(() =>
      expect(place.querySelectorAll('[role="treeitem"]')[1]?.textContent).toBe(
        "insert(None, 5) → TreeNode 5",
      ),
    );
    const rows = [...place.querySelectorAll('[role="treeitem"]')];
    const inner = rows.find((row) => row.getAttribute("aria-level") === "3");
    click(inner);
    await vi.waitFor(() => expect(words()).toContain("calls insert("));
    expect(place.querySelector('[role="treeitem"][aria-current="step"]')?.getAttribute("aria-level")).toBe(
      "3",
    );
    const tree = place.querySelector('[role="tree"]') as Element;
    key("ArrowDown", tree);
    await vi.waitFor(() => expect(tree.children[1]?.getAttribute("aria-selected")).toBe("true"));
    key("Enter", tree);
    await vi.waitFor(() => expect(words()).toContain("calls insert(None, 5)"));
  });

  it("tell the way of an exception, and go along it", async () => {
    const log = await open(failing());
    const raise = 6;
    mounted?.go(raise);
    const way = () => [...place.querySelectorAll(".ds-crossing li")].map((item) => item.textContent);
    await vi.waitFor(() =>
      expect(way()).toEqual([
        "raised in g, line 4",
        "leaves g, line 4",
        "leaves f, line 2",
        "caught in main, line 8",
      ]),
    );
    click(place.querySelectorAll(".ds-crossing button")[2]);
    await at(raise + 2);
    await vi.waitFor(() => expect(way().length).toBe(4));
    expect(place.querySelector('.ds-crossing [aria-current="step"]')?.textContent).toBe("leaves f, line 2");
    mounted?.go(log.steps.value);
    await vi.waitFor(() => expect(place.querySelector(".ds-crossing")).toBeNull());
  });

  it("go to the step that printed a piece of output", async () => {
    const r = new Recording("print('a')\nx = 1\nprint('b')\n");
    r.line(1)
      .print("a\n")
      .line(2)
      .bind({ x: int(1) })
      .cut();
    r.line(3).print("b\n").leave(none);
    const log = await open(r.finish());
    mounted?.go(log.steps.value);
    await vi.waitFor(() => expect(place.querySelectorAll("[data-piece]").length).toBe(2));
    click(place.querySelector('[data-piece="0"]'));
    await at(1);
    mounted?.go(log.steps.value);
    await vi.waitFor(() => expect(place.querySelectorAll("[data-piece]").length).toBe(2));
    click(place.querySelector('[data-piece="1"]'));
    await at(3);
  });
});

// @vitest-environment happy-dom
/** The viewer on a page: its attributes, names, keyboard and clean-up. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { TraceLog } from "../src/log";
import { en } from "../src/messages";
import { type Mounted, mount } from "../src/mount";
import { splitChunks } from "../src/wire";
import { bubble, insertTree, mixed, reverseList } from "./programs";

let mounted: Mounted | null = null;
let place: HTMLElement;

afterEach(() => {
  mounted?.dispose();
  mounted = null;
  document.body.replaceChildren();
});

function open(bytes: Uint8Array, host: Parameters<typeof mount>[2] = {}): TraceLog {
  const log = new TraceLog();
  log.appendFile(bytes);
  log.status.value = log.statusOfFile("run");
  place = document.body.appendChild(document.createElement("div"));
  mounted = mount(place, log, host);
  return log;
}

const root = () => place.querySelector<HTMLElement>('[data-dstruct="viewer"]') as HTMLElement;
const button = (name: string) =>
  place.querySelector<HTMLElement>(`button[aria-label="${name}"]`) as HTMLElement;
const step = () => Number(root().dataset.step);
const at = (wanted: number) => vi.waitFor(() => expect(step()).toBe(wanted));
const key = (name: string, target: Element = root()) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
const drawn = () =>
  vi.waitFor(() => expect(place.querySelector(".ds-say")?.textContent).toContain("Before the first"));

describe("the root element", () => {
  it("says step, steps and stop reason", async () => {
    const log = open(bubble());
    await drawn();
    expect(root().dataset.step).toBe("0");
    expect(root().dataset.steps).toBe(String(log.steps.value));
    expect(root().dataset.stopReason).toBe("ok");
  });

  it("has no stop reason while the run goes on, and grows as chunks come", async () => {
    const { chunks } = splitChunks(bubble([5, 2, 9, 1, 7], 2));
    const log = new TraceLog();
    place = document.body.appendChild(document.createElement("div"));
    mounted = mount(place, log);
    expect(root().dataset.stopReason).toBe("");
    expect(root().textContent).toContain(en["run.running"]);
    log.append(0, chunks.slice(0, 1));
    await vi.waitFor(() => expect(Number(root().dataset.steps)).toBe(log.steps.value));
    const before = log.steps.value;
    log.append(1, chunks.slice(1));
    await vi.waitFor(() => expect(Number(root().dataset.steps)).toBeGreaterThan(before));
    button("Last step").click();
    await at(log.steps.value);
  });
});

describe("the transport", () => {
  it("goes forwards, backwards, to both ends and along the slider", async () => {
    const log = open(bubble());
    await drawn();
    button("Next step").click();
    await at(1);
    button("Next step").click();
    button("Next step").click();
    await at(3);
    button("Previous step").click();
    await at(2);
    button("Last step").click();
    await at(log.steps.value);
    button("First step").click();
    await at(0);
    const slider = place.querySelector<HTMLInputElement>('input[type="range"]') as HTMLInputElement;
    expect(slider.getAttribute("aria-label")).toBe("Step");
    slider.value = "5";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await at(5);
  });

  it("plays and pauses, and its button says which", async () => {
    open(bubble());
    await drawn();
    button("Play").click();
    await vi.waitFor(() => expect(button("Pause")).not.toBeNull());
    await vi.waitFor(() => expect(step()).toBeGreaterThan(1), 3000);
    button("Pause").click();
    await vi.waitFor(() => expect(button("Play")).not.toBeNull());
  });

  it("steps by line and by call when asked", async () => {
    const log = open(insertTree());
    await drawn();
    const select = place.querySelector("select") as HTMLSelectElement;
    select.value = "call";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    button("Next step").click();
    await vi.waitFor(() => expect(root().textContent).toContain("calls insert(None, 5)"));
    button("Next step").click();
    await vi.waitFor(() => expect(root().textContent).toContain("insert returns TreeNode 5"));
    expect(step()).toBeLessThan(log.steps.value);
  });

  it("answers to the keyboard, but not while somebody chooses or types", async () => {
    const log = open(bubble());
    await drawn();
    key("ArrowRight");
    await at(1);
    key("ArrowRight", button("Play"));
    await at(2);
    key("ArrowLeft");
    await at(1);
    key("End");
    await at(log.steps.value);
    key("Home");
    await at(0);
    key("ArrowRight", place.querySelector("select") as Element);
    key("x");
    expect(step()).toBe(0);
    key(" ");
    await vi.waitFor(() => expect(button("Pause")).not.toBeNull());
  });
});

describe("the picture", () => {
  it("shows a swap with its marks, pointers, words and output", async () => {
    const log = open(bubble(), { initialStep: 11 });
    await vi.waitFor(() =>
      expect(place.querySelector('[data-kind="array"] [data-mark="write"]')).not.toBeNull(),
    );
    const cells = [...place.querySelectorAll('[data-kind="array"] .ds-cell-text')].map(
      (cell) => cell.textContent,
    );
    expect(cells).toEqual(["2", "5", "9", "1"]);
    expect(place.querySelector('.ds-cell[data-mark="write"]')?.getAttribute("data-index")).toBe("1");
    expect([...place.querySelectorAll(".ds-pointer text")].map((name) => name.textContent)).toEqual(["i"]);
    expect(place.querySelector('[role="status"]')?.textContent).toContain("writes numbers[1] = 5 (was 2)");
    expect(place.querySelector('.ds-line[data-current="true"]')?.textContent).toContain(
      "numbers[i + 1], numbers[i]",
    );
    expect(place.querySelector(".ds-focus")?.textContent).toBe("numbers[i + 1]");
    mounted?.go(log.steps.value);
    await vi.waitFor(() => expect(place.querySelector(".ds-output pre")?.textContent).toBe("[1, 2, 5, 9]\n"));
  });

  it("draws linked objects with names, and every other kind of figure", async () => {
    open(reverseList(), { initialStep: 9 });
    await vi.waitFor(() => expect(place.querySelectorAll(".ds-node").length).toBe(4));
    const names = [...place.querySelectorAll(".ds-tag text")].map((name) => name.textContent);
    expect(new Set(names)).toEqual(new Set(["head", "current", "following", "previous"]));
    mounted?.dispose();
    const log = open(mixed());
    mounted?.go(log.steps.value);
    await vi.waitFor(() => expect(place.querySelectorAll(".ds-figure").length).toBe(5));
    expect(place.querySelector(".ds-inline-error")?.textContent).toBe("ValueError: no more");
    expect(place.querySelector(".ds-traceback")?.textContent).toContain("Traceback");
    expect(place.querySelector(".ds-chip")?.textContent).toBe("Ends with ValueError");
  });

  it("shows markup in values as text", async () => {
    const { Recording } = await import("./encode");
    const r = new Recording("x = 1\n");
    const evil = '<img src=x onerror="window.evil=1">';
    r.line(1).bind({ x: r.object("list", evil, [r.str(evil)]), [evil]: r.str(evil) });
    r.print(evil);
    const log = open(r.finish("error", { name: evil, message: evil, stack: evil }));
    mounted?.go(log.steps.value);
    await vi.waitFor(() => expect(place.querySelector(".ds-output pre")?.textContent).toContain(evil));
    expect(place.querySelector("img")).toBeNull();
    expect(root().textContent).toContain(evil);
  });

  it("says what is wrong with a bad trace and stays on the page", async () => {
    const bytes = bubble().slice();
    bytes[60] = (bytes[60] as number) ^ 1;
    open(bytes);
    await vi.waitFor(() => expect(place.querySelector('[role="alert"]')?.textContent).toMatch(/checksum/));
  });
});

describe("themes, texts and clean-up", () => {
  it("follows Jupyter's theme", async () => {
    document.body.setAttribute("data-jp-theme-light", "false");
    open(bubble());
    expect(root().dataset.theme).toBe("dark");
    document.body.setAttribute("data-jp-theme-light", "true");
    await vi.waitFor(() => expect(root().dataset.theme).toBe("light"));
    document.body.removeAttribute("data-jp-theme-light");
  });

  it("speaks the host's language", async () => {
    open(bubble(), { language: { tag: "de", texts: { "viewer.next": "Nächster Schritt" } } });
    expect(button("Nächster Schritt")).not.toBeNull();
    expect(button("Previous step")).not.toBeNull();
    expect([root().lang, root().dir]).toEqual(["de", "ltr"]);
  });

  it("tells the host each step gone to, and not that it was opened", async () => {
    const steps: number[] = [];
    open(bubble(), { onStep: (value) => steps.push(value) });
    await drawn();
    expect(steps).toEqual([]);
    button("Next step").click();
    await at(1);
    button("Next step").click();
    await at(2);
    expect(steps).toEqual([1, 2]);
  });

  it("leaves nothing behind: no element, no style, no listener, no clock", async () => {
    const unwatched = vi.fn();
    const steps: number[] = [];
    const log = open(bubble(), { watchTheme: () => unwatched, onStep: (value) => steps.push(value) });
    await drawn();
    expect(document.querySelectorAll('style[data-dstruct="style"]').length).toBe(1);
    const second = mount(document.body.appendChild(document.createElement("div")), log);
    expect(document.querySelectorAll('style[data-dstruct="style"]').length).toBe(1);
    second.dispose();
    button("Play").click();
    mounted?.dispose();
    mounted = null;
    expect(unwatched).toHaveBeenCalledOnce();
    expect(place.childNodes.length).toBe(0);
    expect(document.querySelectorAll('style[data-dstruct="style"]').length).toBe(0);
    const told = steps.length;
    log.append(99, []);
    log.steps.value += 1;
    await new Promise((done) => setTimeout(done, 600));
    expect(steps.length).toBe(told);
  });
});

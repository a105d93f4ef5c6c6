// @vitest-environment happy-dom
/** The help sheet, and which viewers of a long page are drawn. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KEYS, keyCap } from "../src/keys";
import { TraceLog } from "../src/log";
import { type Mounted, mount } from "../src/mount";
import { FEW } from "../src/views/visible";
import { bubble } from "./programs";

let place: HTMLElement;
let mounted: Mounted;

const root = () => place.querySelector('[data-dstruct="viewer"]') as HTMLElement;
const sheet = () => place.querySelector("dialog");

function open(into = place): Mounted {
  const log = new TraceLog();
  log.appendFile(bubble());
  log.status.value = log.statusOfFile("sort");
  mounted = mount(into, log);
  return mounted;
}

beforeEach(() => {
  place = document.body.appendChild(document.createElement("div"));
});

afterEach(() => {
  mounted.dispose();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

describe("the help sheet", () => {
  it("lists every key, opens by key and by button, and closes", async () => {
    open();
    root().dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }));
    await vi.waitFor(() => expect(sheet()?.open).toBe(true));
    expect(sheet()?.getAttribute("aria-label")).toBe("Keyboard");
    const caps = [...(sheet()?.querySelectorAll("kbd") ?? [])].map(({ textContent }) => textContent);
    expect(caps).toEqual(KEYS.flatMap(({ keys }) => keys.map(keyCap)));
    sheet()?.dispatchEvent(new KeyboardEvent("keydown", { key: "End", bubbles: true }));
    expect(root().dataset.step).toBe("0");
    sheet()?.querySelector<HTMLElement>('[aria-label="Close"]')?.click();
    await vi.waitFor(() => expect(sheet()).toBeNull());
    root().querySelector<HTMLElement>('[aria-label="Show all keys"]')?.click();
    await vi.waitFor(() => expect(sheet()?.open).toBe(true));
  });
});

describe("a viewer on a long page", () => {
  it("is drawn while it is near the screen; its root and attributes always stay", async () => {
    let tell: (entries: { target: Element; isIntersecting: boolean }[]) => void = () => {};
    const disconnect = vi.fn();
    const unobserve = vi.fn();
    vi.stubGlobal(
      "IntersectionObserver",
      class {
        constructor(callback: typeof tell) {
          tell = callback;
        }
        observe() {}
        unobserve = unobserve;
        disconnect = disconnect;
      },
    );
    const all = Array.from({ length: FEW + 1 }, () => {
      const own = place.appendChild(document.createElement("div"));
      return { own, mounted: open(own) };
    });
    const roots = [...place.querySelectorAll<HTMLElement>('[data-dstruct="viewer"]')];
    const last = roots[FEW] as HTMLElement;
    await vi.waitFor(() => expect(Number(last.dataset.steps)).toBeGreaterThan(0));
    expect(roots.map((one) => one.childElementCount > 0)).toEqual([...Array(FEW).fill(true), false]);
    expect(Number.parseInt(last.style.minHeight, 10)).toBeGreaterThan(0);
    tell([{ target: last, isIntersecting: true }]);
    await vi.waitFor(() => expect(last.querySelector(".ds-line")).not.toBeNull());
    expect(last.style.minHeight).toBe("");
    all[FEW]?.mounted.go(3);
    await vi.waitFor(() => expect(last.dataset.step).toBe("3"));
    tell([{ target: last, isIntersecting: false }]);
    await vi.waitFor(() => expect(last.childElementCount).toBe(0));
    expect([last.dataset.step, last.dataset.stopReason]).toEqual(["3", "ok"]);
    tell([{ target: last, isIntersecting: true }]);
    await vi.waitFor(() => expect(last.querySelector(".ds-line")).not.toBeNull());
    // Of a few none is taken away.
    all[0]?.mounted.dispose();
    tell([{ target: last, isIntersecting: false }]);
    await new Promise((done) => setTimeout(done, 50));
    expect(last.querySelector(".ds-line")).not.toBeNull();
    for (const { mounted } of all) mounted.dispose();
    expect([unobserve.mock.calls.length, disconnect.mock.calls.length]).toEqual([FEW + 1, 1]);
  });
});

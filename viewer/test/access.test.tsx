// @vitest-environment happy-dom
/** The help sheet, and which viewers of a long page are drawn. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KEYS, keyCap } from "../src/keys";
import { TraceLog } from "../src/log";
import { type Mounted, mount } from "../src/mount";
import { bubble } from "./programs";

let place: HTMLElement;
let mounted: Mounted;

const root = () => place.querySelector('[data-dstruct="viewer"]') as HTMLElement;
const sheet = () => place.querySelector("dialog");

function open(): void {
  const log = new TraceLog();
  log.appendFile(bubble());
  log.status.value = log.statusOfFile("sort");
  mounted = mount(place, log);
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
    open();
    await vi.waitFor(() => expect(Number(root().dataset.steps)).toBeGreaterThan(0));
    expect(root().childElementCount).toBe(0);
    expect(Number.parseInt(root().style.minHeight, 10)).toBeGreaterThan(0);
    tell([{ target: root(), isIntersecting: true }]);
    await vi.waitFor(() => expect(root().querySelector(".ds-line")).not.toBeNull());
    expect(root().style.minHeight).toBe("");
    mounted.go(3);
    await vi.waitFor(() => expect(root().dataset.step).toBe("3"));
    tell([{ target: root(), isIntersecting: false }]);
    await vi.waitFor(() => expect(root().childElementCount).toBe(0));
    expect([root().dataset.step, root().dataset.stopReason]).toEqual(["3", "ok"]);
    tell([{ target: root(), isIntersecting: true }]);
    await vi.waitFor(() => expect(root().querySelector(".ds-line")).not.toBeNull());
    mounted.dispose();
    expect([unobserve.mock.calls.length, disconnect.mock.calls.length]).toEqual([1, 1]);
  });
});

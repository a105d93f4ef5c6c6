// @vitest-environment happy-dom
/** Two runs stepped together, and the traits that tie a view to its model. */

import { signal } from "@preact/signals";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TraceLog } from "../src/log";
import { type Mounted, mount, mountPair } from "../src/mount";
import { forgetPlaces, recall, remember } from "../src/places";
import type { Model } from "../src/session";
import { type Players, tie } from "../src/traits";
import { bubble, insertTree, reverseList } from "./programs";

const cleanUps: (() => void)[] = [];
let place: HTMLElement;

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
  document.body.replaceChildren();
  forgetPlaces();
});

function logOf(bytes: Uint8Array, title = "run"): TraceLog {
  const log = new TraceLog();
  log.appendFile(bytes);
  log.status.value = log.statusOfFile(title);
  return log;
}

function keep<T extends Mounted>(mounted: T): T {
  cleanUps.push(mounted.dispose);
  return mounted;
}

const box = () => document.body.appendChild(document.createElement("div"));

describe("two runs", () => {
  const short = logOf(reverseList(["A", "B"]), "short");
  const long = logOf(bubble(), "long");
  const last = Math.max(short.steps.value, long.steps.value);
  const steps = () =>
    [...place.querySelectorAll<HTMLElement>('[data-dstruct="viewer"]')].map((root) =>
      Number(root.dataset.step),
    );
  const at = (...wanted: number[]) => vi.waitFor(() => expect(steps()).toEqual(wanted));
  const press = (name: string) => place.querySelector<HTMLElement>(`[aria-label="${name}"]`)?.click();

  function open(): Mounted {
    place = box();
    return keep(mountPair(place, [short, long]));
  }

  it("step together; the shorter one waits at its end, forwards and backwards", async () => {
    const pair = open();
    await at(0, 0);
    expect(place.querySelectorAll('input[type="range"]').length).toBe(1);
    press("Next step");
    press("Next step");
    await at(2, 2);
    pair.go(short.steps.value);
    await at(short.steps.value, short.steps.value);
    for (let i = 1; i <= 3; i++) press("Next step");
    await at(short.steps.value, short.steps.value + 3);
    for (let i = 1; i <= 3; i++) press("Previous step");
    await at(short.steps.value, short.steps.value);
    press("Previous step");
    await at(short.steps.value - 1, short.steps.value - 1);
    press("Last step");
    await at(short.steps.value, long.steps.value);
    press("Previous step");
    await at(short.steps.value, last - 1);
  });

  it("answer to keys in either half, and play to the end of the longer one", async () => {
    const pair = open();
    await at(0, 0);
    const half = place.querySelectorAll('[data-dstruct="viewer"]')[1];
    half?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }));
    await at(1, 1);
    pair.go(last - 2);
    await at(short.steps.value, last - 2);
    pair.setPlaying(true);
    await at(short.steps.value, last);
    await vi.waitFor(() => expect(pair.playing.value).toBe(false));
    expect(place.querySelector('[data-dstruct="compare"]')?.getAttribute("data-step")).toBe(String(last));
  });

  it("leave nothing behind", async () => {
    open();
    await at(0, 0);
    press("Play");
    for (const cleanUp of cleanUps.splice(0)) cleanUp();
    expect(place.childNodes.length).toBe(0);
    expect(document.querySelectorAll('style[data-dstruct="style"]').length).toBe(0);
  });
});

/** One model; every `proxy` is another object on it, as anywidget hands out, and a set in one is heard in all. */
class Traits {
  readonly values: Record<string, unknown> = { step: -1, playing: false, granularity: "operation" };
  readonly saved: Record<string, unknown>[] = [];
  readonly listeners: { event: string; act: () => void }[] = [];

  set(name: string, value: unknown): void {
    if (this.values[name] === value) return;
    this.values[name] = value;
    for (const { event, act } of [...this.listeners]) if (event === `change:${name}`) act();
  }

  proxy(): Model {
    return {
      get: (name) => this.values[name],
      set: (name, value) => this.set(name, value),
      save_changes: () => void this.saved.push({ ...this.values }),
      send: () => undefined,
      on: (event, act) => void this.listeners.push({ event, act: act as () => void }),
      off: (event, act) => {
        const i = this.listeners.findIndex((known) => known.event === event && known.act === act);
        if (i >= 0) this.listeners.splice(i, 1);
      },
    };
  }
}

describe("traits", () => {
  const players: Players = { now: null };

  function view(
    traits: Traits,
    log: TraceLog,
    listening = signal(true),
  ): { mounted: Mounted; el: HTMLElement } {
    const el = box();
    const ties: ReturnType<typeof tie>[] = [];
    const mounted = keep(mount(el, log, { onStep: (step) => ties[0]?.stepped(step) }));
    ties.push(tie(traits.proxy(), mounted, players, listening));
    cleanUps.push(() => ties[0]?.dispose());
    return { mounted, el };
  }

  const stepOf = (el: HTMLElement) =>
    Number(el.querySelector<HTMLElement>('[data-dstruct="viewer"]')?.dataset.step);

  it("go both ways, at once in the page, and all views follow", async () => {
    const traits = new Traits();
    const log = logOf(bubble());
    const [one, two] = [view(traits, log), view(traits, log)];
    one.mounted.go(4);
    await vi.waitFor(() => expect(traits.values.step).toBe(4));
    await vi.waitFor(() => expect([one, two].map(({ el }) => stepOf(el))).toEqual([4, 4]));
    traits.set("step", 9);
    await vi.waitFor(() => expect([one, two].map(({ el }) => stepOf(el))).toEqual([9, 9]));
    await vi.waitFor(() => expect(traits.saved.at(-1)).toMatchObject({ step: 9 }));
    traits.set("granularity", "line");
    await vi.waitFor(() => expect(two.el.querySelector("select")?.value).toBe("line"));
    two.mounted.setGranularity("call");
    expect(traits.values.granularity).toBe("call");
    traits.set("granularity", "nonsense");
    await vi.waitFor(() => expect(one.el.querySelector("select")?.value).toBe("operation"));
  });

  it("of a comparison follow Python, and tell it no step that only one half is at", async () => {
    const traits = new Traits();
    const [left, right] = [logOf(bubble()), logOf(reverseList(["A", "B"]))];
    const ties: ReturnType<typeof tie>[] = [];
    const pair = mountPair(box(), [left, right], { onStep: (step) => ties[0]?.stepped(step) });
    keep(pair);
    ties.push(tie(traits.proxy(), pair, { now: null }, signal(true)));
    cleanUps.push(() => ties[0]?.dispose());
    const steps = () =>
      [...document.querySelectorAll<HTMLElement>('[data-dstruct="viewer"]')].map(({ dataset }) =>
        Number(dataset.step),
      );
    pair.go(left.steps.value);
    await vi.waitFor(() => expect(traits.saved.at(-1)?.step).toBe(left.steps.value));
    expect(steps()).toEqual([left.steps.value, right.steps.value]);
    const heard: unknown[] = [];
    traits.listeners.push({ event: "change:step", act: () => heard.push(traits.values.step) });
    traits.set("step", 3);
    await vi.waitFor(() => expect(steps()).toEqual([3, 3]));
    expect(heard).toEqual([3]);
  });

  it("play once, however many views there are", async () => {
    const traits = new Traits();
    const log = logOf(insertTree());
    const [one, two] = [view(traits, log), view(traits, log)];
    traits.set("playing", true);
    expect([one.mounted.playing.value, two.mounted.playing.value]).toEqual([true, false]);
    await vi.waitFor(() => expect(stepOf(two.el)).toBeGreaterThan(1), 3000);
    traits.set("playing", false);
    expect(one.mounted.playing.value).toBe(false);
    two.mounted.setPlaying(true);
    expect([traits.values.playing, one.mounted.playing.value]).toEqual([true, false]);
    two.mounted.setPlaying(false);
    expect(traits.values.playing).toBe(false);
  });

  it("are saved once Python listens, and let go of", async () => {
    const traits = new Traits();
    const listening = signal(false);
    const { mounted } = view(traits, logOf(bubble()), listening);
    mounted.go(3);
    await new Promise((done) => setTimeout(done, 300));
    expect([traits.values.step, traits.saved]).toEqual([3, []]);
    listening.value = true;
    await vi.waitFor(() => expect(traits.saved.map(({ step }) => step)).toEqual([3]));
    for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
    expect(traits.listeners).toEqual([]);
  });
});

describe("places", () => {
  it("lead the same code back to the same step, and no other code", () => {
    remember(logOf(bubble(), "cell"), 7);
    expect(recall(logOf(bubble([9, 8, 7]), "cell"))).toBe(7);
    expect(recall(logOf(bubble(), "other"))).toBeNull();
    expect(recall(logOf(reverseList(), "cell"))).toBeNull();
    expect(recall(new TraceLog())).toBeNull();
  });
});

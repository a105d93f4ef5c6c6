// @vitest-environment happy-dom
/** The widget's side of docs/wire.md, with a model that behaves as anywidget's do. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { widget } from "../src/index";
import { splitChunks } from "../src/wire";
import { bubble } from "./programs";

type Callback = (...args: never[]) => void;

/** One model on the page; `proxy` gives what anywidget hands out: another object each time, with its own listeners. */
class FakeModel {
  readonly sent: unknown[] = [];
  readonly saved: unknown[] = [];
  private readonly listeners: { event: string; callback: Callback }[] = [];

  constructor(readonly traits: Record<string, unknown>) {}

  get listening(): number {
    return this.listeners.length;
  }

  emit(event: string, ...args: unknown[]): void {
    for (const { callback } of this.listeners.filter((listener) => listener.event === event))
      callback(...(args as never[]));
  }

  change(name: string, value: unknown): void {
    this.traits[name] = value;
    this.emit(`change:${name}`);
  }

  proxy() {
    return {
      get: (name: string) => this.traits[name],
      set: (name: string, value: unknown) => {
        this.traits[name] = value;
      },
      save_changes: () => this.saved.push({ ...this.traits }),
      send: (message: unknown) => this.sent.push(message),
      on: (event: string, callback: Callback) => this.listeners.push({ event, callback }),
      off: (event: string, callback: Callback) => {
        const at = this.listeners.findIndex((l) => l.event === event && l.callback === callback);
        if (at >= 0) this.listeners.splice(at, 1);
      },
    };
  }
}

const engine = new FakeModel({ _language: { tag: "en", texts: {}, auto: true } });
const bytes = bubble([5, 2, 9, 1, 7], 2);
const { chunks } = splitChunks(bytes);
const views = chunks.map((c) => new DataView(c.buffer, c.byteOffset, c.byteLength));
const running = {
  state: "running",
  run: "r1",
  title: "sort",
  chunks: 0,
  steps: 0,
  stopReason: null,
  error: null,
  seconds: 30,
};
const done = { ...running, state: "done", chunks: chunks.length, stopReason: "ok" };
const cleanUps: (() => void)[] = [];

function start(status: object): FakeModel {
  const model = new FakeModel({ _status: status, step: -1 });
  cleanUps.push(widget.initialize({ model: model.proxy(), engine: engine.proxy(), backlog: [] }));
  return model;
}

function show(model: FakeModel): { root: () => HTMLElement; close: () => void } {
  const el = document.body.appendChild(document.createElement("div"));
  const close = widget.render({ model: model.proxy(), engine: engine.proxy(), el });
  cleanUps.push(close);
  return { root: () => el.querySelector('[data-dstruct="viewer"]') as HTMLElement, close };
}

const press = (root: HTMLElement, name: string) =>
  root.querySelector<HTMLElement>(`[aria-label="${name}"]`)?.click();

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
  document.body.replaceChildren();
});

describe("a live run", () => {
  it("is drawn from chunks that came before any view, and from later ones", async () => {
    const model = start(running);
    model.emit("msg:custom", { type: "chunks", index: 0 }, views.slice(0, 2));
    const { root } = show(model);
    await vi.waitFor(() => expect(Number(root().dataset.steps)).toBeGreaterThan(0));
    const before = Number(root().dataset.steps);
    model.emit("msg:custom", { type: "chunks", index: 1 }, views.slice(1));
    model.change("_status", done);
    await vi.waitFor(() => expect(root().dataset.stopReason).toBe("ok"));
    expect(Number(root().dataset.steps)).toBeGreaterThan(before);
    await new Promise((wait) => setTimeout(wait, 500));
    expect(model.sent).toEqual([]);
  });

  it("has its step saved only when the run is over, and goes where Python says", async () => {
    const model = start(running);
    model.emit("msg:custom", { type: "chunks", index: 0 }, views);
    const { root } = show(model);
    await vi.waitFor(() => expect(root().querySelector(".ds-frame, .ds-line")).not.toBeNull());
    press(root(), "Next step");
    await vi.waitFor(() => expect(root().dataset.step).toBe("1"));
    await new Promise((wait) => setTimeout(wait, 350));
    expect(model.saved).toEqual([]);
    model.change("_status", done);
    press(root(), "Next step");
    await vi.waitFor(() => expect(model.traits.step).toBe(2));
    await vi.waitFor(() => expect(model.saved.at(-1)).toMatchObject({ step: 2 }));
    model.change("step", 7);
    await vi.waitFor(() => expect(root().dataset.step).toBe("7"));
  });

  it("that was killed is marked by the page and keeps its chunks", async () => {
    const model = start(running);
    model.emit("msg:custom", { type: "chunks", index: 0 }, views.slice(0, 2));
    const { root } = show(model);
    document.dispatchEvent(
      new CustomEvent("dstruct:killed", { detail: { run: "other", seconds: 5, reason: "timeout" } }),
    );
    expect(root().dataset.stopReason).toBe("");
    document.dispatchEvent(
      new CustomEvent("dstruct:killed", { detail: { run: "r1", seconds: 5, reason: "timeout" } }),
    );
    await vi.waitFor(() => expect(root().dataset.stopReason).toBe("killed"));
    expect(Number(root().dataset.steps)).toBeGreaterThan(0);
    // What a notebook that is saved now keeps, since no kernel will say it any more.
    const kept = model.traits as { _status: { stopReason: string; chunks: number }; _saved: DataView[] };
    expect([kept._status.stopReason, kept._status.chunks]).toEqual(["killed", 2]);
    expect(kept._saved.map((view) => view.byteLength)).toEqual(views.slice(0, 2).map((v) => v.byteLength));
    model.change("_status", running);
    await new Promise((wait) => setTimeout(wait, 20));
    expect(root().dataset.stopReason).toBe("killed");
  });
});

describe("a finished run on a reloaded page", () => {
  it("asks for its chunks and opens at the step it had", async () => {
    const model = start(done);
    model.traits.step = 6;
    expect(model.sent).toEqual([{ type: "sync", have: 0 }]);
    const { root } = show(model);
    model.emit("msg:custom", { type: "chunks", index: 0 }, views);
    await vi.waitFor(() => expect(root().dataset.step).toBe("6"));
    expect(model.saved).toEqual([]);
  });

  it("asks again for what was lost on the way, once the status is final", async () => {
    const model = start(running);
    model.emit("msg:custom", { type: "chunks", index: 1 }, views.slice(1));
    model.change("_status", done);
    await vi.waitFor(() => expect(model.sent).toEqual([{ type: "sync", have: 0 }]), 2000);
  });

  it("ignores messages that are none", () => {
    const model = start(running);
    for (const message of [
      null,
      5,
      "x",
      {},
      { type: "chunks" },
      { type: "chunks", index: -1 },
      { type: "status" },
    ]) {
      model.emit("msg:custom", message, []);
    }
    model.emit("msg:custom", { type: "chunks", index: 0 });
    expect(model.sent).toEqual([]);
  });
});

describe("a saved run", () => {
  it("is drawn without a kernel, and nothing is asked for", async () => {
    const model = new FakeModel({ _status: done, step: 4, _saved: views });
    cleanUps.push(widget.initialize({ model: model.proxy(), engine: engine.proxy(), backlog: [] }));
    const { root } = show(model);
    await vi.waitFor(() => expect(root().dataset.step).toBe("4"));
    press(root(), "Next step");
    await vi.waitFor(() => expect(root().dataset.step).toBe("5"));
    expect(model.sent).toEqual([]);
  });
});

describe("what came before the viewer did", () => {
  it("is not lost, whoever is first", async () => {
    const model = new FakeModel({ _status: running, step: -1 });
    const { root } = show(model);
    const backlog = [[{ type: "chunks", index: 0 }, views.slice(0, 2)]] as const;
    cleanUps.push(widget.initialize({ model: model.proxy(), engine: engine.proxy(), backlog }));
    await vi.waitFor(() => expect(Number(root().dataset.steps)).toBeGreaterThan(0));
  });
});

describe("the language", () => {
  it("is the engine's, also when it changes, and the page's is asked for once", async () => {
    document.documentElement.lang = "de-AT";
    const own = new FakeModel({ _language: { tag: "en", texts: {}, auto: true } });
    const model = start(running);
    const el = document.body.appendChild(document.createElement("div"));
    for (const place of [el, document.createElement("div")])
      cleanUps.push(widget.render({ model: model.proxy(), engine: own.proxy(), el: place }));
    expect(el.querySelector('[aria-label="Play"]')).not.toBeNull();
    own.change("_language", { tag: "de", texts: { "viewer.play": "Abspielen" }, auto: true });
    expect(el.querySelector('[aria-label="Abspielen"]')).not.toBeNull();
    expect(el.querySelector('[aria-label="Play"]')).toBeNull();
    document.documentElement.lang = "";
    for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
    expect(own.listening).toBe(0);
  });

  it("is not asked for where somebody chose, or where it is the page's already", () => {
    document.documentElement.lang = "de";
    for (const held of [
      { tag: "en", texts: {}, auto: false },
      { tag: "de", texts: {}, auto: true },
    ]) {
      const own = new FakeModel({ _language: held });
      const model = start(running);
      const el = document.createElement("div");
      cleanUps.push(widget.render({ model: model.proxy(), engine: own.proxy(), el }));
      expect(own.sent).toEqual([]);
    }
    document.documentElement.lang = "";
  });
});

describe("clean-up", () => {
  it("takes every listener off the model and the page, views first or last", async () => {
    const add = vi.spyOn(document, "addEventListener");
    const remove = vi.spyOn(document, "removeEventListener");
    const model = start(running);
    const first = show(model);
    const second = show(model);
    expect(model.listening).toBeGreaterThan(0);
    first.close();
    expect(document.querySelectorAll('[data-dstruct="viewer"]').length).toBe(1);
    cleanUps.shift()?.();
    second.close();
    cleanUps.length = 0;
    expect(model.listening).toBe(0);
    expect(document.querySelector('[data-dstruct="viewer"]')).toBeNull();
    const ours = (calls: unknown[][]) => calls.filter(([event]) => event === "dstruct:killed").length;
    expect(ours(remove.mock.calls)).toBe(ours(add.mock.calls));
  });
});

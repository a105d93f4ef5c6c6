// @vitest-environment happy-dom
/** The stub that every widget carries: one viewer for all of them, whatever order a page makes its models in. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import stub from "../src/stub";

type Callback = (...args: never[]) => void;

/** A viewer that writes down what it is asked for, where the test can read it. */
const SOURCE = `
  globalThis.asked ??= [];
  globalThis.asked.push("evaluated");
  export const widget = {
    initialize: ({ backlog }) => {
      globalThis.asked.push(["initialize", backlog.length]);
      return () => globalThis.asked.push("disposed");
    },
    render: ({ el }) => {
      el.textContent = "picture";
      return () => globalThis.asked.push("removed");
    },
  };`;

const asked = () => (globalThis as { asked?: unknown[] }).asked ?? [];
const models = new Map<string, Promise<unknown>>();

function widget(engine = "engine") {
  const listeners = new Map<string, Set<Callback>>();
  return {
    listening: () => [...listeners.values()].reduce((n, set) => n + set.size, 0),
    emit: (event: string, ...args: unknown[]) => {
      for (const callback of listeners.get(event) ?? []) callback(...(args as never[]));
    },
    get: (name: string) => (name === "_engine" ? `IPY_MODEL_${engine}` : undefined),
    set: () => {},
    save_changes: () => {},
    send: () => {},
    on: (event: string, callback: Callback) => {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(callback));
    },
    off: (event: string, callback: Callback) => void listeners.get(event)?.delete(callback),
    widget_manager: {
      // What the managers do: throw at once for a model they do not know.
      get_model: (id: string) => {
        const model = models.get(id);
        if (!model) throw new Error("widget model not found");
        return model as never;
      },
    },
  };
}

let sources = 0;
function engine() {
  // Each test has a viewer of its own: a page never forgets a module.
  const source = `${SOURCE}//${++sources}`;
  models.set("engine", Promise.resolve({ get: () => source }));
}

beforeEach(() => {
  vi.spyOn(URL, "createObjectURL").mockImplementation(
    () => `data:text/javascript,${encodeURIComponent(`${SOURCE}//${sources}`)}`,
  );
  vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => {});
});

afterEach(() => {
  (globalThis as { asked?: unknown[] }).asked = [];
  models.clear();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("the stub", () => {
  it("has one viewer evaluated for many widgets", async () => {
    engine();
    const el = Array.from({ length: 20 }, () => document.createElement("div"));
    const stops = el.map((place) => {
      const model = widget();
      return [stub.initialize({ model }), stub.render({ model, el: place })];
    });
    await vi.waitFor(() => expect(el.every((place) => place.textContent === "picture")).toBe(true));
    expect(asked().filter((what) => what === "evaluated").length).toBe(1);
    expect(URL.createObjectURL).toHaveBeenCalledOnce();
    expect(URL.revokeObjectURL).toHaveBeenCalledOnce();
    for (const stop of stops.flat()) stop();
    expect(asked().filter((what) => what === "disposed").length).toBe(20);
    expect(el.every((place) => place.childNodes.length === 0)).toBe(true);
  });

  it("keeps what is sent before the viewer is there", async () => {
    const model = widget();
    const stop = stub.initialize({ model });
    model.emit("msg:custom", { type: "chunks", index: 0 }, []);
    await new Promise((wait) => setTimeout(wait, 150));
    model.emit("msg:custom", { type: "chunks", index: 1 }, []);
    engine();
    await vi.waitFor(() => expect(asked()).toContainEqual(["initialize", 2]));
    stop();
    expect(model.listening()).toBe(0);
  });

  it("does nothing for a widget that is gone before the viewer comes", async () => {
    const model = widget();
    const el = document.createElement("div");
    const stops = [stub.initialize({ model }), stub.render({ model, el })];
    for (const stop of stops) stop();
    engine();
    await new Promise((wait) => setTimeout(wait, 250));
    expect(asked().filter((what) => what !== "evaluated")).toEqual([]);
    expect([el.textContent, model.listening()]).toEqual(["", 0]);
  });

  it("says so where there is no viewer", async () => {
    vi.useFakeTimers();
    const model = widget("nothing");
    const el = document.createElement("div");
    stub.render({ model, el });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(el.textContent).toMatch(/Run the cell again/);
  });
});

// @vitest-environment happy-dom
/** Pictures in saved notebooks: brought back where nobody else does it, and kept when the notebook is saved again. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { keepPictures, type NotebookPanel } from "../src/pictures";
import {
  picturesOf,
  type SavedModel,
  STATE_MIME,
  stateOf,
  VIEW_MIME,
  withPictures,
} from "../src/widget-state";
import { FakeSignal } from "./fakes";

const saved = (state: Record<string, unknown>, more: Partial<SavedModel> = {}): SavedModel => ({
  model_name: "AnyModel",
  model_module: "anywidget",
  model_module_version: "~0.11.*",
  state,
  ...more,
});

const PICTURE = saved(
  {
    _anywidget_id: "dstruct_lite.widget.Visualizer",
    _engine: "IPY_MODEL_engine",
    layout: "IPY_MODEL_layout",
    _saved: [null],
  },
  { buffers: [{ path: ["_saved", 0], encoding: "base64", data: btoa("trace") }] },
);
const MODELS = {
  picture: PICTURE,
  engine: saved({ _anywidget_id: "dstruct_lite.engine.Engine", layout: "IPY_MODEL_layout" }),
  layout: saved({}),
  slider: saved({ layout: "IPY_MODEL_layout" }),
};
const metadata = (state: object) => ({ [STATE_MIME]: { version_major: 2, version_minor: 0, state } });

describe("the saved state", () => {
  it("is our pictures with all they refer to, and nothing else", () => {
    expect(Object.keys(picturesOf(MODELS, ["picture", "slider", "nothing"])).sort()).toEqual([
      "engine",
      "layout",
      "picture",
    ]);
    expect(picturesOf(MODELS, [])).toEqual({});
  });

  it("is completed where a picture is missing, and left alone otherwise", () => {
    const kept = picturesOf(MODELS, ["picture"]);
    const whole = withPictures({ other: 1, ...metadata({ slider: MODELS.slider }) }, kept);
    expect(whole).toEqual({ other: 1, ...metadata({ slider: MODELS.slider, ...kept }) });
    expect(withPictures(whole, kept)).toBeNull();
    // Nobody saves widgets here: then it is not for us to begin with it.
    expect(withPictures({}, kept)).toBeNull();
    expect(withPictures(undefined, kept)).toBeNull();
  });

  it("has its buffers put back", () => {
    const state = stateOf(PICTURE) as { _saved: DataView[] };
    expect(new TextDecoder().decode(state._saved[0])).toBe("trace");
    expect(PICTURE.state._saved).toEqual([null]);
    const hex = { path: ["b"], encoding: "hex", data: "00ff" };
    expect((stateOf(saved({}, { buffers: [hex] })).b as DataView).getUint8(1)).toBe(255);
  });
});

function fakeManager() {
  return {
    restoredStatus: false,
    restored: { emit: vi.fn() },
    models: new Map<string, object>(),
    states: {} as Record<string, SavedModel>,
    has_model(id: string) {
      return this.models.has(id);
    },
    get_state() {
      return Promise.resolve({ state: this.states });
    },
    new_model(options: { model_id: string }, state: object) {
      this.models.set(options.model_id, state);
      return Promise.resolve({});
    },
  };
}

function fakePanel(kernel: object | null, state: object, shown = ["picture"]) {
  const manager = fakeManager();
  const held: Record<string, unknown> = { widgets: metadata(state) };
  const signals = {
    disposed: new FakeSignal<void>(),
    saveState: new FakeSignal<string>(),
    statusChanged: new FakeSignal<string>(),
  };
  const panel = {
    isDisposed: false,
    disposed: signals.disposed,
    sessionContext: {
      ready: Promise.resolve(),
      session: { kernel },
      statusChanged: signals.statusChanged,
    },
    context: {
      ready: Promise.resolve(),
      saveState: signals.saveState,
      model: {
        getMetadata: (key: string) => held[key],
        setMetadata: (key: string, value: unknown) => {
          held[key] = value;
        },
        toJSON: () => ({
          cells: [
            {},
            { outputs: shown.map((model_id) => ({ data: { [VIEW_MIME]: { model_id } } })) },
            { outputs: [{}] },
          ],
        }),
      },
    },
    content: {
      rendermime: {
        mimeTypes: [VIEW_MIME],
        createRenderer: () => ({ dispose: () => {}, _manager: { promise: Promise.resolve(manager) } }),
      },
    },
  };
  return { panel: panel as unknown as NotebookPanel, manager, held, signals };
}

const tracker = (panel: NotebookPanel) => ({
  widgetAdded: new FakeSignal<NotebookPanel>(),
  forEach: (visit: (each: NotebookPanel) => void) => visit(panel),
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 10));
afterEach(() => vi.restoreAllMocks());

describe("a notebook that is opened", () => {
  it.each([
    ["where kernels never list their comms", {}, false],
    ["where there is no kernel", null, true],
  ])("has its pictures brought back %s", async (_, kernel, kernelsListComms) => {
    const { panel, manager } = fakePanel(kernel, MODELS);
    keepPictures(tracker(panel), kernelsListComms);
    await settle();
    expect([...manager.models.keys()].sort()).toEqual(["engine", "layout", "picture"]);
    expect(manager.restored.emit).toHaveBeenCalledOnce();
  });

  it("is left to the widget manager where a kernel answers", async () => {
    const { panel, manager } = fakePanel({}, MODELS);
    keepPictures(tracker(panel), true);
    await settle();
    expect(manager.models.size).toBe(0);
  });

  it("does not get a second model of what is there", async () => {
    const { panel, manager } = fakePanel({}, MODELS);
    for (const id of Object.keys(MODELS)) manager.models.set(id, {});
    keepPictures(tracker(panel), false);
    await settle();
    expect(manager.restored.emit).not.toHaveBeenCalled();
  });
});

describe("a notebook that is saved again", () => {
  const stateNow = (held: Record<string, unknown>) =>
    Object.keys((held.widgets as Record<string, { state: object }>)[STATE_MIME]?.state ?? {}).sort();

  it("keeps the pictures it was opened with, as long as they are shown", async () => {
    for (const [shown, expected] of [
      [["picture"], ["engine", "layout", "picture"]],
      [[], []],
    ] as const) {
      const { panel, held, signals } = fakePanel({}, MODELS, [...shown]);
      keepPictures(tracker(panel), true);
      await settle();
      held.widgets = metadata({});
      signals.saveState.emit("started");
      expect(stateNow(held)).toEqual(expected);
    }
  });

  it("keeps the pictures of a kernel that was restarted, or killed", async () => {
    for (const end of ["restarting", "killed"]) {
      const { panel, held, signals, manager } = fakePanel({}, {});
      keepPictures(tracker(panel), true);
      await settle();
      manager.states = MODELS;
      if (end === "killed") document.dispatchEvent(new CustomEvent("dstruct:killed"));
      else signals.statusChanged.emit(end);
      await settle();
      signals.saveState.emit("started");
      expect(stateNow(held)).toEqual(["engine", "layout", "picture"]);
    }
  });
});

it("leaves nothing behind", async () => {
  const removed = vi.spyOn(document, "removeEventListener");
  const { panel, signals } = fakePanel({}, MODELS);
  const watch = keepPictures(tracker(panel), true);
  await settle();
  expect([signals.saveState.size, signals.statusChanged.size]).toEqual([1, 1]);
  watch.dispose();
  expect([signals.saveState.size, signals.statusChanged.size]).toEqual([0, 0]);
  expect(removed).toHaveBeenCalledWith("dstruct:killed", expect.any(Function));
});

/**
 * Owns the module that every widget carries: nothing but the way to the viewer, which one model of the kernel (the engine,
 * docs/wire.md) holds for all of them, and which a page evaluates once. A notebook of two hundred pictures so holds one viewer.
 *
 * The viewer may come late; what the kernel sends meanwhile is kept for it. `initialize` must not wait: anywidget gives up on
 * a model, and on its messages, after two seconds.
 */

import type { EngineModel, Model } from "./session";

/** What the viewer's module offers a widget; index.tsx has it. */
interface WidgetHost {
  initialize(place: { model: Model; engine: EngineModel; backlog: Received[] }): () => void;
  render(place: { model: Model; engine: EngineModel; el: HTMLElement; pair?: readonly Model[] }): () => void;
}

type Received = readonly [message: unknown, buffers: readonly unknown[] | undefined];

interface WidgetManager {
  get_model(id: string): Promise<EngineModel>;
}

type WidgetModel = Model & { readonly widget_manager: WidgetManager };

interface Found {
  readonly host: WidgetHost;
  readonly engine: EngineModel;
}

const VIEWERS = Symbol.for("dstruct-lite.viewers");
const page = globalThis as { [VIEWERS]?: Map<string, Promise<WidgetHost>> };

/** While a notebook is being restored, its models come in any order: how long the engine may take, in ms. */
const PATIENCE = 15_000;
const PAUSE = 100;

/** The viewer of a source text: imported by the first widget that asks, and shared by all. */
function viewerOf(source: string): Promise<WidgetHost> {
  page[VIEWERS] ??= new Map();
  const viewers = page[VIEWERS];
  let viewer = viewers.get(source);
  if (!viewer) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    viewer = import(url)
      .then((module: { widget: WidgetHost }) => module.widget)
      .finally(() => URL.revokeObjectURL(url));
    viewer.catch(() => viewers.delete(source));
    viewers.set(source, viewer);
  }
  return viewer;
}

/** The model that a trait names. */
async function modelOf(model: WidgetModel, trait: string): Promise<EngineModel> {
  const id = String(model.get(trait)).replace(/^IPY_MODEL_/, "");
  for (let waited = 0; ; waited += PAUSE) {
    try {
      return await model.widget_manager.get_model(id);
    } catch (error) {
      if (waited >= PATIENCE) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

async function find(model: WidgetModel): Promise<Found> {
  const engine = await modelOf(model, "_engine");
  return { host: await viewerOf(String(engine.get("_module"))), engine };
}

function initialize({ model }: { model: WidgetModel }): () => void {
  const backlog: Received[] = [];
  const keep = (message: unknown, buffers?: readonly unknown[]) => void backlog.push([message, buffers]);
  model.on("msg:custom", keep);
  let stop = () => model.off("msg:custom", keep);
  let gone = false;
  find(model).then(
    ({ host, engine }) => {
      if (gone) return;
      stop();
      stop = host.initialize({ model, engine, backlog });
    },
    (error) => console.error("dstruct-lite: the viewer could not be loaded.", error),
  );
  return () => {
    gone = true;
    stop();
  };
}

function render({ model, el }: { model: WidgetModel; el: HTMLElement }): () => void {
  let stop = () => {};
  let gone = false;
  // A comparison names the models of its two runs.
  const sides = model.get("left") ? ["left", "right"] : [];
  Promise.all([find(model), ...sides.map((side) => modelOf(model, side))]).then(
    ([{ host, engine }, ...pair]) => {
      const runs = pair.length ? { pair: pair as unknown as Model[] } : {};
      if (!gone) stop = host.render({ model, engine, el, ...runs });
    },
    () => {
      // The catalogue is in the viewer, which is what is missing here.
      if (!gone) el.textContent = "The viewer is not in this page. Run the cell again to see its picture.";
    },
  );
  return () => {
    gone = true;
    stop();
    el.replaceChildren();
  };
}

export default { initialize, render };

/**
 * Owns the pictures in saved notebooks. Jupyter's widget manager brings saved widgets back once the kernel has listed its comms:
 * JupyterLite's kernels never do, and without a kernel nobody does. It saves only widgets whose kernel lives, so that a notebook
 * opened, not run and saved again would lose its pictures, and one whose kernel had to be restarted the picture of what went
 * wrong. Here they are brought back, and kept.
 */

import { bundle, type Disposable, type SessionContext, type Signal, subscribe } from "./jupyter";
import { picturesOf, type SavedModels, savedModels, stateOf, VIEW_MIME, withPictures } from "./widget-state";

/** The part of the widget manager that is used; `_manager` of a renderer is the only way to it. */
export interface WidgetManager {
  readonly restoredStatus: boolean;
  readonly restored: { emit(args: undefined): void };
  has_model(id: string): boolean;
  get_state(options: { drop_defaults: boolean }): Promise<{ state: SavedModels }>;
  new_model(options: object, state: object): Promise<unknown>;
}

interface Output {
  readonly data?: Readonly<Record<string, unknown>>;
}

interface NotebookModel {
  getMetadata(key: string): unknown;
  setMetadata(key: string, value: unknown): void;
  toJSON(): unknown;
}

export interface NotebookPanel {
  readonly sessionContext: SessionContext & { readonly ready: Promise<void> };
  readonly disposed: Signal<unknown, void>;
  readonly isDisposed: boolean;
  readonly context: {
    readonly ready: Promise<void>;
    readonly model: NotebookModel;
    readonly saveState: Signal<unknown, string>;
  };
  readonly content: {
    readonly rendermime: {
      readonly mimeTypes: readonly string[];
      createRenderer(mimeType: string): { dispose(): void };
    };
  };
}

export interface NotebookTracker {
  readonly widgetAdded: Signal<unknown, NotebookPanel>;
  forEach(visit: (panel: NotebookPanel) => void): void;
}

/** Keeps the pictures of every notebook a tracker knows, now and later, until disposed. */
export function keepPictures(tracker: NotebookTracker, kernelsListComms: boolean): Disposable {
  const kept = new Set<Disposable>();
  const add = (panel: NotebookPanel): void => {
    const watch = keepPicturesOf(panel, kernelsListComms);
    kept.add(watch);
    const forget = subscribe(panel.disposed, () => {
      forget.dispose();
      watch.dispose();
      kept.delete(watch);
    });
  };
  tracker.forEach(add);
  const subscription = subscribe(tracker.widgetAdded, (_, panel) => add(panel));
  return {
    dispose: () => {
      subscription.dispose();
      for (const watch of kept) watch.dispose();
      kept.clear();
    },
  };
}

/** Keeps the pictures of one notebook, until disposed. */
export function keepPicturesOf(panel: NotebookPanel, kernelsListComms: boolean): Disposable {
  const parts: Disposable[] = [];
  let over = false;
  const start = async (): Promise<void> => {
    const { context, sessionContext } = panel;
    await Promise.all([context.ready, sessionContext.ready]);
    const manager = await managerOf(panel);
    if (over || !manager) return;
    const { model } = context;
    let known = savedModels(model.getMetadata("widgets"));
    if (!kernelsListComms || !sessionContext.session?.kernel)
      restore(manager, picturesOf(known, shownIn(model)));

    /** What the page holds of pictures whose kernel is about to go. */
    const remember = (): void => {
      manager.get_state({ drop_defaults: true }).then(
        ({ state }) => {
          known = { ...known, ...state };
        },
        (error) => console.warn("dstruct-lite: pictures could not be kept for saving", error),
      );
    };
    const onKilled = (): void => void setTimeout(remember);
    document.addEventListener("dstruct:killed", onKilled);
    parts.push(
      // The manager was there first: what it saves is in the metadata by now.
      subscribe(context.saveState, (_, state) => {
        if (state !== "started") return;
        const whole = withPictures(model.getMetadata("widgets"), picturesOf(known, shownIn(model)));
        if (whole) model.setMetadata("widgets", whole);
      }),
      subscribe(sessionContext.statusChanged, (_, status) => {
        if (status === "restarting" || status === "dead" || status === "terminating") remember();
      }),
      { dispose: () => document.removeEventListener("dstruct:killed", onKilled) },
    );
  };
  start().catch((error) => console.warn("dstruct-lite: saved pictures could not be brought back", error));
  return {
    dispose: () => {
      over = true;
      bundle(parts).dispose();
      parts.length = 0;
    },
  };
}

/** How often and how many times a notebook is asked for its widget manager, which is made some time after its session. */
const PAUSE = 200;
const TRIES = 100;

/** The notebook's widget manager, or null where there is none, or none of the kind we know. */
async function managerOf(panel: NotebookPanel): Promise<WidgetManager | null> {
  const { rendermime } = panel.content;
  for (let tries = 0; tries < TRIES && !panel.isDisposed; tries++) {
    if (rendermime.mimeTypes.includes(VIEW_MIME)) {
      const renderer = rendermime.createRenderer(VIEW_MIME) as {
        dispose(): void;
        readonly _manager?: { readonly promise: Promise<WidgetManager> };
      };
      const known = renderer._manager?.promise;
      if (!known) return null;
      // A renderer made before the manager never hears of it: then another one is asked.
      const manager = await Promise.race([known, pause(PAUSE)]);
      renderer.dispose();
      if (manager) return typeof manager.new_model === "function" ? manager : null;
    } else await pause(PAUSE);
  }
  return null;
}

function pause(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms));
}

/** The ids of the widgets that a notebook's outputs show. */
function shownIn(model: NotebookModel): string[] {
  const { cells = [] } = model.toJSON() as { cells?: readonly { outputs?: readonly Output[] }[] };
  return cells
    .flatMap(({ outputs = [] }) => outputs)
    .map(({ data }) => (data?.[VIEW_MIME] as { model_id?: unknown } | undefined)?.model_id)
    .filter((id) => typeof id === "string");
}

function restore(manager: WidgetManager, models: SavedModels): void {
  const missing = Object.entries(models).filter(([id]) => !manager.has_model(id));
  if (missing.length === 0) return;
  // All at once: models refer to each other, and each is known from the moment it is asked for.
  const made = missing.map(([model_id, { model_name, model_module, model_module_version, ...saved }]) =>
    manager.new_model(
      { model_id, model_name, model_module, model_module_version },
      stateOf({ model_name, model_module, model_module_version, ...saved }),
    ),
  );
  void Promise.allSettled(made).then((results) => {
    for (const result of results)
      if (result.status === "rejected")
        console.warn("dstruct-lite: a saved picture is not whole", result.reason);
    manager.restored.emit(undefined);
  });
}

/** Owns which sessions are watched: those of all panels a tracker knows, now and later. */

import { bundle, type Disposable, type Panel, type SessionContext, subscribe, type Tracker } from "./jupyter";
import type { NotebookPort } from "./notebook";
import { type Surroundings, watchSession } from "./session";

/** Watches every panel's session, each once, until disposed. `notebook`: a panel's port; null where it is none. */
export function watchPanels(
  trackers: readonly Tracker[],
  around: Surroundings,
  notebook: (panel: Panel) => NotebookPort | null,
): Disposable {
  const watches = new Map<SessionContext, Disposable>();
  const add = (panel: Panel): void => {
    const context = panel.sessionContext;
    if (context.isDisposed || watches.has(context)) return;
    const forget = subscribe(context.disposed, () => {
      forget.dispose();
      watches.delete(context);
    });
    watches.set(context, bundle([forget, watchSession(panel, around, notebook(panel))]));
  };
  const subscriptions = trackers.map((tracker) => {
    tracker.forEach(add);
    return subscribe(tracker.widgetAdded, (_, panel) => add(panel));
  });
  return {
    dispose: () => {
      bundle(subscriptions).dispose();
      bundle([...watches.values()]).dispose();
      watches.clear();
    },
  };
}

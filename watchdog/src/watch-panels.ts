/** Owns which sessions are watched: those of all panels a tracker knows, now and later. */

import { bundle, type Disposable, type SessionContext, subscribe, type Tracker } from "./jupyter";
import { type Surroundings, watchSession } from "./session";

/** Watches every panel's session, each once, until disposed. */
export function watchPanels(trackers: readonly Tracker[], around: Surroundings): Disposable {
  const watches = new Map<SessionContext, Disposable>();
  const add = (context: SessionContext): void => {
    if (context.isDisposed || watches.has(context)) return;
    const forget = subscribe(context.disposed, () => {
      forget.dispose();
      watches.delete(context);
    });
    watches.set(context, bundle([forget, watchSession(context, around)]));
  };
  const subscriptions = trackers.map((tracker) => {
    tracker.forEach((panel) => {
      add(panel.sessionContext);
    });
    return subscribe(tracker.widgetAdded, (_, panel) => add(panel.sessionContext));
  });
  return {
    dispose: () => {
      bundle(subscriptions).dispose();
      bundle([...watches.values()]).dispose();
      watches.clear();
    },
  };
}

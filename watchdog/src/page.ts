/**
 * Owns what the watchdog does to the page: the event that tells viewers of a killed run, and one notification
 * per incident, which is rewritten as the incident goes on.
 */

import type { Clock, PagePort } from "./guard";
import { type MessageKind, messageFor } from "./notices";

/** The event that viewers listen for on the document. */
export const KILLED_EVENT = "dstruct:killed";

/** JupyterLab's notification emitter, as far as we use it. */
export interface Notifier {
  emit(text: string, kind: MessageKind, options: { autoClose: false }): string;
  /** False where the notification is gone: the learner closed it. */
  update(change: { id: string; message: string; type: MessageKind; autoClose: false }): boolean;
}

/** A page port for one session. Notifications stay until the learner closes them: they may be elsewhere. */
export function pagePort(target: EventTarget, notifier: () => Notifier): PagePort {
  let shown: string | null = null;
  return {
    killed(runs) {
      for (const detail of runs) target.dispatchEvent(new CustomEvent(KILLED_EVENT, { detail }));
    },
    notify(notice) {
      const { kind, text } = messageFor(notice);
      const begins = notice.kind === "restarting" || notice.kind === "interrupted";
      const id = begins ? null : shown;
      const change = { message: text, type: kind, autoClose: false as const };
      if (id === null || !notifier().update({ id, ...change })) {
        shown = notifier().emit(text, kind, { autoClose: false });
      }
    },
  };
}

/** The page's clock: monotonic, and at rest while the computer sleeps where the browser can tell. */
export const pageClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const id = setTimeout(callback, delay);
    return () => clearTimeout(id);
  },
};

/**
 * Owns what the watchdog does to the page: the event that tells viewers of a killed run, the one by which they
 * ask for a stop, and one notification per incident, which is rewritten as the incident goes on and gives way to the next restart's.
 */

import type { Answer, Clock, PagePort } from "./guard";
import type { Disposable } from "./jupyter";
import { type Choice, type MessageKind, messageFor } from "./notices";

/** The event that viewers listen for on the document. */
export const KILLED_EVENT = "dstruct:killed";
/** The event by which a viewer asks for a stop; whoever can stop the run prevents its default. */
export const STOP_EVENT = "dstruct:stop";

export interface NotifierAction {
  readonly label: string;
  readonly caption: string;
  readonly displayType: "default" | "accent";
  callback(event: MouseEvent): void;
}

/** How a notification looks and for how long: until the learner closes it, for they may be elsewhere. */
export interface NotifierOptions {
  readonly autoClose: false;
  readonly actions: NotifierAction[];
}

/** JupyterLab's notification emitter, as far as we use it. */
export interface Notifier {
  emit(text: string, kind: MessageKind, options: NotifierOptions): string;
  /** False where the notification is gone: the learner closed it. */
  update(change: { id: string; message: string; type: MessageKind } & NotifierOptions): boolean;
  dismiss(id: string): void;
}

/** What the notebook can do about the cells above the one that was stopped. */
export interface CellsAbove {
  /** The cell that runs now is going to be stopped. */
  mark(): void;
  /** Whether there are any. */
  any(): boolean;
  run(): void;
}

/** Where there are no cells: a console. */
export const NO_CELLS: CellsAbove = { mark: () => undefined, any: () => false, run: () => undefined };

/** A page port for one session. */
export function pagePort(target: EventTarget, notifier: () => Notifier, above: CellsAbove): PagePort {
  let shown: string | null = null;
  let asks = false;
  return {
    killed(runs) {
      for (const detail of runs) target.dispatchEvent(new CustomEvent(KILLED_EVENT, { detail }));
    },
    notify(notice, answer) {
      if (notice.kind === "restarting") above.mark();
      const { kind, text, choices } = messageFor(notice, above.any());
      const begins = notice.kind === "interrupted" || (notice.kind === "restarting" && !asks);
      // A restart makes what the last one offered out of date: a notebook has one such notification, not a pile.
      if (begins && notice.kind === "restarting" && shown !== null) notifier().dismiss(shown);
      const id = begins ? null : shown;
      const actions = choices.map((choice) => actionFor(choice, answer, above));
      const options = { autoClose: false as const, actions };
      asks = notice.kind === "ask" || notice.kind === "lost";
      if (id === null || !notifier().update({ id, message: text, type: kind, ...options })) {
        shown = notifier().emit(text, kind, options);
      }
    },
    dismiss() {
      if (shown !== null && asks) notifier().dismiss(shown);
      asks = false;
    },
  };
}

function actionFor(choice: Choice, answer: (answer: Answer) => void, above: CellsAbove): NotifierAction {
  const { does, label, caption } = choice;
  return {
    label,
    caption,
    displayType: does === "wait" ? "default" : "accent",
    callback: (event) => {
      // The notification goes on to tell how the restart goes.
      if (does === "restart") event.preventDefault();
      if (does === "rerun") above.run();
      else answer(does);
    },
  };
}

/** Hears the stops that viewers ask for: `asked` says whether the run is one it can stop. */
export function onStopEvent(target: EventTarget, asked: (run: string) => boolean): Disposable {
  const listener = (event: Event): void => {
    const run = (event as CustomEvent<{ run?: unknown } | null>).detail?.run;
    if (typeof run === "string" && asked(run)) event.preventDefault();
  };
  target.addEventListener(STOP_EVENT, listener);
  return { dispose: () => target.removeEventListener(STOP_EVENT, listener) };
}

/** The page's clock: monotonic, and at rest while the computer sleeps where the browser can tell. */
export const pageClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const id = setTimeout(callback, delay);
    return () => clearTimeout(id);
  },
};

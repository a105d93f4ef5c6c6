/**
 * Owns that a reload loses no edits in JupyterLite: its notebooks lie in the browser's own storage, where saving
 * costs next to nothing, so an edited notebook is saved a second later instead of after minutes.
 */

import type { Clock } from "./guard";
import { bundle, type Disposable, type NotebookPanel, subscribe } from "./jupyter";

/** How long after the last edit a notebook is saved, in ms. */
export const SAVE_AFTER_MS = 1_000;

/**
 * Saves the panel's notebook soon after each edit, until disposed or closed.
 *
 * `lastModified` gives the time of the stored file's last change: where that is not the one this panel knows,
 * another tab has saved it, and nothing is overwritten; the application asks the learner when they save.
 */
export function keepEdits(
  panel: NotebookPanel,
  clock: Clock,
  lastModified: (path: string) => Promise<string | undefined>,
): Disposable {
  const { context } = panel;
  let callOff: (() => void) | null = null;
  let saving = false;
  let disposed = false;

  const save = async (): Promise<void> => {
    callOff = null;
    if (saving) {
      later();
      return;
    }
    if (context.isDisposed || !panel.content.model?.dirty) return;
    saving = true;
    try {
      if ((await lastModified(context.path)) === context.contentsModel?.last_modified) await context.save();
    } catch (error) {
      console.warn("dstruct-lite: the notebook could not be saved ahead of time", error);
    } finally {
      saving = false;
    }
  };
  const later = (): void => {
    callOff?.();
    callOff = disposed ? null : clock.after(SAVE_AFTER_MS, () => void save());
  };

  let edits: Disposable = bundle([]);
  void context.ready.then(() => {
    const { model } = panel.content;
    if (!disposed && model) edits = subscribe(model.contentChanged, later);
  });
  const watch = bundle([
    {
      dispose: () => {
        disposed = true;
        callOff?.();
      },
    },
    { dispose: () => edits.dispose() },
    subscribe(context.disposed, () => watch.dispose()),
  ]);
  return watch;
}

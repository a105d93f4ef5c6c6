/**
 * Owns what the watchdog needs of a notebook beyond its session: the limits it names for itself, which cell
 * runs, and running the cells above that one again.
 */

import { bundle, type Disposable, type NotebookPanel, type Panel, subscribe } from "./jupyter";
import type { CellsAbove } from "./page";

/** A notebook, as a session's watch sees it. */
export interface NotebookPort {
  /** What the notebook says of its limits (`metadata.dstruct`); unchecked. */
  metadata(): unknown;
  onMetadata(callback: () => void): Disposable;
  /** An execution began, asked for by the message of this id. */
  began(message: string): void;
  readonly above: CellsAbove;
}

/** Whether a tracker's panel is a notebook's. */
export function isNotebook(panel: Panel): panel is NotebookPanel {
  return "context" in panel && "content" in panel;
}

/** The notebook's metadata that is ours. */
export const METADATA_KEY = "dstruct";

/** The port of a panel. `runAbove` runs all cells above the active one of the panel. */
export function notebookPort(panel: NotebookPanel, runAbove: (panel: NotebookPanel) => void): NotebookPort {
  let running = "";
  let stopped: string | null = null;
  const indexOf = (test: (cell: NotebookPanel["content"]["widgets"][number]) => boolean): number =>
    panel.content.widgets.findIndex(test);
  return {
    metadata: () => panel.content.model?.getMetadata(METADATA_KEY),
    onMetadata(callback) {
      const { model } = panel.content;
      return model ? subscribe(model.metadataChanged, callback) : bundle([]);
    },
    began: (message) => {
      running = message;
    },
    above: {
      mark() {
        const index = indexOf((cell) => cell.outputArea?.future?.msg.header.msg_id === running);
        stopped = panel.content.widgets[index]?.model.id ?? null;
      },
      any: () => {
        const index = indexOf((cell) => cell.model.id === stopped);
        return panel.content.widgets.slice(0, Math.max(index, 0)).some((cell) => cell.model.type === "code");
      },
      run() {
        const index = indexOf((cell) => cell.model.id === stopped);
        if (index < 0) return;
        panel.content.activeCellIndex = index;
        runAbove(panel);
      },
    },
  };
}

/** Owns what every panel is given: the snapshot of the step with everything derived from it once. */

import type { Signal } from "@preact/signals";
import type { Figure } from "../classify";
import type { Touched } from "../marks";
import type { Translate } from "../messages";
import type { IndexTerms, Label } from "../scope";
import type { Store } from "../store";
import type { Tables } from "../tables";
import type { Snapshot } from "../timeline";

/** One step, ready to be drawn. */
export interface Picture {
  readonly snapshot: Snapshot;
  readonly tables: Tables;
  readonly figures: readonly Figure[];
  readonly touched: Touched;
  readonly labels: ReadonlyMap<number, readonly Label[]>;
  readonly terms: IndexTerms;
}

/** One viewer: its store, its texts, and what the pointer rests on. */
export interface Viewer {
  readonly store: Store;
  readonly t: Translate;
  readonly terms: IndexTerms;
  /** Object under the pointer in any panel; 0 for none. */
  readonly hot: Signal<number>;
}

/** What a structure view is given. */
export interface FigureProps<F extends Figure> {
  readonly figure: F;
  readonly picture: Picture;
  readonly viewer: Viewer;
  /** Room across, in pixels. */
  readonly width: number;
}

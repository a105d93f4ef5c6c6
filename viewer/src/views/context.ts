/** Owns what every panel is given: the snapshot of the step with everything derived from it once. */

import type { Signal } from "@preact/signals";
import type { Figure } from "../classify";
import type { Theme } from "../host";
import type { Inquiry } from "../inquiry";
import type { Touched } from "../marks";
import type { Translate } from "../messages";
import type { Subject } from "../questions";
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

/** A place in the picture that somebody asks about, and where on the page that was, relative to the root. */
export interface Asking {
  /** What is asked about; null for the whole step. */
  readonly subject: Subject | null;
  readonly x: number;
  readonly y: number;
  /** Whether to begin in the search field. */
  readonly search: boolean;
}

/** One viewer: its store, its questions, its texts, and what the pointer rests on. */
export interface Viewer {
  readonly store: Store;
  readonly inquiry: Inquiry;
  /** The open panel of questions, or null. */
  readonly asking: Signal<Asking | null>;
  /** Whether all calls are shown in place of the call stack. */
  readonly allCalls: Signal<boolean>;
  readonly theme: Signal<Theme>;
  readonly t: Translate;
  /** Asks for the run's stop; says whether anybody here can. Null where nothing runs that could be stopped. */
  readonly stop: (() => boolean) | null;
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

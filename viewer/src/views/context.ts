/** Owns what every panel is given: the snapshot of the step with everything derived from it once. */

import type { Signal } from "@preact/signals";
import type { FunctionComponent, JSX } from "preact";
import type { Theme } from "../host";
import type { Inquiry } from "../inquiry";
import type { Touched } from "../marks";
import type { Translate } from "../messages";
import type { Notes } from "../notes";
import type { Subject } from "../questions";
import type { IndexTerms, Label, Names } from "../scope";
import type { Store } from "../store";
import type { Figure, Recogniser } from "../structure";
import type { Tables } from "../tables";
import type { Snapshot } from "../timeline";
import type { Usage } from "../usage";

/** One step, ready to be drawn. */
export interface Picture {
  readonly snapshot: Snapshot;
  readonly tables: Tables;
  readonly figures: readonly Figure[];
  readonly touched: Touched;
  readonly labels: ReadonlyMap<number, readonly Label[]>;
  readonly names: Names;
  readonly notes: Notes;
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
  readonly usage: Usage;
  /** Whether the help sheet is open. */
  readonly help: Signal<boolean>;
  /** Object under the pointer in any panel; 0 for none. */
  readonly hot: Signal<number>;
}

/** What a structure view is given. */
export interface FigureProps<M = unknown> {
  readonly figure: Figure<M>;
  readonly model: M;
  readonly picture: Picture;
  readonly viewer: Viewer;
  /** Room across, in pixels. */
  readonly width: number;
  /** Draws a figure that stands inside this one, in so much room. */
  readonly nest: (figure: Figure, width: number) => JSX.Element;
}

/** A structure view: what it can draw, and how. To add one, see docs/guides/add-a-view.md. */
export interface StructureView<M = unknown> extends Recogniser<M> {
  readonly Draw: FunctionComponent<FigureProps<M>>;
}

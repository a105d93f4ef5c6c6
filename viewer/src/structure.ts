/**
 * Owns the words that recognition and drawing share: what a figure is about, what a recogniser is shown, and what
 * it answers. A structure view is a recogniser with a component (views/figures.tsx lists them all).
 */

import type { HeapObject, Lookup } from "./heap";
import type { Touched } from "./marks";
import type { Notes } from "./notes";
import type { Family } from "./recognise/family";
import type { Label, Names } from "./scope";
import type { State } from "./state";
import type { Usage } from "./usage";
import type { Atom } from "./values";

/** What one figure is about: one object, all linked objects of a kind, or a text that is looked into. */
export interface Subject {
  /** Stable from step to step. */
  readonly key: string;
  /** How it is reached, in the program's own notation. */
  readonly path: string;
  readonly object: HeapObject | null;
  readonly family: Family | null;
  readonly text: Atom | null;
}

/** What a recogniser may look at: one step, and how the whole program's code uses its containers. */
export interface Scene {
  readonly state: State;
  readonly lookup: Lookup;
  readonly usage: Usage;
  readonly touched: Touched;
  readonly labels: ReadonlyMap<number, readonly Label[]>;
  readonly names: Names;
  readonly notes: Notes;
  /** The family of each object that belongs to one. */
  readonly familyOf: ReadonlyMap<number, Family>;
  /** Objects that must be seen: just touched, or named by the current frame. */
  readonly focus: ReadonlySet<number>;
}

/** How much speaks for a view. The best of a subject's views is drawn, all others are offered. */
export const FIT = {
  /** It can be drawn so, when asked for. */
  possible: 1,
  /** What its kind is drawn as where nothing else is known. */
  plain: 2,
  /** Its shape says so. */
  shape: 3,
  /** The code uses it so. */
  use: 4,
} as const;

export interface Fit<M> {
  /** One of FIT, or a number between. */
  readonly score: number;
  /** What the view draws; made only for the view that is chosen. */
  model(): M;
  /** Objects that the drawn model shows, beside the subject itself: they need no figures of their own. */
  absorbed?(model: M): Iterable<number>;
  /** Objects that stand inside the figure as figures of their own. */
  nested?(model: M): Iterable<number>;
}

export interface Recogniser<M> {
  /** The view's name in the menu's texts (`view.NAME`), in annotations and in the page's `data-kind`. */
  readonly name: string;
  /** What speaks for drawing the subject so; null where it cannot be drawn so at all. */
  fit(subject: Subject, scene: Scene): Fit<M> | null;
}

/** One figure of a picture. */
export interface Figure<M = unknown> {
  readonly key: string;
  readonly view: string;
  /** All views that can draw the subject, the best first. */
  readonly options: readonly string[];
  readonly subject: Subject;
  readonly model: M;
  /** Figures that stand inside this one, by object id. */
  readonly nested: ReadonlyMap<number, Figure>;
}

/**
 * Owns the tie between a widget's traits and its views: `step`, `playing` and `granularity` go both ways. A step is set on
 * the model at once, so that what is linked to it in the page follows, and saved to Python now and then, once it listens.
 */

import { effect, type ReadonlySignal } from "@preact/signals";
import type { Mounted } from "./mount";
import type { Model } from "./session";
import { GRANULARITIES } from "./store";
import type { Granularity } from "./timeline";

/** How often a moving step is written back to Python, in ms. */
const WRITE_BACK = 250;

/** A model's step; -1 where it has none. A saved state is a stranger's word, too. */
export function stepOf(model: Model): number {
  const value = model.get("step");
  return Number.isSafeInteger(value) ? (value as number) : -1;
}

function granularityOf(model: Model): Granularity {
  return GRANULARITIES.find((name) => name === model.get("granularity")) ?? "operation";
}

export interface Tie {
  /** To be called with each step the view shows. */
  stepped(step: number): void;
  dispose(): void;
}

/** Of several views of one model one plays; the others follow its steps. By model's run. */
export interface Players {
  now: Mounted | null;
}

/** Ties a view to its model; `listening` says when Python can hear. */
export function tie(model: Model, view: Mounted, players: Players, listening: ReadonlySignal<boolean>): Tie {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unsaved = false;
  // A step is shown a moment after it was asked for. What this view writes, and what it shows on the model's word, must not send it back.
  let writing = false;
  let followed = -1;
  // The kernel repeats what was saved. What the view has moved on from by then is the past, and not gone back to.
  let saved: { step: number; playing: unknown } | null = null;
  const newer = new Set<string>();
  const save = () => {
    timer = undefined;
    if (!unsaved || !listening.peek()) return;
    unsaved = false;
    saved = { step: stepOf(model), playing: model.get("playing") };
    newer.clear();
    model.save_changes();
  };
  const write = (name: string, value: unknown) => {
    if (model.get(name) === value) return;
    writing = true;
    try {
      model.set(name, value);
    } finally {
      writing = false;
    }
    newer.add(name);
    unsaved = true;
    timer ??= setTimeout(save, WRITE_BACK);
  };
  const onStep = () => {
    const step = stepOf(model);
    if (writing || step < 0 || step === view.target.peek()) return;
    if (newer.has("step") && saved?.step === step) return write("step", view.target.peek());
    followed = step;
    view.go(step);
  };
  const onPlaying = () => {
    if (writing) return;
    const wanted = model.get("playing") === true;
    if (newer.has("playing") && saved?.playing === wanted) return write("playing", view.playing.peek());
    if (wanted && players.now === null) players.now = view;
    if (!wanted || players.now === view) view.setPlaying(wanted);
  };
  const onGranularity = () => {
    if (!writing) view.setGranularity(granularityOf(model));
  };
  const listeners = {
    "change:step": onStep,
    "change:playing": onPlaying,
    "change:granularity": onGranularity,
  };
  for (const [event, act] of Object.entries(listeners)) model.on(event, act);
  view.setGranularity(granularityOf(model));
  const stops = [
    effect(() => {
      const playing = view.playing.value;
      if (playing) players.now ??= view;
      else if (players.now === view) players.now = null;
      else return;
      write("playing", playing);
    }),
    effect(() => write("granularity", view.granularity.value)),
    effect(() => {
      if (listening.value) timer ??= setTimeout(save, 0);
    }),
  ];
  onPlaying();
  return {
    stepped: (step) => {
      if (step !== view.target.peek() || step === followed) return;
      followed = -1;
      write("step", step);
    },
    dispose: () => {
      for (const stop of stops) stop();
      clearTimeout(timer);
      save();
      if (players.now === view) players.now = null;
      for (const [event, act] of Object.entries(listeners)) model.off(event, act);
    },
  };
}

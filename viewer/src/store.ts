/** Owns one view's moving state: the step shown, playing, speed, granularity. Every view of a run has its own. */

import { effect, type Signal, signal, untracked } from "@preact/signals";
import type { TraceLog } from "./log";
import { type Granularity, type Snapshot, Timeline } from "./timeline";
import { asTraceError } from "./wire";

export const SPEEDS = [1, 2, 4, 8, 16, 32] as const;
export const GRANULARITIES = ["operation", "line", "call"] as const;

export interface Store {
  readonly log: TraceLog;
  readonly timeline: Timeline;
  /** The step asked for; the snapshot follows as soon as its chunks are decoded. */
  readonly target: Signal<number>;
  readonly snapshot: Signal<Snapshot | null>;
  readonly playing: Signal<boolean>;
  readonly speed: Signal<number>;
  readonly granularity: Signal<Granularity>;
  /** Whether the learner (or the host) has gone anywhere yet. */
  readonly moved: Signal<boolean>;
  go(step: number): void;
  move(direction: 1 | -1): void;
  first(): void;
  last(): void;
  toggle(): void;
  setGranularity(granularity: Granularity): void;
  /** Stops the clock and all subscriptions. */
  dispose(): void;
}

/** A store over a log, beginning at `initialStep` (which may not have arrived yet). */
export function createStore(log: TraceLog, initialStep = 0): Store {
  const timeline = new Timeline(log);
  const target = signal(0);
  const snapshot = signal<Snapshot | null>(null);
  const playing = signal(false);
  const speed = signal(4);
  const granularity = signal<Granularity>("operation");
  const moved = signal(false);
  let wanted = initialStep;
  let ticket = 0;
  let queue = Promise.resolve();
  let clock: ReturnType<typeof setTimeout> | undefined;
  let disposed = false;

  const fail = (error: unknown) => {
    playing.value = false;
    if (!disposed && log.problem.value === null) log.problem.value = asTraceError(error);
  };

  /** Shows a step: at once where its chunks are decoded; else when they are, unless another was asked for by then. */
  const show = async (step: number): Promise<void> => {
    if (log.count.value === 0) return;
    const mine = ++ticket;
    target.value = step;
    try {
      const ready = timeline.at(step, granularity.value);
      const found = ready ?? (await timeline.load(step, granularity.value));
      if (mine === ticket && !disposed) snapshot.value = found;
    } catch (error) {
      if (mine === ticket) fail(error);
    }
  };

  const go = (step: number) => {
    wanted = Math.max(0, Math.round(step));
    void show(Math.min(wanted, timeline.last));
  };

  const advance = async (direction: 1 | -1): Promise<void> => {
    if (disposed) return;
    try {
      const at = timeline.neighbourAt(target.value, direction, granularity.value);
      wanted = at ?? (await timeline.loadNeighbour(target.value, direction, granularity.value));
      await show(wanted);
    } catch (error) {
      fail(error);
    }
  };

  const move = (direction: 1 | -1) => {
    if (granularity.value === "operation") go(Math.min(target.value + direction, timeline.last));
    else queue = queue.then(() => advance(direction));
  };

  const tick = async () => {
    if (!playing.value || disposed) return;
    if (target.value < timeline.last) await advance(1);
    else if (log.status.value.state === "done") playing.value = false;
    if (playing.value && !disposed) clock = setTimeout(tick, 1000 / speed.value);
  };

  const toggle = () => {
    clearTimeout(clock);
    playing.value = !playing.value;
    if (!playing.value) return;
    moved.value = true;
    if (target.value >= timeline.last && log.status.value.state === "done") go(0);
    clock = setTimeout(tick, 1000 / speed.value);
  };

  let known = 0;
  const stopWatching = effect(() => {
    if (log.count.value === 0) return;
    const last = log.steps.value;
    // A chunk may bring the end of what belonged to the last step known, so that step is made again.
    const stale = snapshot.peek() === null || target.peek() >= known || wanted > target.peek();
    known = last;
    if (stale) untracked(() => void show(Math.min(Math.max(wanted, 0), last)));
  });

  const pause = () => {
    clearTimeout(clock);
    playing.value = false;
  };

  /** What a move by hand has in common: it stops the clock, and from now on the view is no longer as it was opened. */
  const byHand = (act: () => void) => {
    pause();
    moved.value = true;
    act();
  };

  return {
    log,
    timeline,
    target,
    snapshot,
    playing,
    speed,
    granularity,
    moved,
    go: (step) => byHand(() => go(step)),
    move: (direction) => byHand(() => move(direction)),
    first: () => byHand(() => go(0)),
    last: () => byHand(() => go(timeline.last)),
    toggle,
    setGranularity: (value) => {
      granularity.value = value;
      void show(target.value);
    },
    dispose: () => {
      disposed = true;
      pause();
      stopWatching();
    },
  };
}

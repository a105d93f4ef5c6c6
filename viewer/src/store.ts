/** Owns one view's moving state: the step shown, playing, speed, granularity. Every view of a run has its own. */

import { effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import type { TraceLog } from "./log";
import { type Granularity, type Snapshot, Timeline } from "./timeline";
import { asTraceError } from "./wire";

export const SPEEDS = [1, 2, 4, 8, 16, 32, 128, 1024] as const;
/** Pictures drawn per second while playing, at most; a higher speed shows every so many steps. */
const MAX_PICTURES = 32;
export const GRANULARITIES = ["operation", "line", "call"] as const;

export interface Store {
  readonly log: TraceLog;
  readonly timeline: Timeline;
  /** The last step known so far. */
  readonly steps: ReadonlySignal<number>;
  /** The step asked for; the snapshot follows as soon as its chunks are decoded. */
  readonly target: Signal<number>;
  readonly snapshot: Signal<Snapshot | null>;
  readonly playing: Signal<boolean>;
  readonly speed: Signal<number>;
  readonly granularity: Signal<Granularity>;
  /** What the reader chose to see figures as, by figure key. */
  readonly views: Signal<ReadonlyMap<string, string>>;
  /** Whether the learner (or the host) has gone anywhere yet. */
  readonly moved: Signal<boolean>;
  go(step: number): void;
  move(direction: 1 | -1, by?: Granularity): void;
  first(): void;
  last(): void;
  toggle(): void;
  setPlaying(playing: boolean): void;
  /** One speed up (1) or down (-1). */
  setPace(direction: 1 | -1): void;
  /** Asked while playing: the step to pause at on the way from one step to a later one, or null. */
  guard: ((from: number, to: number) => Promise<number | null>) | null;
  setGranularity(granularity: Granularity): void;
  /** Draws the figure with this key in this view from now on. */
  chooseView(figure: string, view: string): void;
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
  const views = signal<ReadonlyMap<string, string>>(new Map());
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

  const neighbour = async (step: number, direction: 1 | -1, by: Granularity): Promise<number> =>
    timeline.neighbourAt(step, direction, by) ?? (await timeline.loadNeighbour(step, direction, by));

  const advance = async (direction: 1 | -1, by: Granularity): Promise<void> => {
    if (disposed) return;
    try {
      wanted = await neighbour(target.value, direction, by);
      await show(wanted);
    } catch (error) {
      fail(error);
    }
  };

  const move = (direction: 1 | -1, by = granularity.value) => {
    if (by === "operation") go(Math.min(target.value + direction, timeline.last));
    else queue = queue.then(() => advance(direction, by));
  };

  /** Plays on: as many halts as belong to one picture at this speed, or to where the guard says to pause. */
  const playOn = async (): Promise<void> => {
    const from = target.value;
    let to = from;
    try {
      for (let n = Math.ceil(speed.value / MAX_PICTURES); n > 0 && to < timeline.last; n--)
        to = await neighbour(to, 1, granularity.value);
      const halt = (await store.guard?.(from, to)) ?? null;
      if (!playing.value || disposed) return;
      wanted = halt ?? to;
      await show(wanted);
      if (halt !== null) playing.value = false;
    } catch (error) {
      fail(error);
    }
  };

  const beat = () => {
    clock = setTimeout(tick, 1000 / Math.min(speed.value, MAX_PICTURES));
  };

  const tick = async () => {
    if (!playing.value || disposed) return;
    if (target.value < timeline.last) await playOn();
    else if (log.status.value.state === "done") playing.value = false;
    if (playing.value && !disposed) beat();
  };

  const toggle = () => {
    clearTimeout(clock);
    playing.value = !playing.value;
    if (!playing.value) return;
    moved.value = true;
    if (target.value >= timeline.last && log.status.value.state === "done") go(0);
    beat();
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

  const store: Store = {
    log,
    timeline,
    steps: log.steps,
    target,
    snapshot,
    playing,
    speed,
    granularity,
    views,
    moved,
    go: (step) => byHand(() => go(step)),
    move: (direction, by) => byHand(() => move(direction, by)),
    first: () => byHand(() => go(0)),
    last: () => byHand(() => go(timeline.last)),
    toggle,
    setPlaying: (value) => {
      if (value !== playing.value) toggle();
    },
    setPace: (direction) => {
      const at = SPEEDS.findIndex((value) => value >= speed.value) + direction;
      speed.value = SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)] as number;
    },
    guard: null,
    setGranularity: (value) => {
      granularity.value = value;
      void show(target.value);
    },
    chooseView: (figure, view) => {
      views.value = new Map(views.value).set(figure, view);
    },
    dispose: () => {
      disposed = true;
      pause();
      stopWatching();
    },
  };
  return store;
}

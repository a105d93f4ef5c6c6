/** Owns two runs stepped together: a store over two stores. One that has ended waits at its end for the other. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { SPEEDS, type Store } from "./store";
import type { Granularity } from "./timeline";

/** What moves through time: one run's store, or a pair of them. All that controls and keys need. */
export type Clock = Pick<
  Store,
  | "playing"
  | "speed"
  | "granularity"
  | "steps"
  | "go"
  | "move"
  | "first"
  | "last"
  | "toggle"
  | "setPlaying"
  | "setPace"
  | "setGranularity"
  | "dispose"
> & { readonly target: ReadonlySignal<number> };

export function createPair(sides: readonly [Store, Store]): Clock {
  const steps = computed(() => Math.max(...sides.map(({ log }) => log.steps.value)));
  const target = computed(() => Math.max(...sides.map((side) => side.target.value)));
  const playing = signal(false);
  const speed = signal(4);
  const [{ granularity }] = sides;
  /** How many moves each side has waited at its end: as many back before it moves again. */
  let waits: [number, number] = [0, 0];
  let clock: ReturnType<typeof setTimeout> | undefined;

  const isOver = ({ target: at, log }: Store) =>
    at.peek() >= log.steps.peek() && log.status.peek().state === "done";

  const go = (step: number) => {
    waits = sides.map(({ log }) => Math.max(0, step - log.steps.peek())) as [number, number];
    // Whoever follows must not see one of them there and the other not yet: that is no step anybody asked for.
    batch(() => {
      for (const side of sides) side.go(Math.min(step, side.log.steps.peek()));
    });
  };

  const move = (direction: 1 | -1, by: Granularity = granularity.peek()) => {
    if (direction > 0 && sides.every(isOver)) return;
    if (direction < 0 && Math.min(...waits) > 0)
      waits = waits.map((n) => n - Math.min(...waits)) as [number, number];
    batch(() =>
      sides.forEach((side, i) => {
        const waited = waits[i] as number;
        if (direction > 0 ? isOver(side) : waited > 0) waits[i] = waited + direction;
        else side.move(direction, by);
      }),
    );
  };

  const setPlaying = (value: boolean) => {
    clearTimeout(clock);
    playing.value = value;
    if (!value) return;
    if (sides.every(isOver)) go(0);
    const tick = () => {
      move(1);
      if (sides.every(isOver)) playing.value = false;
      if (playing.peek()) clock = setTimeout(tick, 1000 / Math.min(speed.peek(), 32));
    };
    clock = setTimeout(tick, 1000 / speed.peek());
  };

  const byHand = (act: () => void) => {
    setPlaying(false);
    act();
  };

  return {
    steps,
    target,
    playing,
    speed,
    granularity,
    go: (step) => byHand(() => go(step)),
    move: (direction, by) => byHand(() => move(direction, by)),
    first: () => byHand(() => go(0)),
    last: () => byHand(() => go(steps.peek())),
    toggle: () => setPlaying(!playing.peek()),
    setPlaying,
    setPace: (direction) => {
      const at = SPEEDS.findIndex((value) => value >= speed.peek()) + direction;
      speed.value = SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)] as number;
    },
    setGranularity: (value) => {
      waits = [0, 0];
      for (const side of sides) side.setGranularity(value);
    },
    dispose: () => {
      clearTimeout(clock);
    },
  };
}

/**
 * Owns one session's machine in time: feeds it events, keeps its one alarm, carries its effects out through
 * the ports it was given. It knows neither Jupyter nor the page, so tests drive it with a clock of their own.
 */

import { step, wakeAt } from "./machine";
import {
  type Effect,
  type Event,
  INITIAL,
  type Killed,
  type Millis,
  type Notice,
  type Rules,
  type State,
} from "./state";

/** Time, as the guard needs it. */
export interface Clock {
  now(): Millis;
  /** Calls back once, `delay` ms from now or later; returns the way to call it off. */
  after(delay: Millis, callback: () => void): () => void;
}

/** What the guard can do to the kernel. All may reject. */
export interface KernelPort {
  /** Makes the program hear that it shall stop, if it can hear. */
  interrupt(): Promise<void>;
  /** Resolves when the request was carried out, not when the kernel works. */
  restart(): Promise<void>;
  /** Resolves when the kernel has answered a real request. */
  probe(): Promise<void>;
}

/** What a learner can answer to a notice. */
export type Answer = "restart" | "wait";

/** What the guard tells the page. */
export interface PagePort {
  killed(runs: readonly Killed[]): void;
  notify(notice: Notice, answer: (answer: Answer) => void): void;
  /** The notice that asks something is not wanted any more. */
  dismiss(): void;
}

/** The longest delay browsers' timers take; longer ones fire at once. */
const LONGEST_DELAY: Millis = 2 ** 31 - 1;

export class Guard {
  #state: State = INITIAL;
  #callOff: (() => void) | null = null;
  #disposed = false;

  constructor(
    private readonly clock: Clock,
    private readonly kernel: KernelPort,
    private readonly page: PagePort,
    private readonly rules: () => Rules,
  ) {}

  get state(): State {
    return this.#state;
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  /** Something happened now. */
  feed(event: Event): void {
    if (this.#disposed) return;
    const { state, effects } = step(this.#state, event, this.clock.now(), this.rules());
    this.#state = state;
    this.#setAlarm();
    for (const effect of effects) this.#perform(effect);
  }

  dispose(): void {
    this.#disposed = true;
    this.#callOff?.();
    this.#callOff = null;
  }

  // A fresh timer each time, never an interval: browsers delay those of a hidden page much longer.
  #setAlarm(): void {
    this.#callOff?.();
    this.#callOff = null;
    const at = wakeAt(this.#state);
    if (at === null) return;
    const delay = Math.min(Math.max(at - this.clock.now(), 0), LONGEST_DELAY);
    this.#callOff = this.clock.after(delay, () => this.feed({ type: "tick" }));
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "interrupt":
        // If it fails, the deadline that follows does the rest.
        this.kernel.interrupt().catch(() => undefined);
        return;
      case "restart":
        this.#report(this.kernel.restart(), { type: "restarted" }, { type: "restart-failed" });
        return;
      case "probe":
        this.#report(this.kernel.probe(), { type: "answered" }, { type: "unanswered", probe: effect.probe });
        return;
      case "killed":
        this.page.killed(effect.runs);
        return;
      case "notify":
        this.page.notify(effect.notice, (answer) => this.feed({ type: `${answer}-wanted` }));
        return;
      case "dismiss":
        this.page.dismiss();
        return;
    }
  }

  #report(work: Promise<void>, done: Event, failed: Event): void {
    work.then(
      () => this.feed(done),
      () => this.feed(failed),
    );
  }
}

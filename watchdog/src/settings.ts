/**
 * Owns the learner's settings: their defaults, and the reading of what the settings editor stored and of what a
 * notebook says of itself. schema/watchdog.json shows them; a test holds the two together.
 */

import type { Disposable } from "./jupyter";

export type Standby = "auto" | "on" | "off";

export interface Settings {
  readonly enabled: boolean;
  /** The limit of a run that names none of its own, in seconds. */
  readonly seconds: number;
  /** Stops recorded at most; 0: no limit. */
  readonly steps: number;
  /** Size of a recording at most, in megabytes (1,000,000 bytes). */
  readonly megabytes: number;
  /** Seconds after a run's limit in which Python may stop by itself. */
  readonly grace: number;
  /** Whether a second Python is kept ready; "auto" leaves small devices alone. */
  readonly standby: Standby;
}

export const DEFAULTS: Settings = Object.freeze({
  enabled: true,
  seconds: 30,
  steps: 0,
  megabytes: 64,
  grace: 1,
  standby: "auto",
});

/** The bounds of the numbers. Grace stays below 2: by then the restart must have begun. */
export const BOUNDS = Object.freeze({
  seconds: [0.1, 86_400],
  steps: [0, 1e9],
  megabytes: [1, 1_000],
  grace: [0.25, 1.75],
} as const);

const STANDBY: readonly unknown[] = ["auto", "on", "off"];

/** Settings from stored values; what is missing or of another type takes its default, numbers are kept in bounds. */
export function readSettings(stored: Readonly<Record<string, unknown>>): Settings {
  const number = (key: keyof typeof BOUNDS): number => bounded(stored[key], DEFAULTS[key], BOUNDS[key]);
  return {
    enabled: typeof stored.enabled === "boolean" ? stored.enabled : DEFAULTS.enabled,
    seconds: number("seconds"),
    steps: Math.trunc(number("steps")),
    megabytes: number("megabytes"),
    grace: number("grace"),
    standby: STANDBY.includes(stored.standby) ? (stored.standby as Standby) : DEFAULTS.standby,
  };
}

function bounded(value: unknown, fallback: number, [low, high]: readonly [number, number]): number {
  if (typeof value !== "number" || !Number.isFinite(value)) return fallback;
  return Math.min(Math.max(value, low), high);
}

/** The limits of a run that names none, as Python is told them. */
export interface RunLimits {
  readonly seconds: number;
  readonly steps?: number;
  readonly bytes?: number;
}

/** The limits by the learner's settings, where the notebook's metadata (`{"dstruct": {"seconds": 5}}`) name no other. */
export function runLimits(settings: Settings, metadata: unknown): RunLimits {
  const own = (typeof metadata === "object" && metadata !== null ? metadata : {}) as Record<string, unknown>;
  const positive = (key: string): number | undefined => {
    const value = own[key];
    return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
  };
  const steps = positive("steps") ?? settings.steps;
  return {
    seconds: positive("seconds") ?? settings.seconds,
    ...(steps > 0 ? { steps } : {}),
    bytes: positive("bytes") ?? Math.round(settings.megabytes * 1e6),
  };
}

/** The settings now, and the news when they change. */
export interface SettingsSource {
  get(): Settings;
  /** Calls back after each change; returns the way back. */
  onChange(callback: () => void): Disposable;
}

/** A source that somebody sets. */
export class SettingsCell implements SettingsSource {
  #value: Settings = DEFAULTS;
  readonly #listeners = new Set<() => void>();

  get(): Settings {
    return this.#value;
  }

  set(value: Settings): void {
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  onChange(callback: () => void): Disposable {
    this.#listeners.add(callback);
    return { dispose: () => void this.#listeners.delete(callback) };
  }
}

/**
 * Owns the learner's settings: their defaults, and the reading of what the settings editor stored.
 * schema/watchdog.json shows them; a test holds the two together.
 */

export interface Settings {
  readonly enabled: boolean;
  /** The limit of a run that names none of its own, in seconds. */
  readonly seconds: number;
  /** Seconds after a run's limit in which Python may stop by itself. */
  readonly grace: number;
}

export const DEFAULTS: Settings = Object.freeze({ enabled: true, seconds: 30, grace: 1 });

/** The bounds of the numbers, in seconds. Grace stays below 2: by then the restart must have begun. */
export const BOUNDS = Object.freeze({ seconds: [0.1, 86_400], grace: [0.25, 1.75] } as const);

/** Settings from stored values; what is missing or of another type takes its default, numbers are kept in bounds. */
export function readSettings(stored: Readonly<Record<string, unknown>>): Settings {
  return {
    enabled: typeof stored.enabled === "boolean" ? stored.enabled : DEFAULTS.enabled,
    seconds: bounded(stored.seconds, DEFAULTS.seconds, BOUNDS.seconds),
    grace: bounded(stored.grace, DEFAULTS.grace, BOUNDS.grace),
  };
}

function bounded(value: unknown, fallback: number, [low, high]: readonly [number, number]): number {
  if (typeof value !== "number" || !Number.isFinite(value)) return fallback;
  return Math.min(Math.max(value, low), high);
}

/** The settings now, and the news when they change. */
export interface SettingsSource {
  get(): Settings;
  /** Calls back after each change; returns the way back. */
  onChange(callback: () => void): { dispose(): void };
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

  onChange(callback: () => void): { dispose(): void } {
    this.#listeners.add(callback);
    return { dispose: () => void this.#listeners.delete(callback) };
  }
}

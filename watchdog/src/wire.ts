/**
 * Owns the reading of what Python says to the watchdog (docs/wire.md). Whatever does not have the agreed shape
 * is no run: a program may open comms of its own, and must not be able to disturb the page with them.
 */

/** The comm target that announces runs. */
export const WATCHDOG_TARGET = "dstruct-lite.watchdog";
/** The comm target that hears the learner's settings. */
export const SETTINGS_TARGET = "dstruct-lite.settings";
/** The id of the only comm on it. */
export const SETTINGS_COMM = "dstruct-lite.settings";

export interface RunStart {
  readonly run: string;
  readonly seconds: number;
  readonly interruptible: boolean;
}

const LONGEST_ID = 200;

/** The run announced by a comm's opening data, or null where it is none. */
export function readRunStart(data: unknown): RunStart | null {
  if (typeof data !== "object" || data === null) return null;
  const { run, seconds, interruptible } = data as Record<string, unknown>;
  if (typeof run !== "string" || run === "" || run.length > LONGEST_ID) return null;
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds < 0) return null;
  return { run, seconds, interruptible: interruptible === true };
}

/** Owns what a caller asks for: `RunOptions` checked, and put into the form the worker gets. */

import type { Millis } from "./machine";
import type { Json, PythonLimits, RunMessage } from "./protocol";

/** What a run may use, besides its time. null: no limit; absent: the harness's default. */
export interface Limits {
  /** Stops recorded. */
  readonly steps?: number | null;
  /** Bytes of trace. */
  readonly logBytes?: number | null;
  /** Characters printed. */
  readonly outputBytes?: number | null;
}

export interface RunOptions {
  /** Arguments for the entry: plain JSON, or `{type, value}` as in the ExecutionResult contract. */
  readonly args?: readonly Json[];
  /**
   * A function, or `Class.method`, to call once the module has run. With `args` alone: `Solution`'s first public
   * method, else the last function.
   */
  readonly entry?: string;
  /** Milliseconds from the moment a ready worker gets the program; Infinity: no limit. */
  readonly timeoutMs?: number;
  /** Called with each chunk of the trace as it comes, while the program still runs. */
  readonly onChunk?: (chunk: Uint8Array, index: number) => void;
  readonly limits?: Limits;
  /** The result's `callstack` covers so many steps from the start (50 000): decoding a long run takes its time. */
  readonly callstackSteps?: number;
  /** Ends the run when it fires: the program is stopped, what it did until then is in the result. */
  readonly signal?: AbortSignal;
}

const LIMIT_NAMES: Readonly<Record<keyof Limits, string>> = {
  steps: "steps",
  logBytes: "log_bytes",
  outputBytes: "output_bytes",
};

const DEFAULT_CALLSTACK_STEPS = 50_000;

/** The part of the time that the program itself does not get, so that it can be stopped inside rather than killed. */
export function marginOf(timeoutMs: Millis): Millis {
  return Math.min(500, timeoutMs / 10);
}

/** The message for a run. Throws TypeError or RangeError, naming what is wrong, for what Python could not be given. */
export function runMessage(
  requestId: string,
  code: unknown,
  options: RunOptions,
  timeoutMs: Millis,
): RunMessage {
  if (typeof code !== "string") throw new TypeError(`code must be a string, not ${kindOf(code)}`);
  if (!(typeof timeoutMs === "number" && timeoutMs > 0)) {
    throw new RangeError(`timeoutMs must be a positive number of milliseconds, not ${String(timeoutMs)}`);
  }
  const { args, entry } = options;
  if (entry !== undefined && typeof entry !== "string") {
    throw new TypeError(`entry must be a string, not ${kindOf(entry)}`);
  }
  if (args !== undefined && !Array.isArray(args)) {
    throw new TypeError(`args must be an array, not ${kindOf(args)}`);
  }
  args?.forEach((arg, i) => {
    requireJson(arg, `args[${i}]`, []);
  });
  const callstackSteps = options.callstackSteps ?? DEFAULT_CALLSTACK_STEPS;
  if (!(Number.isSafeInteger(callstackSteps) && callstackSteps >= 0)) {
    throw new RangeError(`callstackSteps must be a whole number, not ${String(callstackSteps)}`);
  }
  const limits = pythonLimits(options.limits ?? {}, timeoutMs);
  return {
    type: "RUN",
    requestId,
    code,
    limits,
    callstackSteps,
    ...(args === undefined ? {} : { args }),
    ...(entry === undefined ? {} : { entry }),
  };
}

function pythonLimits(limits: Limits, timeoutMs: Millis): PythonLimits {
  const seconds = Number.isFinite(timeoutMs) ? (timeoutMs - marginOf(timeoutMs)) / 1000 : null;
  const given: Record<string, number | null> = { seconds };
  for (const [name, value] of Object.entries(limits)) {
    const python = Object.hasOwn(LIMIT_NAMES, name) ? LIMIT_NAMES[name as keyof Limits] : null;
    if (python === null) throw new TypeError(`limits has no ${name}; it has ${Object.keys(LIMIT_NAMES)}`);
    if (value === undefined) continue;
    if (value !== null && !(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`limits.${name} must be a positive whole number or null, not ${String(value)}`);
    }
    given[python] = value;
  }
  return given;
}

/** JSON would silently make null of NaN and leave functions out: what cannot be said is refused instead. */
function requireJson(value: unknown, path: string, within: readonly unknown[]): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (typeof value !== "object") throw new TypeError(`${path} is ${kindOf(value)}, which is not JSON`);
  if (within.includes(value)) throw new TypeError(`${path} contains itself`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`${path} is ${kindOf(value)}, not a plain object`);
  }
  for (const [key, item] of Object.entries(value)) requireJson(item, `${path}.${key}`, [...within, value]);
}

function kindOf(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return Array.isArray(value) ? "an array" : `a ${value.constructor?.name ?? "strange object"}`;
}

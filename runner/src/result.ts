/** Owns what a run gives back, whoever ended it: `ExecutionResult`, read from Python's answer or made by the page. */

/** Why a run ended, as in the harness. */
export type StopReason =
  | "ok"
  | "error"
  | "timeout"
  | "step-limit"
  | "log-limit"
  | "output-limit"
  | "memory-limit"
  | "depth-limit"
  | "interrupted"
  | "killed";

export interface RunError {
  readonly name: string;
  readonly message: string;
  /** The traceback as Python prints it; empty where the page ended the run. */
  readonly stack: string;
}

/** One operation on a structure; docs/trace-format.md lists the names and arguments. */
export interface OperationFrame {
  readonly id: unknown;
  readonly name: string;
  readonly [key: string]: unknown;
}

/** Everything that is known of one run, also of one that failed or was stopped. */
export interface ExecutionResult {
  /** What the program printed to stdout; for a run with an entry, what it returned after it. */
  readonly output: string;
  /** The exception that ended the run, or what the page ended it for; else null. */
  readonly error: RunError | null;
  readonly stopReason: StopReason;
  /** Stops recorded. */
  readonly steps: number;
  /** How many events of each kind; empty for a long run that the page ended. */
  readonly events: Readonly<Record<string, number>>;
  /** What the entry returned, or the final expression's value, as text; empty if there is none. */
  readonly result: string;
  /** The trace (docs/trace-format.md): every chunk that was streamed. */
  readonly trace: Uint8Array;
  /** Milliseconds the program ran. */
  readonly runtime: number;
  /** Milliseconds since the epoch. */
  readonly startTimestamp: number;
  /** Operations on structures, of the run's beginning where it is long. */
  readonly callstack: readonly OperationFrame[];
  /** Whether there were more operations than `callstack` lists. */
  readonly callstackTruncated: boolean;
  /** What ended the recording before the program's end, if a fault of ours did. */
  readonly recorderError: string | null;
}

/** Python's part of a result: all but the trace, which came chunk by chunk. */
export type Answer = Omit<ExecutionResult, "trace">;

const REASONS: ReadonlySet<string> = new Set<StopReason>([
  "ok",
  "error",
  "timeout",
  "step-limit",
  "log-limit",
  "output-limit",
  "memory-limit",
  "depth-limit",
  "interrupted",
  "killed",
]);

type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An error as it came from a worker: whatever it is, three texts. */
export function parseRunError(value: unknown): RunError {
  const raw: Fields = isFields(value) ? value : {};
  const text = (key: string, fallback: string): string =>
    typeof raw[key] === "string" ? (raw[key] as string) : fallback;
  return { name: text("name", "Error"), message: text("message", ""), stack: text("stack", "") };
}

/** Python's answer checked, or null where it is none. A worker's messages are as trustworthy as the program in it. */
export function parseAnswer(value: unknown): Answer | null {
  if (!isFields(value)) return null;
  const { output, stopReason, steps, events, result, runtime, startTimestamp, callstack } = value;
  const good =
    typeof output === "string" &&
    typeof stopReason === "string" &&
    REASONS.has(stopReason) &&
    typeof result === "string" &&
    typeof steps === "number" &&
    typeof runtime === "number" &&
    typeof startTimestamp === "number" &&
    isFields(events) &&
    Object.values(events).every((count) => typeof count === "number") &&
    Array.isArray(callstack) &&
    callstack.every((frame) => isFields(frame) && typeof frame.name === "string");
  if (!good) return null;
  return {
    output,
    error: value.error === null || value.error === undefined ? null : parseRunError(value.error),
    stopReason: stopReason as StopReason,
    steps,
    events: events as Record<string, number>,
    result,
    runtime,
    startTimestamp,
    callstack: callstack as OperationFrame[],
    callstackTruncated: value.callstackTruncated === true,
    recorderError: typeof value.recorderError === "string" ? value.recorderError : null,
  };
}

/** How a run ended that Python gives no answer for. */
export type Verdict =
  | { readonly kind: "timeout"; readonly ms: number }
  | { readonly kind: "flooded" }
  | { readonly kind: "crashed"; readonly error: RunError }
  | { readonly kind: "not-started"; readonly error: RunError }
  | { readonly kind: "refused"; readonly error: RunError }
  | { readonly kind: "aborted" }
  | { readonly kind: "disposed" };

interface Judgement {
  readonly stopReason: StopReason;
  readonly error: RunError;
}

/** A verdict as a result says it. */
export function judge(verdict: Verdict): Judgement {
  switch (verdict.kind) {
    case "timeout": {
      const message = `The program did not end within ${verdict.ms / 1000} s and was stopped.`;
      return { stopReason: "timeout", error: said("TimeoutError", message) };
    }
    case "flooded":
      return { stopReason: "log-limit", error: said("RangeError", "The program's trace grew too large.") };
    case "crashed":
      return { stopReason: "killed", error: verdict.error };
    case "not-started":
    case "refused":
      return { stopReason: "error", error: verdict.error };
    case "aborted":
      return { stopReason: "interrupted", error: said("AbortError", "The program was stopped.") };
    case "disposed":
      return { stopReason: "interrupted", error: said("DisposedError", "The runner was disposed of.") };
  }
}

/** An error that the page itself tells of. */
export function said(name: string, message: string): RunError {
  return { name, message, stack: "" };
}

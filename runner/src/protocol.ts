/**
 * Owns the messages between page and worker. The page reads a worker's messages as untrusted: the program
 * in it can post whatever it likes.
 */

import { type Answer, isFields, parseAnswer, parseRunError, type RunError, said } from "./result";

/** What JSON can say: arguments arrive in Python as the same. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The harness's limits, in the names of its `Limits`; null means none. */
export type PythonLimits = Readonly<Record<string, number | null>>;

export interface InitMessage {
  readonly type: "INIT";
  /** Where Pyodide is; absent: where `runner.json` beside the worker says. */
  readonly indexURL?: string;
  /** Whether a memory snapshot may be kept in the browser's cache, for a quicker start. */
  readonly snapshot: boolean;
}

export interface RunMessage {
  readonly type: "RUN";
  readonly requestId: string;
  readonly code: string;
  readonly args?: readonly Json[];
  readonly entry?: string;
  readonly limits: PythonLimits;
  /** Operations are listed for so many steps. */
  readonly callstackSteps: number;
}

export type ToWorker = InitMessage | RunMessage;

/** What is being done on the way to READY. */
export type Stage = "download" | "snapshot" | "python" | "harness";

export type FromWorker =
  /** `value` from 0 to 1. */
  | { readonly type: "PROGRESS"; readonly value: number; readonly stage: Stage }
  | { readonly type: "READY" }
  /** The program begins. */
  | { readonly type: "STARTED"; readonly requestId: string }
  | { readonly type: "CHUNK"; readonly requestId: string; readonly chunk: Uint8Array }
  /** The program has ended; its result is being made. */
  | { readonly type: "ENDED"; readonly requestId: string }
  | { readonly type: "RUN_RESULT"; readonly requestId: string; readonly result: Answer }
  /** No request: the worker cannot start. `fatal`: it cannot go on. */
  | {
      readonly type: "ERROR";
      readonly requestId: string | null;
      readonly error: RunError;
      readonly fatal: boolean;
    };

const STAGES: ReadonlySet<unknown> = new Set<Stage>(["download", "snapshot", "python", "harness"]);

/** A worker's message, or null where it is none of ours. */
export function parseReply(data: unknown): FromWorker | null {
  if (!isFields(data)) return null;
  const { type, requestId } = data;
  if (type === "READY") return { type };
  if (type === "PROGRESS") return parseProgress(data);
  if (type === "ERROR") {
    const id = typeof requestId === "string" ? requestId : null;
    return { type, requestId: id, error: parseRunError(data.error), fatal: data.fatal === true };
  }
  if (typeof requestId !== "string") return null;
  if (type === "STARTED" || type === "ENDED") return { type, requestId };
  if (type === "CHUNK") {
    return data.chunk instanceof Uint8Array ? { type, requestId, chunk: data.chunk } : null;
  }
  return type === "RUN_RESULT" ? parseRunResult(requestId, data.result) : null;
}

function parseProgress(data: Readonly<Record<string, unknown>>): FromWorker | null {
  const { value, stage } = data;
  if (typeof value !== "number" || !STAGES.has(stage)) return null;
  // Written so that NaN, too, becomes a number between.
  return { type: "PROGRESS", value: value > 0 ? Math.min(value, 1) : 0, stage: stage as Stage };
}

function parseRunResult(requestId: string, answer: unknown): FromWorker {
  const result = parseAnswer(answer);
  if (result) return { type: "RUN_RESULT", requestId, result };
  const error = said("ProtocolError", "The worker's answer is not a result.");
  return { type: "ERROR", requestId, error, fatal: false };
}

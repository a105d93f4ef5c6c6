/**
 * Owns making the result of a run on the page: Python's answer with the trace that came before it, or, where the
 * worker can tell nothing any more, what that trace itself says.
 */

import { TraceLog } from "../../viewer/src/log";
import { operationsOf } from "./operations";
import { type Answer, type ExecutionResult, judge, type Verdict } from "./result";

/** The result of a run that Python has answered for. */
export function answered(answer: Answer, chunks: readonly Uint8Array[]): ExecutionResult {
  return { ...answer, trace: joined(chunks) };
}

/** How a run that the page ended had gone. */
export interface Record {
  readonly chunks: readonly Uint8Array[];
  /** Milliseconds that it ran. */
  readonly runtime: number;
  /** Milliseconds since the epoch. */
  readonly startTimestamp: number;
  /** The result's `callstack` covers so many steps from the start. */
  readonly callstackSteps: number;
}

/** The result of a run that the page ended, or that never began. Never rejects. */
export async function endedHere(verdict: Verdict, record: Record): Promise<ExecutionResult> {
  const { chunks, runtime, startTimestamp, callstackSteps } = record;
  const log = new TraceLog();
  log.append(0, chunks);
  const { callstack, truncated, events } = await operationsOf(log, callstackSteps, startTimestamp, runtime);
  return {
    ...judge(verdict),
    output: printed(log),
    steps: log.steps.value,
    events,
    result: "",
    trace: joined(chunks),
    runtime,
    startTimestamp,
    callstack,
    callstackTruncated: truncated,
    recorderError: null,
  };
}

/** What the program printed to stdout, as far as its chunks can be read. */
function printed(log: TraceLog): string {
  return log.tables.output
    .filter(({ stream }) => stream === 0)
    .map(({ text }) => text)
    .join("");
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

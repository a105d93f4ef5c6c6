/**
 * Owns making the result of a run on the page: Python's answer with the trace that came before it, or, where the
 * worker can tell nothing any more, what that trace itself says.
 */

import { TraceLog } from "../../viewer/src/log";
import { type Answer, type ExecutionResult, judge, type Verdict } from "./result";

/** The result of a run that Python has answered for. */
export function answered(answer: Answer, chunks: readonly Uint8Array[]): ExecutionResult {
  return { ...answer, trace: joined(chunks) };
}

/** The result of a run that the page ended, or that never began. `runtime` and `startTimestamp` in milliseconds. */
export function endedHere(
  verdict: Verdict,
  chunks: readonly Uint8Array[],
  runtime: number,
  startTimestamp: number,
): ExecutionResult {
  return {
    ...judge(verdict),
    ...salvaged(chunks),
    events: {},
    result: "",
    trace: joined(chunks),
    runtime,
    startTimestamp,
    callstack: [],
    callstackTruncated: chunks.length > 0,
    recorderError: null,
  };
}

/** What the program printed to stdout, and its stops, as far as its chunks can be read. */
function salvaged(chunks: readonly Uint8Array[]): Pick<ExecutionResult, "output" | "steps"> {
  const log = new TraceLog();
  log.append(0, chunks);
  const output = log.tables.output
    .filter(({ stream }) => stream === 0)
    .map(({ text }) => text)
    .join("");
  return { output, steps: log.steps.value };
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

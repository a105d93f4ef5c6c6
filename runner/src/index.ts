/** What a page imports: a runner of Python, and the types of what it takes and gives. */

export type { Json, Stage } from "./protocol";
export type { Limits, RunOptions } from "./request";
export type { ExecutionResult, OperationFrame, RunError, StopReason } from "./result";
export {
  type Clock,
  type InitResult,
  type Progress,
  PythonRunner,
  type RunnerOptions,
  type RunnerState,
  type WorkerLike,
} from "./runner";

/**
 * Owns what has arrived of one trace: an append-only list of checked chunks, the tables their metas add up to,
 * and the run's status. Shared by every view of a run; knows nothing of steps' contents.
 */

import { batch, type Signal, signal } from "@preact/signals";
import { emptyTables, extendTables, parseError, type RunError, type Tables } from "./tables";
import { asTraceError, inflate, parseChunk, type RawChunk, splitChunks, TraceError } from "./wire";

/** The run's status as in docs/wire.md. */
export interface RunStatus {
  readonly state: "running" | "done";
  readonly run: string;
  readonly title: string;
  /** Chunks and stops of the whole run, as far as Python has said. */
  readonly chunks: number;
  readonly steps: number;
  readonly stopReason: string | null;
  readonly error: RunError | null;
  readonly seconds: number | null;
  /** Its other limits; null for none, or none said. */
  readonly limits: { readonly steps: number | null; readonly bytes: number | null };
}

export const RUNNING: RunStatus = {
  state: "running",
  run: "",
  title: "",
  chunks: 0,
  steps: 0,
  stopReason: null,
  error: null,
  seconds: null,
  limits: { steps: null, bytes: null },
};

/** Bytes of chunks that one widget may leave in a notebook; Python keeps to the same (dstruct_lite/saved.py). */
const SAVED_BYTES = 1_500_000;

/** A status from outside; whatever is not well formed takes its default, since the trace itself says the rest. */
export function parseStatus(value: unknown): RunStatus {
  if (typeof value !== "object" || value === null) return RUNNING;
  const raw = value as Record<string, unknown>;
  const text = (key: string) => (typeof raw[key] === "string" ? (raw[key] as string) : "");
  const count = (key: string) => (Number.isSafeInteger(raw[key]) ? Math.max(0, raw[key] as number) : 0);
  let error: RunError | null = null;
  try {
    error = parseError(raw.error);
  } catch {
    // An error of another shape is shown by the stop reason alone.
  }
  return {
    state: raw.state === "done" ? "done" : "running",
    run: text("run"),
    title: text("title"),
    chunks: count("chunks"),
    steps: count("steps"),
    stopReason: text("stopReason") || null,
    error,
    seconds: typeof raw.seconds === "number" ? raw.seconds : null,
    limits: { steps: limitOf(raw.limits, "steps"), bytes: limitOf(raw.limits, "bytes") },
  };
}

function limitOf(limits: unknown, key: string): number | null {
  const value =
    typeof limits === "object" && limits !== null ? (limits as Record<string, unknown>)[key] : null;
  return typeof value === "number" && value > 0 ? value : null;
}

/** An append-only trace in memory. Signals say when it grows; nothing here is ever taken back. */
export class TraceLog {
  /** Stops known so far. */
  readonly steps: Signal<number> = signal(0);
  /** Chunks known so far, in order and without gaps. */
  readonly count: Signal<number> = signal(0);
  readonly status: Signal<RunStatus>;
  /** Bytes of the chunks known so far. */
  readonly bytes: Signal<number> = signal(0);
  /** When this log was opened, and when the last chunk came, in ms on the page's clock. */
  readonly opened: number = performance.now();
  heard = 0;
  /** Why no more chunks are taken, or null. What came before stays usable. */
  readonly problem: Signal<TraceError | null> = signal(null);
  readonly tables: Tables = emptyTables();
  readonly chunks: RawChunk[] = [];
  /** For each chunk, the output pieces before it. */
  readonly outputBefore: number[] = [];
  /** Every chunk as it came; views on the same bytes. */
  private readonly stored: Uint8Array[] = [];
  /** For each chunk, the nearest keyframe at or before it. */
  readonly keyframes: number[] = [];
  private readonly early = new Map<number, Uint8Array>();

  constructor(status: RunStatus = RUNNING) {
    this.status = signal(status);
  }

  /** Takes in chunks `index`, `index + 1`, ...; those already held are ignored, early ones wait for the gap to fill. */
  append(index: number, buffers: readonly Uint8Array[]): void {
    buffers.forEach((bytes, i) => {
      if (index + i >= this.chunks.length) this.early.set(index + i, bytes);
    });
    // Who follows the log hears of all of them at once.
    batch(() => {
      for (;;) {
        const bytes = this.early.get(this.chunks.length);
        if (bytes === undefined || this.problem.peek() !== null) break;
        this.early.delete(this.chunks.length);
        this.take(bytes);
      }
    });
  }

  /** Takes in a whole trace file, or the next part of one that ends between chunks. */
  appendFile(bytes: Uint8Array): void {
    const { chunks, problem } = splitChunks(bytes);
    this.append(this.chunks.length, chunks);
    if (problem && !this.problem.value) this.problem.value = problem;
  }

  /** The status a trace file stands for, by its own last chunk. */
  statusOfFile(title: string): RunStatus {
    const end = this.tables.end;
    const stopReason = end?.stopReason ?? "killed";
    return {
      ...RUNNING,
      state: "done",
      title,
      steps: this.steps.value,
      stopReason,
      error: end?.error ?? null,
    };
  }

  /** The inflated body of chunk `index`. Throws TraceError. */
  inflate(index: number): Uint8Array {
    return inflate(this.chunks[index] as RawChunk);
  }

  /** The chunks from the first on that fit into `limit` bytes, for a notebook to keep. */
  saved(limit = SAVED_BYTES): DataView[] {
    let size = 0;
    const end = this.stored.findIndex((bytes) => {
      size += bytes.length;
      return size > limit;
    });
    return this.stored
      .slice(0, end < 0 ? this.stored.length : end)
      .map((bytes) => new DataView(bytes.slice().buffer));
  }

  /** The last chunk whose first step is at most `step`: the one a step is replayed in. */
  chunkOf(step: number): number {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.chunks[middle] as RawChunk).firstStep <= step) low = middle;
      else high = middle - 1;
    }
    return high < 0 ? -1 : low;
  }

  private take(bytes: Uint8Array): void {
    try {
      const chunk = parseChunk(bytes);
      if (chunk.index !== this.chunks.length) throw new TraceError("a chunk is out of order");
      if (chunk.firstStep !== this.steps.value)
        throw new TraceError("a chunk does not begin where the last one ended");
      if (chunk.index === 0 && !chunk.keyframe) throw new TraceError("the first chunk is no keyframe");
      const before = this.tables.output.length;
      extendTables(this.tables, chunk.meta);
      this.chunks.push({ ...chunk, meta: null });
      this.stored.push(bytes);
      this.outputBefore.push(before);
      this.keyframes.push(chunk.keyframe ? chunk.index : (this.keyframes.at(-1) as number));
      this.steps.value += chunk.steps;
      this.bytes.value += bytes.length;
      this.heard = performance.now();
      this.count.value = this.chunks.length;
    } catch (error) {
      this.problem.value = asTraceError(error);
      this.early.clear();
    }
  }
}

/** A page of the site without Jupyter, and the runner in it; tests import the module as any lesson page would. */
import type { Page } from "@playwright/test";

/** A result as it crosses from the page: all but the bytes and the operations in full. */
export interface RunSummary {
  readonly output: string;
  readonly result: string;
  readonly stopReason: string;
  readonly error: { readonly name: string; readonly message: string; readonly stack: string } | null;
  readonly steps: number;
  /** Names of the operations, in order. */
  readonly operations: readonly string[];
  readonly traceBytes: number;
  /** Chunks that came while the program ran, and the bytes in them. */
  readonly chunks: number;
  readonly chunkBytes: number;
  /** Milliseconds from the call to the result. */
  readonly took: number;
}

interface Frame {
  readonly name: string;
}

interface PageResult
  extends Omit<RunSummary, "operations" | "traceBytes" | "chunks" | "chunkBytes" | "took"> {
  readonly callstack: readonly Frame[];
  readonly trace: Uint8Array;
}

interface PageRunner {
  init(): Promise<{ readonly ok: boolean; readonly error?: { readonly message: string } }>;
  run(code: string, options: object): Promise<PageResult>;
  dispose(): void;
}

interface RunnerModule {
  readonly PythonRunner: new (indexURL?: string, options?: object) => PageRunner;
}

declare const window: { runner?: PageRunner };

/** Makes a runner in the page and waits for its start; gives the milliseconds that took, or why it failed. */
export function openRunner(
  page: Page,
  options: object = {},
  indexURL?: string,
): Promise<{ ms: number; problem: string | null }> {
  return page.evaluate(
    async ([options, indexURL]) => {
      window.runner?.dispose();
      const from = new URL("runner.js", location.href).href;
      const { PythonRunner } = (await import(from)) as RunnerModule;
      const began = performance.now();
      window.runner = new PythonRunner(indexURL, options);
      const opened = await window.runner.init();
      return { ms: performance.now() - began, problem: opened.error?.message ?? null };
    },
    [options, indexURL] as const,
  );
}

/** Runs a program in the page's runner; `abortAfter`: stops it so many milliseconds after its first chunk. */
export function runIn(
  page: Page,
  code: string,
  options: object = {},
  abortAfter?: number,
): Promise<RunSummary> {
  return page.evaluate(
    async ([code, options, abortAfter]) => {
      if (!window.runner) throw new Error("no runner in the page");
      const stop = new AbortController();
      let chunks = 0;
      let chunkBytes = 0;
      const onChunk = (chunk: Uint8Array): void => {
        if (chunks === 0 && abortAfter !== undefined) setTimeout(() => stop.abort(), abortAfter);
        chunks += 1;
        chunkBytes += chunk.length;
      };
      const began = performance.now();
      const result = await window.runner.run(code, { ...options, onChunk, signal: stop.signal });
      const took = performance.now() - began;
      const { callstack, trace, output, stopReason, error, steps } = result;
      const operations = callstack.map(({ name }) => name);
      const text = result.result;
      return {
        output,
        result: text,
        stopReason,
        error,
        steps,
        operations,
        traceBytes: trace.length,
        chunks,
        chunkBytes,
        took,
      };
    },
    [code, options, abortAfter] as const,
  );
}

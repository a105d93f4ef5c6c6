/** Owns the worker: INIT and RUN in, what protocol.ts lists out. Wiring only; boot.ts starts Python, glue.py runs programs. */

import { start } from "./boot";
import glue from "./glue.py";
import type { RunMessage, ToWorker } from "./protocol";
import type { Pyodide, PyProxy } from "./pyodide";

interface Ready {
  readonly pyodide: Pyodide;
  readonly run: PyProxy;
  readonly tidy: PyProxy;
}

let ready: Ready | null = null;

interface Told {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

function tell(error: unknown): Told {
  const { name, message, type } = error as { name?: unknown; message?: unknown; type?: unknown };
  // Pyodide's PythonError: `type` is the exception's name, `message` the whole traceback.
  if (typeof type === "string" && typeof message === "string") {
    const last = message.trim().split("\n").at(-1) ?? "";
    const prefix = `${type}: `;
    return {
      name: type,
      message: last.startsWith(prefix) ? last.slice(prefix.length) : last,
      stack: message,
    };
  }
  return { name: typeof name === "string" ? name : "Error", message: String(message ?? error), stack: "" };
}

async function init(indexURL: string | undefined, useSnapshot: boolean): Promise<void> {
  const report = (value: number, stage: string) => self.postMessage({ type: "PROGRESS", value, stage });
  const { pyodide, wheel } = await start(indexURL, useSnapshot, report);
  report(0.9, "harness");
  pyodide.unpackArchive(wheel, "wheel");
  const globals = pyodide.globals.get("dict")();
  pyodide.runPython(glue, { globals, filename: "dstruct_runner.py" });
  if (pyodide._api) {
    pyodide._api.on_fatal = (error) =>
      self.postMessage({ type: "ERROR", requestId: null, error: tell(error), fatal: true });
  }
  ready = { pyodide, run: globals.get("run"), tidy: globals.get("tidy") };
  report(1, "harness");
  self.postMessage({ type: "READY" });
}

async function run({ pyodide, run, tidy }: Ready, message: RunMessage): Promise<void> {
  const { type: _, requestId, ...request } = message;
  const sendChunk = (chunk: Uint8Array<ArrayBuffer>) =>
    self.postMessage({ type: "CHUNK", requestId, chunk }, { transfer: [chunk.buffer] });
  const ended = () => self.postMessage({ type: "ENDED", requestId });
  self.postMessage({ type: "STARTED", requestId });
  try {
    // What the site's lock file knows; all else is for Python's own ImportError to say.
    await pyodide.loadPackagesFromImports(message.code, { messageCallback: () => {} }).catch(() => undefined);
    const text = await run.callPromising(JSON.stringify(request), sendChunk, ended);
    self.postMessage({ type: "RUN_RESULT", requestId, result: JSON.parse(String(text)) });
    tidy();
  } catch (error) {
    // Whatever a program does is in its result. An error that comes here has left the interpreter in an unknown state.
    self.postMessage({ type: "ERROR", requestId, error: tell(error), fatal: true });
  }
}

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "INIT") {
    init(data.indexURL, data.snapshot).catch((error: unknown) =>
      self.postMessage({ type: "ERROR", requestId: null, error: tell(error), fatal: true }),
    );
  } else if (data.type === "RUN" && ready) {
    void run(ready, data);
  }
});

// What a program leaves to callbacks may fail later. That is no fault of the worker, which the page would end for it.
self.addEventListener("error", (event) => event.preventDefault());
self.addEventListener("unhandledrejection", (event) => event.preventDefault());

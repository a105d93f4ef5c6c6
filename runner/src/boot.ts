/** Owns starting Python in a worker: what is fetched from where, how far it is, and from a snapshot where there is one. */

import type { Stage } from "./protocol";
import type { LoadOptions, Pyodide, PyodideModule } from "./pyodide";
import { type SnapshotStore, snapshotStore } from "./snapshot";

/** `runner.json`, which the site build writes beside the worker. URLs are relative to it. */
interface Manifest {
  /** The directory of Pyodide's files. */
  readonly indexURL: string;
  readonly lockURL?: string;
  /** The wheel of the recorder. */
  readonly harness: string;
  /** Bytes of the files that are fetched, by name, so that progress can be told. */
  readonly sizes?: Readonly<Record<string, number>>;
}

export type Report = (value: number, stage: Stage) => void;

export interface Started {
  readonly pyodide: Pyodide;
  readonly wheel: ArrayBuffer;
}

/** Bytes of Pyodide's large files where nobody says; only progress depends on it. */
const USUAL_BYTES = 12_500_000;
/** Parts of the whole start, as measured on a cold one: fetching, then starting. */
const DOWNLOAD_SHARE = 0.6;
/** A start from a snapshot takes about a second; one that takes longer than this is given up. */
const SNAPSHOT_PATIENCE = 20_000;

const SILENT = { stdin: () => null, stdout: () => {}, stderr: () => {} };

/** Pyodide, and the recorder's wheel to put into it. Throws an Error whose message can be shown. */
export async function start(
  indexURL: string | undefined,
  useSnapshot: boolean,
  report: Report,
): Promise<Started> {
  report(0, "download");
  const manifestURL = new URL("runner.json", self.location.href);
  const manifest = (await (await fetched(manifestURL)).json()) as Manifest;
  const wheel = fetched(new URL(manifest.harness, manifestURL)).then((response) => response.arrayBuffer());
  // Awaited only after Pyodide is there; an early failure must not count as nobody's.
  wheel.catch(() => undefined);
  const base = indexURL ?? new URL(manifest.indexURL, manifestURL).href;
  const own = indexURL === undefined;
  const options: LoadOptions = {
    ...SILENT,
    indexURL: base.endsWith("/") ? base : `${base}/`,
    ...(own && manifest.lockURL ? { lockFileURL: new URL(manifest.lockURL, manifestURL).href } : {}),
  };
  const sizes = own ? Object.values(manifest.sizes ?? {}) : [];
  const total = sizes.reduce((sum, size) => sum + size, 0) || USUAL_BYTES;
  const pyodide = await counted(total, report, (failed) => load(options, useSnapshot, report, failed));
  return { pyodide, wheel: await wheel };
}

/** A response that holds the file, or an Error that names it. */
async function fetched(url: URL): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new Error(`${url.href} cannot be loaded: ${error instanceof Error ? error.message : error}`);
  }
  if (!response.ok) throw new Error(`${url.href} cannot be loaded (status ${response.status})`);
  return response;
}

/**
 * Does `work` while whatever it fetches is counted. Pyodide waits for ever for a file that is not there, so `work`
 * gets a promise that rejects when a fetch fails.
 */
async function counted<T>(
  total: number,
  report: Report,
  work: (failed: Promise<never>) => Promise<T>,
): Promise<T> {
  const real = self.fetch;
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  let bytes = 0;
  const count = (more: number) => {
    bytes += more;
    const share = Math.min(bytes / total, 1);
    report(DOWNLOAD_SHARE * share, share < 1 ? "download" : "python");
  };
  self.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const response = await real(input, init).catch((error: unknown) => {
      fail(new Error(`${url} cannot be loaded: ${error instanceof Error ? error.message : error}`));
      throw error;
    });
    if (!response.ok) fail(new Error(`${url} cannot be loaded (status ${response.status})`));
    return withCount(response, count);
  };
  try {
    return await work(failed);
  } finally {
    self.fetch = real;
  }
}

function withCount(response: Response, count: (bytes: number) => void): Response {
  if (!response.body) return response;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (chunk, controller) => {
      count(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counter), { status, statusText, headers });
}

async function load(
  options: LoadOptions,
  useSnapshot: boolean,
  report: Report,
  failed: Promise<never>,
): Promise<Pyodide> {
  const module = (await import(`${options.indexURL}pyodide.mjs`)) as PyodideModule;
  if (!useSnapshot) return Promise.race([module.loadPyodide(options), failed]);
  const store = snapshotStore(options.indexURL, module.version);
  const kept = await store.load();
  if (kept) {
    report(DOWNLOAD_SHARE / 2, "snapshot");
    const restored = await Promise.race([restore(module, options, kept), failed]);
    if (restored) return restored;
    await store.forget();
  }
  return Promise.race([loadAndKeep(module, options, store), failed]);
}

/** Python from a snapshot, or null where that does not work out. */
async function restore(
  module: PyodideModule,
  options: LoadOptions,
  snapshot: Uint8Array,
): Promise<Pyodide | null> {
  try {
    const patience = new Promise<null>((resolve) => setTimeout(resolve, SNAPSHOT_PATIENCE, null));
    const pyodide = await Promise.race([
      module.loadPyodide({ ...options, _loadSnapshot: snapshot }),
      patience,
    ]);
    // The generator's state was frozen with the rest: without this, everybody's random numbers would be the same.
    pyodide?.runPython("import sys\nif 'random' in sys.modules: sys.modules['random'].seed()");
    return pyodide;
  } catch {
    return null;
  }
}

/** Python started in full, and a snapshot of it kept if that can be done. */
async function loadAndKeep(
  module: PyodideModule,
  options: LoadOptions,
  store: SnapshotStore,
): Promise<Pyodide> {
  const pyodide = await module.loadPyodide({ ...options, _makeSnapshot: true });
  try {
    const snapshot = pyodide.makeMemorySnapshot?.();
    if (snapshot) void store.save(snapshot);
  } catch {
    // Private to Pyodide, and gone from it perhaps: then every start is a full one.
  }
  return pyodide;
}

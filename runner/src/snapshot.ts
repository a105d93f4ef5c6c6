/**
 * Owns keeping a memory snapshot of a started Python in the browser's own cache: made once, by the first worker
 * that starts without one, so that it costs no download. Every failure here is silence: there is always a start
 * without.
 */

const CACHE = "dstruct-runner";

/** Where snapshots of one Pyodide are kept. */
export interface SnapshotStore {
  load(): Promise<Uint8Array | null>;
  save(snapshot: Uint8Array): Promise<void>;
  forget(): Promise<void>;
}

/** The store for the Pyodide at `indexURL`; it holds nothing where the page has no cache (no secure context). */
export function snapshotStore(indexURL: string, version: string): SnapshotStore {
  const key = new URL(`snapshot?pyodide=${encodeURIComponent(version)}`, indexURL).href;
  const silent = async <T>(work: (cache: Cache) => Promise<T>, fallback: T): Promise<T> => {
    try {
      return await work(await caches.open(CACHE));
    } catch {
      return fallback;
    }
  };
  return {
    load: () =>
      silent(async (cache) => {
        const kept = await cache.match(key);
        return kept ? new Uint8Array(await kept.arrayBuffer()) : null;
      }, null),
    save: (snapshot) =>
      silent(async (cache) => {
        // One at a time: a snapshot is some 30 MB, and that of an older Pyodide is of no use.
        for (const old of await cache.keys()) if (old.url !== key) await cache.delete(old);
        await cache.put(key, new Response(new Blob([snapshot as BlobPart])));
      }, undefined),
    forget: () =>
      silent(async (cache) => {
        await cache.delete(key);
      }, undefined),
  };
}

/** Owns the part of Pyodide's interface that the worker uses, its private part included, as types. */

export interface PyProxy {
  get(name: string): PyProxy;
  destroy(): void;
  callPromising(...args: unknown[]): Promise<unknown>;
  (...args: unknown[]): PyProxy;
}

export interface Pyodide {
  readonly version: string;
  readonly globals: PyProxy;
  runPython(code: string, options?: { globals?: PyProxy; filename?: string }): unknown;
  unpackArchive(buffer: ArrayBuffer, format: string): void;
  loadPackagesFromImports(code: string, options?: object): Promise<unknown>;
  /** Private: only after loading with `_makeSnapshot`. */
  makeMemorySnapshot?(): Uint8Array;
  /** Private: told of errors after which the interpreter is of no use. */
  readonly _api?: { on_fatal?: (error: unknown) => void };
}

export interface LoadOptions {
  readonly indexURL: string;
  readonly lockFileURL?: string;
  readonly stdin?: () => string | null;
  readonly stdout?: (text: string) => void;
  readonly stderr?: (text: string) => void;
  /** Private: keep what a snapshot needs. */
  readonly _makeSnapshot?: boolean;
  /** Private: begin from a snapshot. */
  readonly _loadSnapshot?: Uint8Array;
}

export interface PyodideModule {
  readonly version: string;
  loadPyodide(options: LoadOptions): Promise<Pyodide>;
}

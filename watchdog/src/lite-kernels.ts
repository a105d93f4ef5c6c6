/**
 * Owns what we put around JupyterLite's kernels, by the interfaces it exports: a kernel whose Python broke for
 * good is noticed, and the factory of kernels gives out one that was started ahead where there is one
 * (standby.ts). No class of JupyterLite's is copied or changed; everything else passes through untouched.
 */

import { bundle, type Disposable, type Signal, subscribe } from "./jupyter";
import type { OutputMessage } from "./output-brake";

/** JupyterLite's IKernel. */
export interface LiteKernel extends Disposable {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly ready: Promise<void>;
  readonly isDisposed: boolean;
  readonly disposed: Signal<unknown, void>;
  handleMessage(message: unknown): Promise<void>;
}

export interface LiteKernelOptions {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly sendMessage: (message: OutputMessage) => void;
}

export type Factory = (options: LiteKernelOptions) => Promise<LiteKernel>;

/** JupyterLite's IKernelSpecs. */
export interface LiteKernelSpecs {
  readonly specs: { readonly kernelspecs: Readonly<Record<string, unknown>> } | null;
  readonly factories: ReadonlyMap<string, Factory>;
  readonly changed: Signal<unknown, unknown>;
  register(options: { spec: unknown; create: Factory }): void;
}

/** Puts `wrap` around every factory there is and that comes, until disposed: then the originals are back. */
export function wrapFactories(specs: LiteKernelSpecs, wrap: (factory: Factory) => Factory): Disposable {
  const originals = new Map<Factory, Factory>();
  const each = (change: (name: string, spec: unknown, factory: Factory) => void): void => {
    for (const [name, factory] of [...specs.factories]) {
      const spec = specs.specs?.kernelspecs[name];
      if (spec !== undefined) change(name, spec, factory);
    }
  };
  const wrapNew = (): void => {
    each((_name, spec, factory) => {
      if (originals.has(factory)) return;
      const create = wrap(factory);
      originals.set(create, factory);
      specs.register({ spec, create });
    });
  };
  const news = subscribe(specs.changed, wrapNew);
  wrapNew();
  return bundle([
    {
      dispose: () => {
        each((_name, spec, factory) => {
          const original = originals.get(factory);
          if (original) specs.register({ spec, create: original });
        });
      },
    },
    news,
  ]);
}

/**
 * The kernel, watched: `crashed` is called once when a message breaks it. JupyterLite passes Python's own errors on
 * as replies, so a message that fails means that Python itself is gone; its kernel would stay busy for ever.
 */
export function watched(kernel: LiteKernel, crashed: () => void): LiteKernel {
  let told = false;
  const tell = (): void => {
    if (!told && !kernel.isDisposed) crashed();
    told = true;
  };
  return {
    get id() {
      return kernel.id;
    },
    get name() {
      return kernel.name;
    },
    get location() {
      return kernel.location;
    },
    get ready() {
      return kernel.ready;
    },
    get isDisposed() {
      return kernel.isDisposed;
    },
    get disposed() {
      return kernel.disposed;
    },
    async handleMessage(message) {
      try {
        await kernel.handleMessage(message);
      } catch (error) {
        console.warn("dstruct-lite: Python broke while it handled a message", error);
        tell();
      }
    },
    dispose: () => kernel.dispose(),
  };
}

/**
 * Owns the warm standby: a second kernel, started ahead, that takes the place of one that is restarted. JupyterLite
 * restarts a kernel by disposing it and asking the factory for another one of the same id and place; so a spare
 * made with these is what it gets, in no time instead of a cold start. One spare for the whole page, since it takes as much
 * memory as a kernel: that of the kernel last asked to run something.
 */

import type { Clock } from "./guard";
import type { Disposable } from "./jupyter";
import type { Factory, LiteKernel, LiteKernelOptions } from "./lite-kernels";

/** How long the page is left alone after a kernel is ready, before a spare is started, in ms. */
export const QUIET_MS = 3_000;
/** How long after its kernel's end a spare waits for the restart it was made for, in ms. */
export const CLAIM_MS = 2_000;

/** A kernel that nobody has asked for yet. What it says is kept from the page until it is taken. */
class Spare {
  #send: LiteKernelOptions["sendMessage"] = () => undefined;
  readonly kernel: Promise<LiteKernel>;
  #dropped = false;

  constructor(
    factory: Factory,
    readonly options: LiteKernelOptions,
    failed: () => void,
  ) {
    this.kernel = factory({ ...options, sendMessage: (message) => this.#send(message) });
    this.kernel.then((kernel) => kernel.ready).catch(failed);
  }

  fits(options: LiteKernelOptions): boolean {
    const { id, name, location } = this.options;
    return id === options.id && name === options.name && location === options.location;
  }

  take(send: LiteKernelOptions["sendMessage"]): Promise<LiteKernel> {
    this.#send = send;
    return this.kernel;
  }

  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.kernel.then(
      (kernel) => kernel.dispose(),
      () => undefined,
    );
  }
}

/** The standby of a page. */
export class Standby implements Disposable {
  #spare: Spare | null = null;
  #callOff: (() => void) | null = null;
  #current: { readonly factory: Factory; readonly options: LiteKernelOptions } | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly wanted: () => boolean,
  ) {}

  /** The factory, giving out the spare where it fits. */
  around(factory: Factory): Factory {
    return async (options) => {
      const spare = this.#spare;
      let kernel: LiteKernel;
      if (spare?.fits(options)) {
        this.#spare = null;
        kernel = await spare.take(options.sendMessage);
      } else {
        kernel = await factory(options);
      }
      this.#follow(kernel, factory, options);
      return kernel;
    };
  }

  /** The setting has changed. */
  update(): void {
    if (!this.wanted()) this.#drop();
    else if (this.#spare === null) this.#prepareSoon();
  }

  /** Whether a spare has been started. */
  get isWarm(): boolean {
    return this.#spare !== null;
  }

  dispose(): void {
    this.#drop();
    this.#current = null;
  }

  // The newest kernel has the spare: it is the one the learner just opened or restarted.
  #follow(kernel: LiteKernel, factory: Factory, options: LiteKernelOptions): void {
    this.#current = { factory, options };
    const onDisposed = (): void => {
      kernel.disposed.disconnect(onDisposed);
      if (this.#current?.options !== options) return;
      this.#callOff?.();
      // A restart comes at once; otherwise the notebook was closed.
      this.#callOff = this.clock.after(CLAIM_MS, () => {
        if (this.#current?.options !== options) return;
        this.#current = null;
        this.#drop();
      });
    };
    kernel.disposed.connect(onDisposed);
    if (this.#spare && !this.#spare.fits(options)) this.#drop();
    kernel.ready.then(
      () => this.#prepareSoon(),
      () => undefined,
    );
  }

  #prepareSoon(): void {
    this.#callOff?.();
    this.#callOff = this.clock.after(QUIET_MS, () => {
      const current = this.#current;
      if (!current || this.#spare || !this.wanted()) return;
      const spare: Spare = new Spare(current.factory, current.options, () => {
        // It could not start: the next restart is a cold one.
        if (this.#spare === spare) this.#drop();
      });
      this.#spare = spare;
    });
  }

  #drop(): void {
    this.#callOff?.();
    this.#callOff = null;
    this.#spare?.drop();
    this.#spare = null;
  }
}

/** Whether a second Python would be too much for this device: little memory, or few processors. */
export function isSmall(device: { deviceMemory?: number; hardwareConcurrency?: number }): boolean {
  return (device.deviceMemory ?? 8) < 8 || (device.hardwareConcurrency ?? 4) < 4;
}

/**
 * Owns the wiring to JupyterLite, whose kernels are workers of the page: broken ones are noticed, floods of output are
 * braked, and a spare is kept ready. Elsewhere there is no such package, so it is asked for only when the page says that it is JupyterLite's.
 */

import type { Clock } from "./guard";
import { bundle, type Disposable } from "./jupyter";
import { type LiteKernelSpecs, watched, wrapFactories } from "./lite-kernels";
import { outputBrake } from "./output-brake";
import type { SettingsSource } from "./settings";
import { isSmall, Standby } from "./standby";

/** Who wants to know of kernels that broke, by id. */
export class Crashes {
  readonly #listeners = new Set<(kernel: string) => void>();

  tell(kernel: string): void {
    for (const listener of [...this.#listeners]) listener(kernel);
  }

  onCrash(listener: (kernel: string) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }
}

/** Puts the watch and the standby around all kernels, until disposed. */
export function watchLiteKernels(
  specs: LiteKernelSpecs,
  settings: SettingsSource,
  clock: Clock,
  crashes: Crashes,
): Disposable {
  const standby = new Standby(clock, () => {
    const { standby } = settings.get();
    return standby === "on" || (standby === "auto" && !isSmall(navigator));
  });
  const wrapped = wrapFactories(specs, (factory) => {
    const spared = standby.around(factory);
    return async (options) => {
      const sendMessage = outputBrake(options.sendMessage, clock);
      return watched(await spared({ ...options, sendMessage }), () => crashes.tell(options.id));
    };
  });
  return bundle([wrapped, standby, settings.onChange(() => standby.update())]);
}

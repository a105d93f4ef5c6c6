/**
 * Owns the page's half of telling Python the learner's time limit (docs/wire.md, Settings). Python holds a comm
 * with an agreed id for it. A message to a comm that a kernel does not have makes it complain, so the page asks
 * for open comms first, or hears this one being opened. JupyterLite's kernels never answer that question; there
 * the page just sends, which also has the message ahead of the first cell.
 */

import { bundle, type Comm, type CommTarget, type Disposable, type Kernel } from "./jupyter";
import type { SettingsSource } from "./settings";
import { SETTINGS_COMM, SETTINGS_TARGET } from "./wire";

/**
 * Tells the kernel the time limit now and after every change, until disposed.
 *
 * `listsComms`: whether the kernel answers a request for its open comms.
 */
export function tellSettings(kernel: Kernel, settings: SettingsSource, listsComms: boolean): Disposable {
  // A kernel has one connection that handles comms; its session's watch does this.
  if (!kernel.handleComms) return bundle([]);
  const comms = new Map<string, Comm>();
  let disposed = false;

  const tell = (comm: Comm): void => {
    if (!kernel.isDisposed) comm.send({ seconds: settings.get().seconds });
  };
  const add = (comm: Comm): void => {
    comms.set(comm.commId, comm);
    comm.onClose = () => void comms.delete(comm.commId);
    tell(comm);
  };
  const onOpen: CommTarget = (comm) => add(comm);
  kernel.registerCommTarget(SETTINGS_TARGET, onOpen);

  const find = (): void => {
    if (!comms.has(SETTINGS_COMM)) add(kernel.createComm(SETTINGS_TARGET, SETTINGS_COMM));
  };
  if (!listsComms) find();
  else {
    // The kernel answers when it is next idle, or never if it is restarted before.
    kernel.requestCommInfo({ target_name: SETTINGS_TARGET }).then(
      (reply) => {
        if (!disposed && !kernel.isDisposed && SETTINGS_COMM in (reply.content.comms ?? {})) find();
      },
      () => undefined,
    );
  }

  return bundle([
    {
      dispose: () => {
        disposed = true;
        kernel.removeCommTarget(SETTINGS_TARGET, onOpen);
        // Only our end: the comm itself is Python's, and the next watcher of this kernel will look for it.
        for (const comm of comms.values()) comm.dispose();
        comms.clear();
      },
    },
    settings.onChange(() => {
      for (const comm of comms.values()) tell(comm);
    }),
  ]);
}

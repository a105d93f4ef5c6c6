/**
 * Owns the page's half of telling Python the limits and the stop switches (docs/wire.md, Settings). Python holds
 * a comm with an agreed id for it. A message to a comm that a kernel does not have makes it complain, so the page
 * asks for open comms first, or hears this one being opened. JupyterLite's kernels never answer that question;
 * there the page just sends, which also has the message ahead of the first cell.
 */

import {
  bundle,
  type Comm,
  type CommTarget,
  type Disposable,
  type Kernel,
  type SettingsMessage,
} from "./jupyter";
import { SETTINGS_COMM, SETTINGS_TARGET } from "./wire";

/** What is told, and when it changes. */
export interface Telling {
  message(): SettingsMessage;
  /** Calls back after each change; returns the way back. */
  onChange(callback: () => void): Disposable;
}

/**
 * Tells the kernel the settings now and after every change, until disposed.
 *
 * `listsComms`: whether the kernel answers a request for its open comms.
 */
export function tellSettings(kernel: Kernel, telling: Telling, listsComms: boolean): Disposable {
  // A kernel has one connection that handles comms; its session's watch does this.
  if (!kernel.handleComms) return bundle([]);
  const comms = new Map<string, Comm>();
  let disposed = false;

  const tell = (comm: Comm): void => {
    if (!kernel.isDisposed) comm.send(telling.message());
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
    telling.onChange(() => {
      for (const comm of comms.values()) tell(comm);
    }),
  ]);
}

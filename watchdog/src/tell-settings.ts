/**
 * Owns the page's half of telling Python the learner's time limit (docs/wire.md, Settings). Python holds a comm
 * open for it; the page finds it by asking for open comms or hears it being opened, and never opens one itself:
 * a kernel without dstruct-lite would complain about an unknown target.
 */

import { bundle, type Comm, type CommTarget, type Disposable, type Kernel } from "./jupyter";
import type { SettingsSource } from "./settings";
import { SETTINGS_TARGET } from "./wire";

/** Tells the kernel the time limit now and after every change, until disposed. */
export function tellSettings(kernel: Kernel, settings: SettingsSource): Disposable {
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

  // The kernel answers when it is next idle, or never if it is restarted before.
  kernel.requestCommInfo({ target_name: SETTINGS_TARGET }).then(
    (reply) => {
      if (disposed || kernel.isDisposed) return;
      for (const id of Object.keys(reply.content.comms ?? {})) {
        if (!comms.has(id)) add(kernel.createComm(SETTINGS_TARGET, id));
      }
    },
    () => undefined,
  );

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

/**
 * Owns the wiring of one Jupyter session (a notebook's or a console's) to its guard: comm targets on every
 * kernel connection the session gets, the signals that tell of restarts, deaths and lost connections, and the
 * kernel's side of restarting. `watchSession` returns the clean-up.
 */

import { type Clock, Guard, type KernelPort, type PagePort } from "./guard";
import {
  bundle,
  type CommTarget,
  type Disposable,
  type Kernel,
  type SessionContext,
  subscribe,
} from "./jupyter";
import type { SettingsSource } from "./settings";
import { tellSettings } from "./tell-settings";
import { readRunStart, WATCHDOG_TARGET } from "./wire";

/** What every session's watch shares. */
export interface Surroundings {
  readonly clock: Clock;
  /** Makes one page port for each session: each has its own incident. */
  page(): PagePort;
  readonly settings: SettingsSource;
  /** Whether kernels answer a request for their open comms; those of JupyterLite do not. */
  readonly kernelsListComms: boolean;
}

/** Watches the session until it or the returned handle is disposed. */
export function watchSession(context: SessionContext, around: Surroundings): Disposable {
  const { settings } = around;
  const guard = new Guard(around.clock, kernelPort(context), around.page(), () => ({
    enabled: settings.get().enabled,
    graceMs: settings.get().grace * 1000,
  }));

  let attached: Disposable | null = null;
  const attach = (kernel: Kernel | null): void => {
    attached?.dispose();
    attached = kernel && !kernel.isDisposed ? attachKernel(kernel, guard, around) : null;
  };

  const watch = bundle([
    guard,
    { dispose: () => attached?.dispose() },
    subscribe(context.kernelChanged, (_, change) => {
      attach(change.newValue);
      // A restart keeps the connection; another connection means another kernel, or none.
      const replaced = change.oldValue !== null && change.oldValue !== change.newValue;
      guard.feed({ type: replaced ? "restarting" : "restarted" });
      if (replaced && change.newValue) guard.feed({ type: "restarted" });
    }),
    subscribe(context.statusChanged, (_, status) => {
      if (status === "restarting") guard.feed({ type: "restarting" });
      if (status === "autorestarting" || status === "dead") guard.feed({ type: "died" });
    }),
    subscribe(context.connectionStatusChanged, (_, status) => {
      guard.feed({ type: "link", up: status === "connected" });
    }),
    subscribe(context.disposed, () => watch.dispose()),
  ]);
  attach(context.session?.kernel ?? null);
  return watch;
}

function attachKernel(kernel: Kernel, guard: Guard, around: Surroundings): Disposable {
  const onOpen: CommTarget = (comm, message) => {
    const start = readRunStart(message.content.data);
    if (!start) return;
    guard.feed({ type: "run-start", ...start });
    comm.onClose = () => guard.feed({ type: "run-end", run: start.run });
  };
  kernel.registerCommTarget(WATCHDOG_TARGET, onOpen);
  return bundle([
    { dispose: () => kernel.removeCommTarget(WATCHDOG_TARGET, onOpen) },
    // A cell that begins to run proves as much as an answer, and may keep the answer waiting for long.
    subscribe(kernel.iopubMessage, (_, message) => {
      if (message.header.msg_type === "execute_input") guard.feed({ type: "answered" });
    }),
    tellSettings(kernel, around.settings, around.kernelsListComms),
  ]);
}

function kernelPort(context: SessionContext): KernelPort {
  let name = "";
  const current = (): Kernel | null => {
    const kernel = context.session?.kernel ?? null;
    return kernel && !kernel.isDisposed && kernel.status !== "dead" ? kernel : null;
  };
  return {
    async interrupt() {
      await current()?.interrupt();
    },
    async restart() {
      const kernel = current();
      name = kernel?.name ?? name;
      // Never two at a time (the second would fail): the machine asks again only after the first is done.
      // restartKernel reports failures to the console only: the probe finds out.
      await (kernel ? context.restartKernel() : context.changeKernel({ name }));
    },
    async probe() {
      const kernel = current();
      if (!kernel) throw new Error("there is no kernel");
      // An empty program, not kernel_info: some front ends answer that one without asking the kernel.
      await kernel.requestExecute({ code: "", silent: true, store_history: false, allow_stdin: false }).done;
    },
  };
}

/**
 * Owns the wiring of one Jupyter session (a notebook's or a console's) to its guard: comm targets on every
 * kernel connection the session gets, the signals that tell of restarts, deaths and lost connections, and the
 * stops that the learner asks for. `watchSession` returns the clean-up.
 */

import { type Clock, Guard, type PagePort } from "./guard";
import {
  bundle,
  type CommTarget,
  type Disposable,
  type Kernel,
  type Panel,
  type SessionContext,
  subscribe,
} from "./jupyter";
import { kernelPort } from "./kernel-port";
import type { NotebookPort } from "./notebook";
import { type CellsAbove, NO_CELLS } from "./page";
import { runLimits, type SettingsSource } from "./settings";
import type { Switches } from "./switches";
import { type Telling, tellSettings } from "./tell-settings";
import { readRunStart, WATCHDOG_TARGET } from "./wire";

/** What every session's watch shares. */
export interface Surroundings {
  readonly clock: Clock;
  /** Makes one page port for each session: each has its own incident. */
  page(above: CellsAbove): PagePort;
  readonly settings: SettingsSource;
  /** Where kernels are web workers of the page (JupyterLite): makes a session's stop switches. Else null. */
  readonly switches: ((broke: () => void) => Switches) | null;
  /** Calls back when a viewer asks for a run's stop; the answer says whether that run is one's own. */
  onStop(asked: (run: string) => boolean): Disposable;
  /** Calls back when the learner has pressed the application's own Interrupt for a session. */
  onInterrupt(asked: (context: SessionContext) => void): Disposable;
  /** Calls back when a kernel, by its id, is broken for good though it looks alive. */
  onCrash(crashed: (kernel: string) => void): Disposable;
}

/** JupyterLab's field for a line of input. */
const INPUT_FIELD = "input.jp-Stdin-input";

/** How long a program may take to stop before the learner is asked. In a worker it looks every 50 ms. */
const PATIENCE_MS = { worker: 1_000, process: 3_000 };

/** Watches the panel's session until it or the returned handle is disposed. `notebook`: null for a console. */
export function watchSession(panel: Panel, around: Surroundings, notebook: NotebookPort | null): Disposable {
  const context = panel.sessionContext;
  const switches = around.switches?.(() => guard.feed({ type: "crashed" })) ?? null;
  const port = kernelPort(context, switches, () => panel.node.querySelector<HTMLElement>(INPUT_FIELD));
  const guard = new Guard(around.clock, port, around.page(notebook?.above ?? NO_CELLS), () => {
    const { enabled, grace } = around.settings.get();
    return { enabled, graceMs: grace * 1000 };
  });
  const telling = tellingFor(around.settings, notebook, switches);

  let attached: Disposable | null = null;
  const attach = (kernel: Kernel | null): void => {
    attached?.dispose();
    attached =
      kernel && !kernel.isDisposed
        ? bundle([
            attachKernel(kernel, guard, notebook),
            port.follow(kernel),
            tellSettings(kernel, telling, switches === null),
          ])
        : null;
  };

  const watch = bundle([
    { dispose: () => switches?.dispose() },
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
      guard.feed({ type: "status", busy: status === "busy" });
      if (status === "idle" && switches?.refill()) telling.changed();
    }),
    subscribe(context.connectionStatusChanged, (_, status) => {
      guard.feed({ type: "link", up: status === "connected" });
    }),
    heedStops(context, around, guard, switches ? PATIENCE_MS.worker : PATIENCE_MS.process),
    subscribe(context.disposed, () => watch.dispose()),
  ]);
  attach(context.session?.kernel ?? null);
  return watch;
}

function heedStops(
  context: SessionContext,
  around: Surroundings,
  guard: Guard,
  patienceMs: number,
): Disposable {
  const inWorker = around.switches !== null;
  return bundle([
    around.onStop((run) => {
      const ours = guard.state.runs.some((each) => each.run === run);
      if (ours) guard.feed({ type: "stop", run, sent: false, patienceMs });
      return ours;
    }),
    around.onInterrupt((interrupted) => {
      // The button has interrupted a kernel that is a process; a worker has heard nothing yet.
      if (interrupted === context) guard.feed({ type: "stop", run: null, sent: !inWorker, patienceMs });
    }),
    around.onCrash((kernel) => {
      if (context.session?.kernel?.id === kernel) guard.feed({ type: "crashed" });
    }),
  ]);
}

/** What Python is told, by the settings, the notebook and the switches there are. */
function tellingFor(
  settings: SettingsSource,
  notebook: NotebookPort | null,
  switches: Switches | null,
): Telling & { changed(): void } {
  const listeners = new Set<() => void>();
  return {
    message: () => ({
      ...runLimits(settings.get(), notebook?.metadata()),
      ...(switches ? { switches: [...switches.addresses], channel: switches.channel } : {}),
    }),
    onChange(callback) {
      listeners.add(callback);
      return bundle([
        { dispose: () => void listeners.delete(callback) },
        settings.onChange(callback),
        notebook?.onMetadata(callback) ?? bundle([]),
      ]);
    },
    changed: () => {
      for (const listener of [...listeners]) listener();
    },
  };
}

function attachKernel(kernel: Kernel, guard: Guard, notebook: NotebookPort | null): Disposable {
  const onOpen: CommTarget = (comm, message) => {
    const start = readRunStart(message.content.data);
    if (!start) return;
    const from = message.parent_header.session;
    const foreign = from !== undefined && from !== "" && from !== kernel.clientId;
    guard.feed({ type: "run-start", ...start, foreign });
    comm.onClose = () => guard.feed({ type: "run-end", run: start.run });
  };
  kernel.registerCommTarget(WATCHDOG_TARGET, onOpen);
  return bundle([
    { dispose: () => kernel.removeCommTarget(WATCHDOG_TARGET, onOpen) },
    // A cell that begins to run proves as much as an answer, and may keep the answer waiting for long.
    subscribe(kernel.iopubMessage, (_, message) => {
      if (message.header.msg_type !== "execute_input") return;
      notebook?.began(message.parent_header?.msg_id ?? "");
      guard.feed({ type: "answered" });
    }),
  ]);
}

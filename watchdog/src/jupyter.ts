/**
 * Owns the little of Jupyter that the watchdog stands on, as structural types: the real objects of JupyterLab
 * 4 satisfy them, and so do the tests' fakes.
 */

/** A subscription or registration that can be undone, once or more often. */
export interface Disposable {
  dispose(): void;
}

export interface Signal<Sender, Args> {
  connect(slot: (sender: Sender, args: Args) => void): boolean;
  disconnect(slot: (sender: Sender, args: Args) => void): boolean;
}

/** Connects and returns the way back. */
export function subscribe<Sender, Args>(
  signal: Signal<Sender, Args>,
  slot: (sender: Sender, args: Args) => void,
): Disposable {
  signal.connect(slot);
  return { dispose: () => void signal.disconnect(slot) };
}

/** Disposes in the opposite order of creation. */
export function bundle(parts: readonly Disposable[]): Disposable {
  const rest = [...parts];
  return {
    dispose: () => {
      while (rest.length > 0) rest.pop()?.dispose();
    },
  };
}

/** A comm message as far as we read it: its data come from the kernel and are checked before use. */
export interface CommMessage {
  readonly content: { readonly data: unknown };
}

export interface Comm {
  readonly commId: string;
  onClose: (message: never) => void | PromiseLike<void>;
  send(data: { seconds: number }): unknown;
  dispose(): void;
}

export type CommTarget = (comm: Comm, message: CommMessage) => void;

export interface KernelMessage {
  readonly header: { readonly msg_type: string };
}

export interface Kernel {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly isDisposed: boolean;
  readonly handleComms: boolean;
  readonly iopubMessage: Signal<unknown, KernelMessage>;
  registerCommTarget(name: string, target: CommTarget): void;
  removeCommTarget(name: string, target: CommTarget): void;
  requestCommInfo(content: { target_name: string }): Promise<CommInfoReply>;
  createComm(target: string, id: string): Comm;
  requestExecute(content: ProbeRequest): { readonly done: Promise<unknown> };
  interrupt(): Promise<void>;
}

/** What a kernel says of its open comms. */
export interface CommInfoReply {
  readonly content: { readonly status: string; readonly comms?: Readonly<Record<string, unknown>> };
}

export interface ProbeRequest {
  readonly code: string;
  readonly silent: boolean;
  readonly store_history: boolean;
  readonly allow_stdin: boolean;
}

export interface KernelChange {
  readonly oldValue: Kernel | null;
  readonly newValue: Kernel | null;
}

export interface SessionContext {
  readonly isDisposed: boolean;
  readonly session: { readonly kernel: Kernel | null } | null;
  readonly kernelChanged: Signal<unknown, KernelChange>;
  readonly statusChanged: Signal<unknown, string>;
  readonly connectionStatusChanged: Signal<unknown, string>;
  readonly disposed: Signal<unknown, void>;
  restartKernel(): Promise<void>;
  changeKernel(model: { name: string }): Promise<unknown>;
}

/** A notebook or console panel, as its tracker hands it out. */
export interface Panel {
  readonly sessionContext: SessionContext;
}

export interface Tracker {
  readonly widgetAdded: Signal<unknown, Panel>;
  forEach(visit: (panel: Panel) => void): void;
}

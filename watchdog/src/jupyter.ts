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
  /** What in the page it goes back to. */
  readonly parent_header: { readonly msg_id?: string; readonly session?: string };
}

export interface Comm {
  readonly commId: string;
  onClose: (message: never) => void | PromiseLike<void>;
  send(data: SettingsMessage): unknown;
  dispose(): void;
}

export type CommTarget = (comm: Comm, message: CommMessage) => void;

/** What the page tells Python (docs/wire.md, Settings). */
export interface SettingsMessage {
  readonly seconds: number;
  readonly steps?: number;
  readonly bytes?: number;
  readonly switches?: readonly string[];
  readonly channel?: string;
}

export interface KernelMessage {
  readonly header: { readonly msg_type: string };
  readonly parent_header?: { readonly msg_id?: string };
}

/** A message in either direction, on any channel. */
export interface AnyMessage {
  readonly direction: "send" | "recv";
  readonly msg: KernelMessage;
}

export interface Kernel {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly isDisposed: boolean;
  /** Names this connection: what it asks for carries it. */
  readonly clientId: string;
  readonly handleComms: boolean;
  readonly anyMessage: Signal<unknown, AnyMessage>;
  readonly iopubMessage: Signal<unknown, KernelMessage>;
  registerCommTarget(name: string, target: CommTarget): void;
  removeCommTarget(name: string, target: CommTarget): void;
  requestCommInfo(content: { target_name: string }): Promise<CommInfoReply>;
  createComm(target: string, id: string): Comm;
  sendInputReply(content: { status: "ok"; value: string }, parent: KernelMessage["header"]): void;
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
  readonly id: string;
  readonly node: HTMLElement;
  readonly sessionContext: SessionContext;
}

export interface Tracker {
  readonly widgetAdded: Signal<unknown, Panel>;
  readonly currentWidget: Panel | null;
  forEach(visit: (panel: Panel) => void): void;
}

/** A code cell; its future is what was sent last, while the reply is not there. */
export interface Cell {
  readonly model: { readonly id: string; readonly type: string };
  readonly outputArea?: {
    readonly future?: { readonly msg: { readonly header: { readonly msg_id: string } } };
  };
}

/** A notebook's panel. */
export interface NotebookPanel extends Panel {
  readonly content: {
    activeCellIndex: number;
    readonly widgets: readonly Cell[];
    readonly model: NotebookModel | null;
  };
  readonly context: DocumentContext;
}

export interface NotebookModel {
  getMetadata(key: string): unknown;
  readonly metadataChanged: Signal<unknown, unknown>;
  readonly contentChanged: Signal<unknown, unknown>;
  readonly dirty: boolean;
}

/** The document that a panel shows. */
export interface DocumentContext {
  readonly path: string;
  readonly isReady: boolean;
  readonly isDisposed: boolean;
  readonly ready: Promise<unknown>;
  readonly contentsModel: { readonly last_modified?: string } | null;
  readonly disposed: Signal<unknown, void>;
  save(): Promise<unknown>;
}

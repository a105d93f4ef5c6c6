/** The little of JupyterLab's own interfaces that the tests use in the page (`exposeAppInBrowser` puts the app there). */

export interface SharedCell {
  getSource(): string;
  readonly execution_count?: number | null;
  readonly outputs?: readonly {
    readonly output_type: string;
    readonly ename?: string;
    readonly text?: string | string[];
    readonly data?: Record<string, string>;
  }[];
}

export interface Cell {
  readonly model: { readonly id: string; readonly type: string; readonly sharedModel: SharedCell };
}

export interface Signal<Args> {
  connect(slot: (sender: unknown, args: Args) => void): boolean;
}

export interface KernelMessage {
  readonly header: { readonly msg_type: string };
  readonly content: Record<string, unknown>;
}

export interface NotebookPanel {
  readonly content: {
    activeCellIndex: number;
    readonly widgets: readonly Cell[];
    readonly model: {
      readonly cells: { readonly length: number };
      readonly sharedModel: {
        insertCell(index: number, cell: object): unknown;
        deleteCellRange(from: number, to: number): void;
      };
    };
    deselectAll(): void;
    scrollToItem(index: number, align?: string): Promise<void>;
  };
  readonly context: { save(): Promise<void> };
  readonly sessionContext: {
    readonly isReady: boolean;
    readonly session: { readonly kernel: { readonly id: string; readonly status: string } | null } | null;
    shutdown(): Promise<void>;
    readonly statusChanged: Signal<string>;
    readonly iopubMessage: Signal<KernelMessage>;
  };
}

export interface KernelEvent {
  readonly at: number;
  readonly what: string;
}

export interface JupyterPage {
  readonly jupyterapp: {
    readonly shell: { readonly currentWidget: unknown };
    readonly commands: { execute(id: string, args?: object): Promise<unknown> };
  };
  dstructRuns?: Record<number, { done: boolean }>;
  dstructEvents?: KernelEvent[];
}

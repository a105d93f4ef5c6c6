/** Owns the doubles of the watchdog's tests: a clock that is moved by hand, and sessions as JupyterLab has them. */

import type { Answer, Clock, PagePort } from "../src/guard";
import type {
  AnyMessage,
  Comm,
  CommInfoReply,
  CommTarget,
  Kernel,
  KernelChange,
  KernelMessage,
  Panel,
  SessionContext,
  Signal,
  Tracker,
} from "../src/jupyter";
import type { Killed, Notice } from "../src/state";
import type { Revocable } from "../src/switches";

export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Map<number, { at: number; callback: () => void }>();
  #next = 0;

  now(): number {
    return this.#now;
  }

  get pending(): number {
    return this.#timers.size;
  }

  after(delay: number, callback: () => void): () => void {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#now + delay, callback });
    return () => void this.#timers.delete(id);
  }

  /** Lets time pass; timers fire when they are due, and promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].callback();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** The page sleeps: time passes, timers fire only at the end. */
  async sleep(ms: number): Promise<void> {
    this.#now += ms;
    await this.advance(0);
  }
}

/** Lets everything happen that promises have pending. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

/** A promise settled from outside. */
export class Deferred<T = void> {
  resolve: (value: T) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

export class FakeSignal<Args> implements Signal<unknown, Args> {
  readonly #slots = new Set<(sender: unknown, args: Args) => void>();

  get size(): number {
    return this.#slots.size;
  }

  connect(slot: (sender: unknown, args: Args) => void): boolean {
    this.#slots.add(slot);
    return true;
  }

  disconnect(slot: (sender: unknown, args: Args) => void): boolean {
    return this.#slots.delete(slot);
  }

  emit(args: Args): void {
    for (const slot of [...this.#slots]) slot(this, args);
  }
}

export class FakeComm implements Comm {
  onClose: (message: never) => void = () => undefined;
  readonly sent: unknown[] = [];
  isDisposed = false;

  constructor(readonly commId: string) {}

  send(data: unknown): void {
    if (this.isDisposed) throw new Error("the comm is disposed");
    this.sent.push(data);
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

export class FakeKernel implements Kernel {
  readonly name = "python";
  status = "idle";
  isDisposed = false;
  handleComms = true;
  readonly clientId = "this page";
  readonly anyMessage = new FakeSignal<AnyMessage>();
  readonly iopubMessage = new FakeSignal<KernelMessage>();
  readonly targets = new Map<string, CommTarget>();
  readonly comms = new Map<string, FakeComm>();
  /** Comms that the Python side holds open, as `comm_info_request` would say. */
  openInPython: string[] = [];
  /** What was asked of it, in order. */
  readonly asked: string[] = [];
  interrupted: () => void = () => undefined;
  probes: Deferred<unknown>[] = [];

  constructor(readonly id = "k1") {}

  registerCommTarget(name: string, target: CommTarget): void {
    this.targets.set(name, target);
  }

  removeCommTarget(name: string, target: CommTarget): void {
    if (this.targets.get(name) === target) this.targets.delete(name);
  }

  async requestCommInfo(content: { target_name: string }): Promise<CommInfoReply> {
    const comms = Object.fromEntries(this.openInPython.map((id) => [id, content]));
    return { content: { status: "ok", comms } };
  }

  createComm(_target: string, id: string): FakeComm {
    if (!this.handleComms || this.comms.has(id)) throw new Error("no such comm can be made");
    const comm = new FakeComm(id);
    this.comms.set(id, comm);
    return comm;
  }

  requestExecute(): { done: Promise<unknown> } {
    this.asked.push("probe");
    const probe = new Deferred<unknown>();
    this.probes.push(probe);
    return { done: probe.promise };
  }

  async interrupt(): Promise<void> {
    this.asked.push("interrupt");
    this.interrupted();
  }

  sendInputReply(content: { value: string }): void {
    this.asked.push(`reply ${JSON.stringify(content.value)}`);
    this.anyMessage.emit({ direction: "send", msg: { header: { msg_type: "input_reply" } } });
  }

  /** A program asks for a line of input. */
  wantInput(): void {
    this.anyMessage.emit({ direction: "recv", msg: { header: { msg_type: "input_request" } } });
  }

  /** Python opens a comm, for something that the session `from` asked for. */
  open(target: string, id: string, data: unknown, from = this.clientId): FakeComm {
    const comm = new FakeComm(id);
    this.comms.set(id, comm);
    this.targets.get(target)?.(comm, { content: { data }, parent_header: { session: from } });
    return comm;
  }

  /** Python closes a comm. */
  close(id: string): void {
    this.comms.get(id)?.onClose(undefined as never);
    this.comms.get(id)?.dispose();
    this.comms.delete(id);
  }

  /** How many of our subscriptions and targets it carries. */
  get burden(): number {
    return this.targets.size + this.iopubMessage.size + this.anyMessage.size;
  }
}

export class FakeSession implements SessionContext {
  isDisposed = false;
  session: { kernel: FakeKernel | null } | null;
  readonly kernelChanged = new FakeSignal<KernelChange>();
  readonly statusChanged = new FakeSignal<string>();
  readonly connectionStatusChanged = new FakeSignal<string>();
  readonly disposed = new FakeSignal<void>();
  readonly asked: string[] = [];
  /** What a restart does to the kernel, and how long it takes. */
  onRestart: (kernel: FakeKernel | null) => Promise<void> = () => Promise.resolve();

  constructor(kernel: FakeKernel | null = new FakeKernel()) {
    this.session = kernel && { kernel };
  }

  get kernel(): FakeKernel {
    if (!this.session?.kernel) throw new Error("no kernel");
    return this.session.kernel;
  }

  /** As JupyterLab's: the connection stays, the comms go, failures are only logged. */
  async restartKernel(): Promise<void> {
    this.asked.push("restart");
    const kernel = this.session?.kernel ?? null;
    this.statusChanged.emit("restarting");
    for (const id of [...(kernel?.comms.keys() ?? [])]) kernel?.comms.delete(id);
    await this.onRestart(kernel);
    this.statusChanged.emit("starting");
    this.kernelChanged.emit({ oldValue: kernel, newValue: this.session?.kernel ?? null });
  }

  async changeKernel(model: { name: string }): Promise<void> {
    this.asked.push(`start ${model.name}`);
    this.replace(new FakeKernel("k2"));
  }

  replace(kernel: FakeKernel | null): void {
    const oldValue = this.session?.kernel ?? null;
    if (oldValue) oldValue.isDisposed = true;
    this.session = { kernel };
    this.kernelChanged.emit({ oldValue, newValue: kernel });
  }

  dispose(): void {
    this.isDisposed = true;
    this.disposed.emit();
  }

  get burden(): number {
    return (
      this.kernelChanged.size +
      this.statusChanged.size +
      this.connectionStatusChanged.size +
      this.disposed.size
    );
  }
}

/** A panel with this session, and a field for input where there is one. */
export function panelOf(sessionContext: SessionContext, field: HTMLElement | null = null): Panel {
  return { id: "panel", node: { querySelector: () => field } as unknown as HTMLElement, sessionContext };
}

export class FakeTracker implements Tracker {
  readonly widgetAdded = new FakeSignal<Panel>();
  readonly currentWidget = null;
  readonly #panels: Panel[] = [];

  add(sessionContext: SessionContext): void {
    const panel = panelOf(sessionContext);
    this.#panels.push(panel);
    this.widgetAdded.emit(panel);
  }

  forEach(visit: (panel: Panel) => void): void {
    this.#panels.forEach(visit);
  }
}

/** A page that remembers what it was told. */
export class FakePage implements PagePort {
  readonly kills: Killed[] = [];
  readonly notices: Notice[] = [];

  killed(runs: readonly Killed[]): void {
    this.kills.push(...runs);
  }

  dismissed = 0;
  answer: (answer: Answer) => void = () => undefined;

  notify(notice: Notice, answer: (answer: Answer) => void): void {
    this.notices.push(notice);
    this.answer = answer;
  }

  dismiss(): void {
    this.dismissed += 1;
  }

  get kinds(): string[] {
    return this.notices.map((notice) => notice.kind);
  }
}

/** A browser whose blob addresses and channels can be looked at. */
export class FakeBrowser implements Revocable {
  readonly addresses = new Set<string>();
  readonly posted: string[] = [];
  readonly channels = new Set<string>();
  #next = 0;

  create(): string {
    const address = `blob:${this.#next++}`;
    this.addresses.add(address);
    return address;
  }

  revoke(address: string): void {
    this.addresses.delete(address);
  }

  /** A worker says something on the channel. */
  say: (data: unknown) => void = () => undefined;

  channel(name: string, heard: (data: unknown) => void) {
    this.channels.add(name);
    this.say = heard;
    return {
      post: (text: string) => void this.posted.push(text),
      close: () => void this.channels.delete(name),
    };
  }
}

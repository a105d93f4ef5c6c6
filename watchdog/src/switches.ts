/**
 * Owns the page's end of stopping a program in a web worker, which reads no messages while it computes: stop
 * switches are `blob:` addresses at which the program looks, pulled by revoking them, each once. A worker that
 * waits does read: it hears on a channel of its own, on which it also says when Python broke.
 */

import type { Disposable } from "./jupyter";

/** The browser, as switches need it. */
export interface Revocable {
  create(): string;
  revoke(address: string): void;
  /** Opens a channel to everybody of this origin who knows its name. */
  channel(name: string, heard: (data: unknown) => void): { post(text: string): void; close(): void };
}

/** What the worker says on the channel when its Python broke. */
const FATAL = "fatal";

/** How many are handed out at once: a busy kernel cannot be given another one. */
const AT_HAND = 3;

export class Switches implements Disposable {
  readonly channel: string = crypto.randomUUID();
  readonly #channel: ReturnType<Revocable["channel"]>;
  #addresses: string[] = [];

  /** `broke` is called when a worker says that its Python broke. */
  constructor(
    private readonly browser: Revocable,
    broke: () => void,
  ) {
    this.#channel = browser.channel(this.channel, (data) => {
      if (data === FATAL) broke();
    });
    this.#refill();
  }

  /** The switches there are, first to be pulled first. */
  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Asks whatever runs to stop. What a computing program will see next is the next address. */
  pull(): void {
    const address = this.#addresses.shift();
    if (address !== undefined) this.browser.revoke(address);
    this.#channel.post("stop");
  }

  /** Makes up for those pulled; says whether there is news for Python. */
  refill(): boolean {
    const before = this.#addresses.length;
    this.#refill();
    return this.#addresses.length > before;
  }

  dispose(): void {
    for (const address of this.#addresses.splice(0)) this.browser.revoke(address);
    this.#channel.close();
  }

  #refill(): void {
    while (this.#addresses.length < AT_HAND) this.#addresses.push(this.browser.create());
  }
}

/** The real browser. */
export const browserSwitches: Revocable = {
  create: () => URL.createObjectURL(new Blob(["run"])),
  revoke: (address) => URL.revokeObjectURL(address),
  channel(name, heard) {
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => heard(data);
    return { post: (text) => channel.postMessage(text), close: () => channel.close() };
  },
};

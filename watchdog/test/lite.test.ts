/** What we put around JupyterLite's kernels: broken ones noticed, a spare in time, nothing left behind. */

import { describe, expect, it, vi } from "vitest";
import {
  type Factory,
  type LiteKernel,
  type LiteKernelOptions,
  type LiteKernelSpecs,
  watched,
  wrapFactories,
} from "../src/lite-kernels";
import { CLAIM_MS, isSmall, QUIET_MS, Standby } from "../src/standby";
import { Deferred, FakeClock, FakeSignal, settle } from "./fakes";

class FakeLiteKernel implements LiteKernel {
  readonly ready: Promise<void>;
  readonly #ready = new Deferred();
  isDisposed = false;
  readonly disposed = new FakeSignal<void>();
  broken = false;
  readonly heard: unknown[] = [];

  constructor(readonly options: LiteKernelOptions) {
    this.ready = this.#ready.promise;
  }

  get id(): string {
    return this.options.id;
  }

  get name(): string {
    return this.options.name;
  }

  get location(): string {
    return this.options.location;
  }

  boot(): Promise<void> {
    this.#ready.resolve();
    return settle();
  }

  fail(): Promise<void> {
    this.#ready.reject(new Error("no memory"));
    return settle();
  }

  async handleMessage(message: unknown): Promise<void> {
    if (this.broken) throw new Error("fatal");
    this.heard.push(message);
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.disposed.emit();
  }
}

/** A factory that remembers what it made. */
function factory(): { make: Factory; made: FakeLiteKernel[] } {
  const made: FakeLiteKernel[] = [];
  return {
    made,
    make: async (options) => {
      const kernel = new FakeLiteKernel(options);
      made.push(kernel);
      return kernel;
    },
  };
}

const HELLO = { channel: "iopub", header: { msg_type: "status" }, parent_header: {}, content: {} };

const options = (id = "k", said: unknown[] = []): LiteKernelOptions => ({
  id,
  name: "python",
  location: "lessons",
  sendMessage: (message) => said.push(message),
});

async function standby(wanted = () => true) {
  const clock = new FakeClock();
  const { make, made } = factory();
  const standby = new Standby(clock, wanted);
  const create = standby.around(make);
  return { clock, made, standby, create };
}

describe("a kernel that breaks", () => {
  it("is told once; the message that broke it is not thrown at the page", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const kernel = new FakeLiteKernel(options());
    let crashes = 0;
    const around = watched(kernel, () => {
      crashes += 1;
    });
    await around.handleMessage("fine");
    expect([crashes, kernel.heard]).toEqual([0, ["fine"]]);
    kernel.broken = true;
    await around.handleMessage("x");
    await around.handleMessage("y");
    expect(crashes).toBe(1);
  });

  it("because it was disposed is nothing to tell", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const kernel = new FakeLiteKernel(options());
    const around = watched(kernel, () => expect.unreachable());
    around.dispose();
    expect([kernel.isDisposed, around.isDisposed]).toEqual([true, true]);
    kernel.broken = true;
    await around.handleMessage("x");
  });

  it("passes for the kernel otherwise", () => {
    const kernel = new FakeLiteKernel(options());
    const { id, name, location, ready, disposed } = watched(kernel, () => undefined);
    expect({ id, name, location }).toEqual({ id: "k", name: "python", location: "lessons" });
    expect([ready, disposed]).toEqual([kernel.ready, kernel.disposed]);
  });
});

describe("factories", () => {
  class FakeSpecs implements LiteKernelSpecs {
    readonly specs = { kernelspecs: {} as Record<string, unknown> };
    readonly factories = new Map<string, Factory>();
    readonly changed = new FakeSignal<unknown>();

    register({ spec, create }: { spec: { name: string }; create: Factory }): void {
      this.specs.kernelspecs[spec.name] = spec;
      this.factories.set(spec.name, create);
      this.changed.emit(null);
    }
  }

  it("there before and later ones are wrapped once; the clean-up puts them back", () => {
    const specs = new FakeSpecs();
    const first = factory().make;
    const second = factory().make;
    let wraps = 0;
    specs.register({ spec: { name: "python" }, create: first });
    const wrapping = wrapFactories(specs, (inner) => {
      wraps += 1;
      return (all) => inner(all);
    });
    specs.register({ spec: { name: "other" }, create: second });
    expect(wraps).toBe(2);
    expect(specs.factories.get("python")).not.toBe(first);
    expect(specs.factories.get("other")).not.toBe(second);
    wrapping.dispose();
    expect([specs.factories.get("python"), specs.factories.get("other")]).toEqual([first, second]);
    expect(specs.changed.size).toBe(0);
  });
});

describe("a standby", () => {
  it("starts a spare once the kernel is ready and the page was left alone", async () => {
    const { clock, made, create } = await standby();
    await create(options());
    await clock.advance(60_000);
    expect(made).toHaveLength(1);
    await made[0]?.boot();
    await clock.advance(QUIET_MS - 1);
    expect(made).toHaveLength(1);
    await clock.advance(1);
    expect(made).toHaveLength(2);
    await made[1]?.boot();
    await clock.advance(60_000);
    expect(made).toHaveLength(2);
  });

  it("gives the spare to the restart, with the page's ear from then on, and makes the next one", async () => {
    const { clock, made, create } = await standby();
    const first = await create(options());
    await made[0]?.boot();
    await clock.advance(QUIET_MS);
    made[1]?.options.sendMessage(HELLO);
    first.dispose();
    const said: unknown[] = [];
    const second = await create(options("k", said));
    expect(second).toBe(made[1]);
    made[1]?.options.sendMessage(HELLO);
    expect(said).toEqual([HELLO]);
    await made[1]?.boot();
    await clock.advance(CLAIM_MS + QUIET_MS);
    expect(made).toHaveLength(3);
    expect(made[1]?.isDisposed).toBe(false);
  });

  it("starts cold for another kernel, whose spare takes the place of the first", async () => {
    const { clock, made, create } = await standby();
    await create(options());
    await made[0]?.boot();
    await clock.advance(QUIET_MS);
    await create(options("other"));
    await settle();
    expect(made).toHaveLength(3);
    expect(made[1]?.isDisposed).toBe(true);
    await made[2]?.boot();
    await clock.advance(QUIET_MS);
    expect(made.map(({ id }) => id)).toEqual(["k", "k", "other", "other"]);
    expect(made.filter((kernel) => !kernel.isDisposed)).toHaveLength(3);
  });

  it("lets the spare go with its kernel when nobody restarts that", async () => {
    const { clock, made, create, standby: own } = await standby();
    const kernel = await create(options());
    await made[0]?.boot();
    await clock.advance(QUIET_MS);
    kernel.dispose();
    await clock.advance(CLAIM_MS);
    expect(made[1]?.isDisposed).toBe(true);
    expect(own.isWarm).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it("forgets a spare that could not start, and restarts cold", async () => {
    const { clock, made, create, standby: own } = await standby();
    await create(options());
    await made[0]?.boot();
    await clock.advance(QUIET_MS);
    await made[1]?.fail();
    expect([made[1]?.isDisposed, own.isWarm]).toEqual([true, false]);
    made[0]?.dispose();
    expect(await create(options())).toBe(made[2]);
  });

  it("follows the setting, and leaves nothing behind", async () => {
    let wanted = false;
    const { clock, made, create, standby: own } = await standby(() => wanted);
    await create(options());
    await made[0]?.boot();
    await clock.advance(60_000);
    expect(made).toHaveLength(1);
    wanted = true;
    own.update();
    await clock.advance(QUIET_MS);
    expect(made).toHaveLength(2);
    wanted = false;
    own.update();
    await settle();
    expect(made[1]?.isDisposed).toBe(true);
    wanted = true;
    own.update();
    own.dispose();
    await clock.advance(60_000);
    expect([made.length, clock.pending]).toEqual([2, 0]);
  });

  it("leaves small devices alone", () => {
    expect(isSmall({ deviceMemory: 4, hardwareConcurrency: 8 })).toBe(true);
    expect(isSmall({ deviceMemory: 8, hardwareConcurrency: 2 })).toBe(true);
    expect(isSmall({ deviceMemory: 8, hardwareConcurrency: 8 })).toBe(false);
    expect(isSmall({})).toBe(false);
  });
});

/** A session as JupyterLab has it, watched: what is registered, what is done to the kernel, and that all of it is undone. */

import { describe, expect, it, vi } from "vitest";
import type { SessionContext } from "../src/jupyter";
import { type Surroundings, watchSession } from "../src/session";
import { DEFAULTS, SettingsCell } from "../src/settings";
import { Switches } from "../src/switches";
import { SETTINGS_COMM, SETTINGS_TARGET, WATCHDOG_TARGET } from "../src/wire";
import {
  Deferred,
  FakeBrowser,
  FakeClock,
  FakeKernel,
  FakePage,
  FakeSession,
  panelOf,
  settle,
} from "./fakes";

/** A source that tests set off by hand. */
class Source<Args extends unknown[], Result> {
  readonly listeners = new Set<(...args: Args) => Result>();
  readonly on = (listener: (...args: Args) => Result) => {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  };

  tell(...args: Args): Result[] {
    return [...this.listeners].map((listener) => listener(...args));
  }
}

/** `inProcess`: an ordinary kernel; else one that is a worker of the page. */
function watched(session = new FakeSession(), inProcess = true, field: HTMLElement | null = null) {
  const clock = new FakeClock();
  const page = new FakePage();
  const settings = new SettingsCell();
  const browser = new FakeBrowser();
  const stops = new Source<[string], boolean>();
  const interrupts = new Source<[SessionContext], void>();
  const crashes = new Source<[string], void>();
  const around: Surroundings = {
    clock,
    page: () => page,
    settings,
    switches: inProcess ? null : (broke) => new Switches(browser, broke),
    onStop: stops.on,
    onInterrupt: interrupts.on,
    onCrash: crashes.on,
  };
  const watch = watchSession(panelOf(session, field), around, null);
  return { session, clock, page, settings, browser, stops, interrupts, crashes, watch };
}

/** What an ordinary kernel is told of its limits. */
const told = (seconds: number) => ({ seconds, bytes: 64_000_000 });

const RUN = { run: "a", seconds: 3, interruptible: false };

describe("a session with a hanging run", () => {
  it("gets its kernel restarted, verified and announced", async () => {
    const { session, clock, page } = watched();
    const { kernel } = session;
    kernel.open(WATCHDOG_TARGET, "c", RUN);
    await clock.advance(3_999);
    expect(session.asked).toEqual([]);
    await clock.advance(1);
    expect(session.asked).toEqual(["restart"]);
    expect(page.kills).toEqual([{ run: "a", seconds: 3, reason: "timeout" }]);
    expect(page.kinds).toEqual(["restarting"]);
    expect(kernel.asked).toEqual(["probe"]);
    kernel.probes[0]?.resolve(undefined);
    await settle();
    expect(page.kinds).toEqual(["restarting", "ready"]);
  });

  it("whose kernel is a process is interrupted first", async () => {
    const { session, clock, page } = watched();
    const { kernel } = session;
    kernel.interrupted = () => kernel.close("c");
    kernel.open(WATCHDOG_TARGET, "c", { ...RUN, interruptible: true });
    await clock.advance(60_000);
    expect(kernel.asked).toEqual(["interrupt"]);
    expect(session.asked).toEqual([]);
    expect(page.kinds).toEqual(["interrupted"]);
    expect(page.kills).toEqual([]);
  });

  it("is restarted once more in the same kernel connection", async () => {
    const { session, clock, page } = watched();
    for (const id of ["first", "second"]) {
      session.kernel.open(WATCHDOG_TARGET, id, { ...RUN, run: id });
      await clock.advance(4_000);
      session.kernel.probes.at(-1)?.resolve(undefined);
      await settle();
    }
    expect(session.asked).toEqual(["restart", "restart"]);
    expect(page.kinds).toEqual(["restarting", "ready", "restarting", "ready"]);
  });

  it("that is restarted by the learner in time is not restarted again", async () => {
    const { session, clock, page } = watched();
    session.kernel.open(WATCHDOG_TARGET, "c", RUN);
    await clock.advance(2_000);
    await session.restartKernel();
    await clock.advance(60_000);
    expect(session.asked).toEqual(["restart"]);
    expect(page.kills).toEqual([{ run: "a", seconds: 3, reason: "restarted" }]);
    expect(page.notices).toEqual([]);
  });

  it("that gets another kernel in time leaves that one alone", async () => {
    const { session, clock, page } = watched();
    const old = session.kernel;
    old.open(WATCHDOG_TARGET, "c", RUN);
    session.replace(new FakeKernel("k2"));
    await clock.advance(60_000);
    expect(session.asked).toEqual([]);
    expect(page.kills).toEqual([{ run: "a", seconds: 3, reason: "restarted" }]);
    expect(old.burden).toBe(0);
  });

  it("whose kernel dies is told to viewers", () => {
    const { session, page } = watched();
    session.kernel.open(WATCHDOG_TARGET, "c", RUN);
    session.statusChanged.emit("dead");
    expect(page.kills).toEqual([{ run: "a", seconds: 3, reason: "died" }]);
  });
});

describe("a run that ends in time", () => {
  it("is followed by nothing", async () => {
    const { session, clock, page } = watched();
    session.kernel.open(WATCHDOG_TARGET, "c", RUN);
    await clock.advance(3_900);
    session.kernel.close("c");
    await clock.advance(60_000);
    expect([...session.asked, ...session.kernel.asked]).toEqual([]);
    expect([...page.kills, ...page.notices]).toEqual([]);
  });
});

describe("an ordinary cell", () => {
  it("that computes for an hour is never touched", async () => {
    const { session, clock } = watched();
    session.statusChanged.emit("busy");
    session.kernel.iopubMessage.emit({ header: { msg_type: "execute_input" } });
    await clock.advance(3_600_000);
    expect([...session.asked, ...session.kernel.asked]).toEqual([]);
  });

  it.each([
    ["no data", undefined],
    ["no run", { seconds: 0 }],
    ["an empty id", { run: "", seconds: 0 }],
    ["an endless id", { run: "x".repeat(1_000), seconds: 0 }],
    ["no limit", { run: "a" }],
    ["a limit that is text", { run: "a", seconds: "0" }],
    ["a limit without end", { run: "a", seconds: Number.POSITIVE_INFINITY }],
    ["a negative limit", { run: "a", seconds: -1 }],
  ])("that opens our comm with %s arms nothing", async (_, data) => {
    const { session, clock } = watched();
    session.kernel.open(WATCHDOG_TARGET, "c", data);
    await clock.advance(60_000);
    expect(session.asked).toEqual([]);
  });

  it("that runs first in the new kernel is its answer, and is not killed for keeping ours waiting", async () => {
    const { session, clock, page } = watched();
    session.kernel.open(WATCHDOG_TARGET, "c", RUN);
    await clock.advance(4_000);
    session.kernel.iopubMessage.emit({ header: { msg_type: "execute_input" } });
    expect(page.kinds).toEqual(["restarting", "ready"]);
    await clock.advance(3_600_000);
    expect(session.asked).toEqual(["restart"]);
  });
});

describe("a restart that fails", () => {
  it("is tried again with a new kernel when the old one is gone, then verified", async () => {
    const { session, clock, page } = watched();
    const old = session.kernel;
    session.onRestart = async (kernel) => {
      if (kernel) Object.assign(kernel, { status: "dead", isDisposed: true });
    };
    old.open(WATCHDOG_TARGET, "c", RUN);
    await clock.advance(4_000);
    expect(page.kinds).toEqual(["restarting", "retrying"]);
    await clock.advance(1_000);
    expect(session.asked).toEqual(["restart", "start python"]);
    expect(session.kernel).not.toBe(old);
    expect(old.burden).toBe(0);
    session.kernel.probes[0]?.resolve(undefined);
    await settle();
    expect(page.kinds).toEqual(["restarting", "retrying", "ready"]);
  });

  it("for good ends with a message, and no second restart meanwhile", async () => {
    const { session, clock, page } = watched();
    session.onRestart = () => new Deferred().promise;
    session.kernel.open(WATCHDOG_TARGET, "c", RUN);
    await clock.advance(3_600_000);
    expect(page.kinds).toEqual(["restarting", "retrying", "retrying", "lost"]);
  });
});

describe("the settings", () => {
  it("reach a Python that holds its comm open, on connection and on change", async () => {
    const session = new FakeSession();
    session.kernel.openInPython = [SETTINGS_COMM];
    const { settings } = watched(session);
    await settle();
    settings.set({ ...DEFAULTS, seconds: 5 });
    expect(session.kernel.comms.get(SETTINGS_COMM)?.sent).toEqual([told(30), told(5)]);
  });

  it("reach a Python that opens its comm later", async () => {
    const { session, settings } = watched();
    settings.set({ ...DEFAULTS, seconds: 5 });
    const comm = session.kernel.open(SETTINGS_TARGET, SETTINGS_COMM, {});
    expect(comm.sent).toEqual([told(5)]);
  });

  it("reach the Python that follows a restart", async () => {
    const { session, settings } = watched();
    settings.set({ ...DEFAULTS, seconds: 5 });
    session.kernel.openInPython = [SETTINGS_COMM];
    await session.restartKernel();
    await settle();
    expect(session.kernel.comms.get(SETTINGS_COMM)?.sent).toEqual([told(5)]);
  });

  it("are sent at once where kernels cannot be asked, ahead of the first cell, and again after a restart", async () => {
    const session = new FakeSession();
    watched(session, false);
    const before = session.kernel.comms.get(SETTINGS_COMM);
    expect(before?.sent).toMatchObject([told(30)]);
    await session.restartKernel();
    const after = session.kernel.comms.get(SETTINGS_COMM);
    expect(after).not.toBe(before);
    expect(after?.sent).toMatchObject([told(30)]);
  });

  it.each([true, false])(
    "are left to the connection that handles comms (kernels list them: %s)",
    async (lists) => {
      const session = new FakeSession();
      session.kernel.handleComms = false;
      session.kernel.openInPython = [SETTINGS_COMM];
      const { settings } = watched(session, lists);
      await settle();
      settings.set({ ...DEFAULTS, seconds: 5 });
      expect(session.kernel.comms.size).toBe(0);
    },
  );

  it("are sent to nobody where no Python of ours is", async () => {
    const session = new FakeSession();
    session.kernel.openInPython = ["somebody else's"];
    const { settings } = watched(session);
    await settle();
    settings.set({ ...DEFAULTS, seconds: 5 });
    expect(session.kernel.comms.size).toBe(0);
  });

  it("are not sent on a comm that Python has closed", async () => {
    const { session, settings } = watched();
    const comm = session.kernel.open(SETTINGS_TARGET, SETTINGS_COMM, {});
    session.kernel.close(SETTINGS_COMM);
    settings.set({ ...DEFAULTS, seconds: 5 });
    expect(comm.sent).toEqual([told(30)]);
  });

  it("decide the grace, and whether anything is done at all", async () => {
    const { session, clock, settings } = watched();
    settings.set({ ...DEFAULTS, enabled: false });
    session.kernel.open(WATCHDOG_TARGET, "c", RUN);
    await clock.advance(60_000);
    expect(session.asked).toEqual([]);
    settings.set({ ...DEFAULTS, grace: 0.25 });
    session.kernel.open(WATCHDOG_TARGET, "d", RUN);
    await clock.advance(3_250);
    expect(session.asked).toEqual(["restart"]);
  });
});

describe("the clean-up", () => {
  it.each([true, false])("takes everything back, and stops the clock (a process: %s)", async (inProcess) => {
    const { session, clock, settings, watch, browser, stops, interrupts, crashes } = watched(
      new FakeSession(),
      inProcess,
    );
    const { kernel } = session;
    kernel.open(WATCHDOG_TARGET, "c", RUN);
    const comm = kernel.open(SETTINGS_TARGET, SETTINGS_COMM, {});
    expect(session.burden).toBe(4);
    expect(kernel.burden).toBe(inProcess ? 3 : 4);
    watch.dispose();
    watch.dispose();
    expect(session.burden).toBe(0);
    expect(kernel.burden).toBe(0);
    expect(clock.pending).toBe(0);
    for (const rest of [
      browser.addresses,
      browser.channels,
      stops.listeners,
      interrupts.listeners,
      crashes.listeners,
    ])
      expect(rest.size).toBe(0);
    expect(comm.isDisposed).toBe(true);
    settings.set({ ...DEFAULTS, seconds: 5 });
    expect(comm.sent).toMatchObject([told(30)]);
    await clock.advance(60_000);
    expect(session.asked).toEqual([]);
  });

  it("happens by itself when the session is disposed", () => {
    const { session } = watched();
    const { kernel } = session;
    session.dispose();
    expect([session.burden, kernel.burden]).toEqual([0, 0]);
  });

  it("leaves one registration after many restarts", async () => {
    const { session } = watched();
    for (let i = 0; i < 20; i += 1) await session.restartKernel();
    expect([session.burden, session.kernel.burden]).toEqual([4, 3]);
  });

  it("an answer that comes after it changes nothing", async () => {
    const session = new FakeSession();
    session.kernel.openInPython = [SETTINGS_COMM];
    const { watch } = watched(session);
    watch.dispose();
    await settle();
    expect(session.kernel.comms.size).toBe(0);
  });
});

describe("a stop", () => {
  const asked = async (inProcess: boolean, field: HTMLElement | null = null) => {
    const all = watched(new FakeSession(), inProcess, field);
    all.session.kernel.open(WATCHDOG_TARGET, "c", RUN);
    all.session.statusChanged.emit("busy");
    return all;
  };

  it("by a viewer pulls the next switch in a worker, and is nobody else's", async () => {
    const { stops, browser, session } = await asked(false);
    const sent = session.kernel.comms.get(SETTINGS_COMM)?.sent as { switches: string[]; channel: string }[];
    expect(sent).toHaveLength(1);
    expect(sent[0]?.switches).toEqual([...browser.addresses]);
    expect(stops.tell("another")).toEqual([false]);
    expect(browser.addresses.size).toBe(3);
    expect(stops.tell("a")).toEqual([true]);
    expect(browser.addresses.has(sent[0]?.switches[0] ?? "")).toBe(false);
    expect(browser.posted).toEqual(["stop"]);
    expect([...browser.channels]).toEqual([sent[0]?.channel]);
    // Pulled switches are made up for once the kernel can hear.
    session.statusChanged.emit("idle");
    expect(sent).toHaveLength(2);
    expect(sent[1]?.switches).toEqual([...browser.addresses]);
    expect(sent[1]?.switches).toHaveLength(3);
  });

  it("by a viewer interrupts a kernel that is a process", async () => {
    const { stops, session } = await asked(true);
    stops.tell("a");
    expect(session.kernel.asked).toEqual(["interrupt"]);
  });

  it("by the application's button is passed on to a worker, and not repeated to a process", async () => {
    const worker = await asked(false);
    worker.interrupts.tell(new FakeSession());
    expect(worker.browser.posted).toEqual([]);
    worker.interrupts.tell(worker.session);
    expect(worker.browser.posted).toEqual(["stop"]);
    const process = await asked(true);
    process.interrupts.tell(process.session);
    expect(process.session.kernel.asked).toEqual([]);
  });

  it("that does not help asks; yes restarts", async () => {
    const { clock, page, stops, session } = await asked(false);
    stops.tell("a");
    await clock.advance(1_000);
    expect(page.kinds).toEqual(["ask"]);
    expect(session.asked).toEqual([]);
    page.answer("restart");
    await settle();
    expect(session.asked).toEqual(["restart"]);
    expect(page.kills).toEqual([{ run: "a", seconds: 3, reason: "asked" }]);
  });

  it("of an ordinary cell asks too; no leaves it alone for ever", async () => {
    const { clock, page, interrupts, session } = watched(new FakeSession(), false);
    session.statusChanged.emit("busy");
    interrupts.tell(session);
    await clock.advance(1_000);
    expect(page.kinds).toEqual(["ask"]);
    page.answer("wait");
    await clock.advance(3_600_000);
    expect([page.dismissed, session.asked]).toEqual([1, []]);
  });

  it("answers a program that waits for input, in the field where there is one", async () => {
    const bare = await asked(false);
    bare.session.kernel.wantInput();
    bare.stops.tell("a");
    bare.stops.tell("a");
    expect(bare.session.kernel.asked).toEqual(['reply ""']);

    class Key extends Event {
      readonly key: string;

      constructor(type: string, init: KeyboardEventInit) {
        super(type, init);
        this.key = init.key ?? "";
      }
    }
    vi.stubGlobal("KeyboardEvent", Key);
    const keys: string[] = [];
    const field = new EventTarget() as HTMLElement;
    const { session, stops } = await asked(false, field);
    field.addEventListener("keydown", (event) => {
      keys.push((event as KeyboardEvent).key);
      session.kernel.sendInputReply({ value: "" });
    });
    session.kernel.wantInput();
    stops.tell("a");
    vi.unstubAllGlobals();
    expect(keys).toEqual(["Enter"]);
    expect(session.kernel.asked).toEqual(['reply ""']);
  });
});

describe("a kernel whose Python broke", () => {
  it("is restarted, and only that one", async () => {
    const { session, crashes, page } = watched(new FakeSession(), false);
    crashes.tell("another");
    expect(session.asked).toEqual([]);
    crashes.tell(session.kernel.id);
    expect(session.asked).toEqual(["restart"]);
    expect(page.kinds[0]).toBe("restarting");
  });
});

describe("a worker that says that its Python broke", () => {
  it("is restarted; what else it says is nothing", () => {
    const { session, browser, page } = watched(new FakeSession(), false);
    browser.say("hello");
    browser.say(null);
    expect(session.asked).toEqual([]);
    browser.say("fatal");
    browser.say("fatal");
    expect(session.asked).toEqual(["restart"]);
    expect(page.kinds[0]).toBe("restarting");
  });
});

describe("a run that another page started on the same kernel", () => {
  it("is left to that page for a while", async () => {
    const { session, clock } = watched();
    session.kernel.open(WATCHDOG_TARGET, "c", RUN, "the other page");
    await clock.advance(8_999);
    expect(session.asked).toEqual([]);
    await clock.advance(1);
    expect(session.asked).toEqual(["restart"]);
  });
});

describe("a session without a kernel", () => {
  it("is watched from the moment it gets one", async () => {
    const session = new FakeSession(null);
    const { clock } = watched(session);
    session.replace(new FakeKernel());
    session.kernel.open(WATCHDOG_TARGET, "c", RUN);
    await clock.advance(4_000);
    expect(session.asked).toEqual(["restart"]);
  });
});

/** A session as JupyterLab has it, watched: what is registered, what is done to the kernel, and that all of it is undone. */

import { describe, expect, it } from "vitest";
import { type Surroundings, watchSession } from "../src/session";
import { DEFAULTS, SettingsCell } from "../src/settings";
import { SETTINGS_COMM, SETTINGS_TARGET, WATCHDOG_TARGET } from "../src/wire";
import { Deferred, FakeClock, FakeKernel, FakePage, FakeSession, settle } from "./fakes";

function watched(session = new FakeSession(), kernelsListComms = true) {
  const clock = new FakeClock();
  const page = new FakePage();
  const settings = new SettingsCell();
  const around: Surroundings = { clock, page: () => page, settings, kernelsListComms };
  return { session, clock, page, settings, watch: watchSession(session, around) };
}

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
    expect(session.kernel.comms.get(SETTINGS_COMM)?.sent).toEqual([{ seconds: 30 }, { seconds: 5 }]);
  });

  it("reach a Python that opens its comm later", async () => {
    const { session, settings } = watched();
    settings.set({ ...DEFAULTS, seconds: 5 });
    const comm = session.kernel.open(SETTINGS_TARGET, SETTINGS_COMM, {});
    expect(comm.sent).toEqual([{ seconds: 5 }]);
  });

  it("reach the Python that follows a restart", async () => {
    const { session, settings } = watched();
    settings.set({ ...DEFAULTS, seconds: 5 });
    session.kernel.openInPython = [SETTINGS_COMM];
    await session.restartKernel();
    await settle();
    expect(session.kernel.comms.get(SETTINGS_COMM)?.sent).toEqual([{ seconds: 5 }]);
  });

  it("are sent at once where kernels cannot be asked, ahead of the first cell, and again after a restart", async () => {
    const session = new FakeSession();
    watched(session, false);
    const before = session.kernel.comms.get(SETTINGS_COMM);
    expect(before?.sent).toEqual([{ seconds: 30 }]);
    await session.restartKernel();
    const after = session.kernel.comms.get(SETTINGS_COMM);
    expect(after).not.toBe(before);
    expect(after?.sent).toEqual([{ seconds: 30 }]);
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
    expect(comm.sent).toEqual([{ seconds: 30 }]);
  });

  it("decide the grace, and whether anything is done at all", async () => {
    const { session, clock, settings } = watched();
    settings.set({ enabled: false, seconds: 30, grace: 1 });
    session.kernel.open(WATCHDOG_TARGET, "c", RUN);
    await clock.advance(60_000);
    expect(session.asked).toEqual([]);
    settings.set({ enabled: true, seconds: 30, grace: 0.25 });
    session.kernel.open(WATCHDOG_TARGET, "d", RUN);
    await clock.advance(3_250);
    expect(session.asked).toEqual(["restart"]);
  });
});

describe("the clean-up", () => {
  it("takes every subscription and target back, and stops the clock", async () => {
    const { session, clock, settings, watch } = watched();
    const { kernel } = session;
    kernel.open(WATCHDOG_TARGET, "c", RUN);
    const comm = kernel.open(SETTINGS_TARGET, SETTINGS_COMM, {});
    expect(session.burden).toBe(4);
    expect(kernel.burden).toBe(3);
    watch.dispose();
    watch.dispose();
    expect(session.burden).toBe(0);
    expect(kernel.burden).toBe(0);
    expect(clock.pending).toBe(0);
    expect(comm.isDisposed).toBe(true);
    settings.set({ ...DEFAULTS, seconds: 5 });
    expect(comm.sent).toEqual([{ seconds: 30 }]);
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

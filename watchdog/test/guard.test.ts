/**
 * The guard in time, against a model: whatever a kernel, a learner and a network do, no kernel is restarted that
 * no overdue run asks for, none later than two seconds after the limit, and never two restarts at once.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Guard, type KernelPort } from "../src/guard";
import { TIMING } from "../src/state";
import { Deferred, FakeClock, FakePage, settle } from "./fakes";

const RULES = { enabled: true, graceMs: 1_000 };

/** A kernel whose restarts and answers are settled by the test, and who checks each restart when it is asked for. */
class ModelKernel implements KernelPort {
  restarts: Deferred[] = [];
  probes: Deferred[] = [];
  interrupts = 0;

  constructor(private readonly onRestart: () => void = () => undefined) {}

  async interrupt(): Promise<void> {
    this.interrupts += 1;
  }

  restart(): Promise<void> {
    this.onRestart();
    this.restarts.push(new Deferred());
    return this.restarts.at(-1)?.promise ?? Promise.reject();
  }

  probe(): Promise<void> {
    this.probes.push(new Deferred());
    return this.probes.at(-1)?.promise ?? Promise.reject();
  }
}

describe("a guard", () => {
  it("carries a hang through to a ready kernel", async () => {
    const clock = new FakeClock();
    const kernel = new ModelKernel();
    const page = new FakePage();
    const guard = new Guard(clock, kernel, page, () => RULES);

    guard.feed({ type: "run-start", run: "a", seconds: 30, interruptible: false });
    await clock.advance(30_999);
    expect(kernel.restarts).toHaveLength(0);
    await clock.advance(1);
    expect(kernel.restarts).toHaveLength(1);
    expect(page.kills).toEqual([{ run: "a", seconds: 30, reason: "timeout" }]);
    expect(page.kinds).toEqual(["restarting"]);

    kernel.restarts[0]?.resolve();
    await settle();
    expect(kernel.probes).toHaveLength(1);
    expect(page.kinds).toEqual(["restarting"]);
    kernel.probes[0]?.resolve();
    await settle();
    expect(page.kinds).toEqual(["restarting", "ready"]);
    expect(clock.pending).toBe(0);
  });

  it("has at most one timer, and none when disposed", async () => {
    const clock = new FakeClock();
    const kernel = new ModelKernel();
    const guard = new Guard(clock, kernel, new FakePage(), () => RULES);
    guard.feed({ type: "run-start", run: "a", seconds: 3, interruptible: false });
    guard.feed({ type: "run-start", run: "b", seconds: 2, interruptible: false });
    expect(clock.pending).toBe(1);
    guard.dispose();
    expect(clock.pending).toBe(0);
    guard.feed({ type: "run-start", run: "c", seconds: 1, interruptible: false });
    await clock.advance(60_000);
    expect(kernel.restarts).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });

  it("waits out limits longer than a browser's timers can count", async () => {
    const clock = new FakeClock();
    const kernel = new ModelKernel();
    const guard = new Guard(clock, kernel, new FakePage(), () => RULES);
    const seconds = 2 ** 31 / 1000 + 10;
    guard.feed({ type: "run-start", run: "a", seconds, interruptible: false });
    await clock.advance(seconds * 1000 + 999);
    expect(kernel.restarts).toHaveLength(0);
    await clock.advance(1);
    expect(kernel.restarts).toHaveLength(1);
  });

  it("restarts when even the interrupt fails", async () => {
    const clock = new FakeClock();
    const kernel = new ModelKernel();
    kernel.interrupt = () => Promise.reject(new Error("no route"));
    const guard = new Guard(clock, kernel, new FakePage(), () => RULES);
    guard.feed({ type: "run-start", run: "a", seconds: 3, interruptible: true });
    await clock.advance(5_000);
    expect(kernel.restarts).toHaveLength(1);
  });
});

type Command =
  | { do: "start"; run: string; seconds: number; interruptible: boolean }
  | { do: "end"; run: string }
  | { do: "wait"; ms: number }
  | { do: "restart" | "restarted" | "failed" | "answered" | "unanswered" | "restarted by hand" | "died" };

const run = fc.constantFrom("a", "b", "c");
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("start" as const),
      run,
      seconds: fc.integer({ min: 0, max: 8 }),
      interruptible: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("end" as const), run }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 6_000 }) }),
  },
  fc.record({
    do: fc.constantFrom(
      "restarted" as const,
      "failed" as const,
      "answered" as const,
      "unanswered" as const,
      "restarted by hand" as const,
      "died" as const,
    ),
  }),
);

/** Plays commands against a guard beside a model of which runs are open, and checks each restart against it. */
class Play {
  readonly clock = new FakeClock();
  readonly page = new FakePage();
  /** Runs that are open in the kernel, with their limits, in milliseconds on the clock. */
  readonly open = new Map<string, number>();
  restarting = false;
  restartedAt = 0;
  readonly kernel = new ModelKernel(() => this.checkRestart());
  readonly guard = new Guard(this.clock, this.kernel, this.page, () => RULES);
  recovering = false;
  readonly problems: string[] = [];

  checkRestart(): void {
    const now = this.clock.now();
    // A request that nobody answers for so long is given up.
    if (this.restarting && now < this.restartedAt + TIMING.restartMs)
      this.problems.push("two restarts at once");
    this.restartedAt = now;
    const limits = [...this.open.values()];
    const first = Math.min(...limits);
    if (!this.recovering) {
      if (!(now >= first + RULES.graceMs)) this.problems.push(`restart at ${now}, earliest limit ${first}`);
      if (now > first + TIMING.restartWithinMs)
        this.problems.push(`restart at ${now}, too late for ${first}`);
    }
    this.open.clear();
    this.restarting = true;
    this.recovering = true;
  }

  /** No run is ever open for longer than two seconds after its limit. */
  checkOverdue(): void {
    for (const [id, limit] of this.open) {
      if (this.clock.now() > limit + TIMING.restartWithinMs) this.problems.push(`${id} outlived ${limit}`);
    }
  }

  async perform(command: Command): Promise<void> {
    const { guard } = this;
    switch (command.do) {
      case "start":
        if (this.restarting) return;
        this.open.set(command.run, this.clock.now() + command.seconds * 1000);
        this.recovering = false;
        guard.feed({
          type: "run-start",
          run: command.run,
          seconds: command.seconds,
          interruptible: command.interruptible,
        });
        break;
      case "end":
        this.open.delete(command.run);
        guard.feed({ type: "run-end", run: command.run });
        break;
      case "wait":
        await this.clock.advance(command.ms);
        break;
      case "restarted":
      case "failed":
        if (!this.restarting) return;
        this.restarting = false;
        if (command.do === "restarted") this.kernel.restarts.at(-1)?.resolve();
        else this.kernel.restarts.at(-1)?.reject(new Error());
        break;
      case "answered":
        this.kernel.probes.at(-1)?.resolve();
        break;
      case "unanswered":
        this.kernel.probes.at(-1)?.reject(new Error());
        break;
      case "restarted by hand":
        if (this.restarting) return;
        this.open.clear();
        guard.feed({ type: "restarting" });
        guard.feed({ type: "restarted" });
        break;
      case "died":
        if (!this.restarting) this.open.clear();
        guard.feed({ type: "died" });
        break;
    }
    await settle();
    this.checkOverdue();
  }
}

describe("whatever happens", () => {
  it("no healthy kernel is restarted, no hung one is forgotten", async () => {
    let restarts = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 10, maxLength: 40 }), async (commands) => {
        const play = new Play();
        for (const each of commands) await play.perform(each);
        restarts += play.kernel.restarts.length;
        expect(play.problems).toEqual([]);
        play.guard.dispose();
        expect(play.clock.pending).toBe(0);
      }),
      { numRuns: 2_000 },
    );
    // The commands must be such that restarts do happen, or nothing was shown.
    expect(restarts).toBeGreaterThan(200);
  });

  it("a kernel to which no run was announced is never restarted", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command.filter((each) => each.do !== "start")), async (commands) => {
        const play = new Play();
        for (const each of commands) await play.perform(each);
        await play.clock.advance(3_600_000);
        expect(play.kernel.restarts).toHaveLength(0);
        expect(play.kernel.interrupts).toBe(0);
      }),
    );
  });
});

/** What learners and viewers are told: words that fit, one notification per incident, events on the document. */

import { describe, expect, it } from "vitest";
import { MESSAGE_LIMIT, messageFor } from "../src/notices";
import {
  type CellsAbove,
  KILLED_EVENT,
  NO_CELLS,
  type Notifier,
  type NotifierAction,
  type NotifierOptions,
  onStopEvent,
  pagePort,
} from "../src/page";
import type { Notice } from "../src/state";

const NOTICES: Notice[] = [
  { kind: "interrupted", seconds: 86_400 },
  { kind: "restarting", cause: { kind: "timeout", seconds: 86_400 } },
  { kind: "restarting", cause: { kind: "asked" } },
  { kind: "restarting", cause: { kind: "crashed" } },
  { kind: "ask" },
  { kind: "retrying", attempt: 2, of: 3 },
  { kind: "ready" },
  { kind: "lost" },
];

class FakeNotifier implements Notifier {
  readonly shown = new Map<string, string>();
  actions: readonly NotifierAction[] = [];
  #next = 0;

  emit(text: string, _kind: string, options: NotifierOptions): string {
    const id = `n${this.#next++}`;
    this.shown.set(id, text);
    this.actions = options.actions;
    return id;
  }

  update(change: { id: string; message: string } & NotifierOptions): boolean {
    if (!this.shown.has(change.id)) return false;
    this.shown.set(change.id, change.message);
    this.actions = change.actions;
    return true;
  }

  dismiss(id: string): void {
    this.shown.delete(id);
  }

  /** Presses a button; says whether the notification stays. */
  press(label: string): boolean {
    let stays = false;
    const event = { preventDefault: () => (stays = true) } as unknown as MouseEvent;
    const action = this.actions.find((each) => each.label === label);
    if (!action) throw new Error(`no ${label} among ${this.actions.map((each) => each.label).join(", ")}`);
    action.callback(event);
    return stays;
  }

  get texts(): string[] {
    return [...this.shown.values()];
  }
}

const RESTARTING: Notice = { kind: "restarting", cause: { kind: "timeout", seconds: 3 } };

function told(above: CellsAbove = NO_CELLS) {
  const notifier = new FakeNotifier();
  const answers: string[] = [];
  const page = pagePort(new EventTarget(), () => notifier, above);
  const notify = (notice: Notice) => page.notify(notice, (answer) => answers.push(answer));
  return { notifier, answers, page, notify };
}

describe("a message", () => {
  it.each(NOTICES)("for $kind is shown whole and says what is kept", (notice) => {
    for (const above of [true, false]) {
      const { text } = messageFor(notice, above);
      expect(text.length).toBeLessThanOrEqual(MESSAGE_LIMIT);
      expect(text).toMatch(/kept|safe/);
    }
  });

  it.each([
    [1, "1 second"],
    [30, "30 seconds"],
    [0.5, "0.5 seconds"],
    [1 / 3, "0.333 seconds"],
  ])("tells %d s as %s", (seconds, words) => {
    expect(messageFor({ kind: "restarting", cause: { kind: "timeout", seconds } }).text).toContain(
      ` ${words}.`,
    );
  });
});

describe("notifications", () => {
  it("one incident rewrites one; the next one's takes its place", () => {
    const { notifier, notify } = told();
    notify(RESTARTING);
    notify({ kind: "retrying", attempt: 2, of: 3 });
    notify({ kind: "ready" });
    expect(notifier.texts).toEqual([messageFor({ kind: "ready" }).text]);
    notify(RESTARTING);
    expect(notifier.shown.size).toBe(1);
    expect(notifier.texts).toEqual([messageFor(RESTARTING, true).text]);
  });

  it("one that the learner closed comes back with the news", () => {
    const { notifier, notify } = told();
    notify(RESTARTING);
    notifier.shown.clear();
    notify({ kind: "lost" });
    expect(notifier.texts).toEqual([messageFor({ kind: "lost" }).text]);
  });

  it("a question turns into the story of the restart it led to", () => {
    const { notifier, answers, notify } = told();
    notify({ kind: "ask" });
    expect(notifier.press("Restart Python")).toBe(true);
    expect(answers).toEqual(["restart"]);
    notify({ kind: "restarting", cause: { kind: "asked" } });
    expect(notifier.texts).toHaveLength(1);
    expect(notifier.texts[0]).toContain("Restarting Python");
    expect(notifier.actions).toEqual([]);
  });

  it("a question goes away when it is answered, or has answered itself", () => {
    const { notifier, answers, page, notify } = told();
    notify({ kind: "ask" });
    expect(notifier.press("Keep waiting")).toBe(false);
    expect(answers).toEqual(["wait"]);
    page.dismiss();
    expect(notifier.texts).toEqual([]);
    page.dismiss();
  });

  it("news of a restart is never dismissed", () => {
    const { notifier, page, notify } = told();
    notify(RESTARTING);
    page.dismiss();
    expect(notifier.texts).toHaveLength(1);
  });

  it("a kernel that was given up can be tried again, in the same notification", () => {
    const { notifier, answers, notify } = told();
    notify({ kind: "lost" });
    expect(notifier.press("Try again")).toBe(true);
    expect(answers).toEqual(["restart"]);
    notify({ kind: "restarting", cause: { kind: "asked" } });
    expect(notifier.texts).toHaveLength(1);
  });

  it("the cells above are marked before the restart and offered after it, where there are any", () => {
    let any = true;
    const did: string[] = [];
    const above: CellsAbove = {
      mark: () => did.push("mark"),
      any: () => any,
      run: () => did.push("run"),
    };
    const { notifier, notify } = told(above);
    notify(RESTARTING);
    notify({ kind: "ready" });
    expect(notifier.press("Run the cells above")).toBe(false);
    expect(did).toEqual(["mark", "run"]);
    any = false;
    notify({ kind: "ready" });
    expect(notifier.actions).toEqual([]);
  });
});

describe("a stop that a viewer asks for", () => {
  it("is taken by whoever knows the run, until the clean-up", () => {
    const target = new EventTarget();
    const heard: string[] = [];
    const ask = (detail: unknown): boolean =>
      !target.dispatchEvent(new CustomEvent("dstruct:stop", { detail, cancelable: true }));
    const listening = onStopEvent(target, (run) => {
      heard.push(run);
      return run === "ours";
    });
    expect([ask({ run: "ours" }), ask({ run: "theirs" })]).toEqual([true, false]);
    expect([ask(null), ask({ run: 7 }), ask("x")]).toEqual([false, false, false]);
    listening.dispose();
    expect(ask({ run: "ours" })).toBe(false);
    expect(heard).toEqual(["ours", "theirs"]);
  });
});

describe("a killed run", () => {
  it("is an event on the document, one for each", () => {
    const target = new EventTarget();
    const heard: unknown[] = [];
    target.addEventListener(KILLED_EVENT, (event) => heard.push((event as CustomEvent).detail));
    const runs = [
      { run: "a", seconds: 3, reason: "timeout" },
      { run: "b", seconds: 30, reason: "timeout" },
    ] as const;
    pagePort(target, () => new FakeNotifier(), NO_CELLS).killed(runs);
    expect(heard).toEqual(runs);
  });
});

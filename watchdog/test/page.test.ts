/** What learners and viewers are told: words that fit, one notification per incident, events on the document. */

import { describe, expect, it } from "vitest";
import type { Notice } from "../src/machine";
import { MESSAGE_LIMIT, messageFor } from "../src/notices";
import { KILLED_EVENT, type Notifier, pagePort } from "../src/page";

const NOTICES: Notice[] = [
  { kind: "interrupted", seconds: 86_400 },
  { kind: "restarting", seconds: 86_400 },
  { kind: "retrying", attempt: 2, of: 3 },
  { kind: "ready" },
  { kind: "lost" },
];

class FakeNotifier implements Notifier {
  readonly shown = new Map<string, string>();
  #next = 0;

  emit(text: string): string {
    const id = `n${this.#next++}`;
    this.shown.set(id, text);
    return id;
  }

  update(change: { id: string; message: string }): boolean {
    if (!this.shown.has(change.id)) return false;
    this.shown.set(change.id, change.message);
    return true;
  }

  get texts(): string[] {
    return [...this.shown.values()];
  }
}

describe("a message", () => {
  it.each(NOTICES)("for $kind is shown whole and says what is kept", (notice) => {
    const { text } = messageFor(notice);
    expect(text.length).toBeLessThanOrEqual(MESSAGE_LIMIT);
    expect(text).toMatch(/kept|safe/);
  });

  it.each([
    [1, "1 second"],
    [30, "30 seconds"],
    [0.5, "0.5 seconds"],
    [1 / 3, "0.333 seconds"],
  ])("tells %d s as %s", (seconds, words) => {
    expect(messageFor({ kind: "restarting", seconds }).text).toContain(` ${words}.`);
  });
});

describe("notifications", () => {
  it("one incident rewrites one; the next has its own", () => {
    const notifier = new FakeNotifier();
    const page = pagePort(new EventTarget(), () => notifier);
    page.notify({ kind: "restarting", seconds: 3 });
    page.notify({ kind: "retrying", attempt: 2, of: 3 });
    page.notify({ kind: "ready" });
    expect(notifier.texts).toEqual([messageFor({ kind: "ready" }).text]);
    page.notify({ kind: "restarting", seconds: 3 });
    expect(notifier.texts).toHaveLength(2);
  });

  it("one that the learner closed comes back with the news", () => {
    const notifier = new FakeNotifier();
    const page = pagePort(new EventTarget(), () => notifier);
    page.notify({ kind: "restarting", seconds: 3 });
    notifier.shown.clear();
    page.notify({ kind: "lost" });
    expect(notifier.texts).toEqual([messageFor({ kind: "lost" }).text]);
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
    pagePort(target, () => new FakeNotifier()).killed(runs);
    expect(heard).toEqual(runs);
  });
});

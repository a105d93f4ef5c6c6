/** Which sessions are watched: each panel's, those there before and those that come, each once. */

import { expect, it } from "vitest";
import { SettingsCell } from "../src/settings";
import { watchPanels } from "../src/watch-panels";
import { FakeClock, FakePage, FakeSession, FakeTracker } from "./fakes";

const around = () => ({
  clock: new FakeClock(),
  page: () => new FakePage(),
  settings: new SettingsCell(),
  switches: null,
  onStop: () => ({ dispose: () => undefined }),
  onInterrupt: () => ({ dispose: () => undefined }),
  onCrash: () => ({ dispose: () => undefined }),
});
const console_ = () => null;
/** A watched session carries the watch's four subscriptions and one to forget it by. */
const WATCHED = 5;

it("panels there before and panels that come are watched", () => {
  const trackers = [new FakeTracker(), new FakeTracker()] as const;
  const sessions = [new FakeSession(), new FakeSession()] as const;
  trackers[0].add(sessions[0]);
  watchPanels(trackers, around(), console_);
  trackers[1].add(sessions[1]);
  expect(sessions.map((session) => session.burden)).toEqual([WATCHED, WATCHED]);
});

it("a session that two panels share is watched once", () => {
  const tracker = new FakeTracker();
  const session = new FakeSession();
  watchPanels([tracker], around(), console_);
  tracker.add(session);
  tracker.add(session);
  expect(session.burden).toBe(WATCHED);
});

it("a closed panel leaves nothing behind", () => {
  const tracker = new FakeTracker();
  const session = new FakeSession();
  watchPanels([tracker], around(), console_);
  tracker.add(session);
  session.dispose();
  expect([session.burden, session.kernel.burden]).toEqual([0, 0]);
});

it("the clean-up ends all watches and takes no new ones", () => {
  const tracker = new FakeTracker();
  const sessions = [new FakeSession(), new FakeSession()] as const;
  tracker.add(sessions[0]);
  const watch = watchPanels([tracker], around(), console_);
  watch.dispose();
  tracker.add(sessions[1]);
  expect(tracker.widgetAdded.size).toBe(0);
  expect(sessions.map((session) => session.burden)).toEqual([0, 0]);
  expect(sessions[0].kernel.burden).toBe(0);
});

/**
 * Owns what the viewer does for a widget: the session in `initialize`, a view of it in `render`, their clean-ups. Only wiring.
 * The widget's own module is stub.ts, which calls these.
 */

import { computed, effect, untracked } from "@preact/signals";
import { watchLanguage } from "./language";
import type { TraceLog } from "./log";
import { type Mounted, mount, mountPair } from "./mount";
import { recall, remember } from "./places";
import { type EngineModel, type Model, openSession, type Received, type Session } from "./session";
import { type Players, stepOf, type Tie, tie } from "./traits";

/**
 * Sessions by run. `initialize` and `render` get different proxies of one model, and several models may share this
 * module, so the run's id is what ties them together.
 */
const sessions = new Map<string, { session: Session; players: Players; users: number }>();

function runOf(model: Model): string {
  const status = model.get("_status") as { run?: unknown } | null | undefined;
  return typeof status?.run === "string" ? status.run : "";
}

function join(model: Model): { session: Session; players: Players; leave: () => void } {
  const run = runOf(model);
  let entry = sessions.get(run);
  if (!entry) {
    entry = { session: openSession(model), players: { now: null }, users: 0 };
    sessions.set(run, entry);
  }
  const joined = entry;
  joined.users++;
  return {
    session: joined.session,
    players: joined.players,
    leave: () => {
      if (--joined.users > 0) return;
      joined.session.dispose();
      if (sessions.get(run) === joined) sessions.delete(run);
    },
  };
}

/** Asks the page to stop a run; whoever can (the watchdog) prevents the event's default. */
function askForStop(run: string): boolean {
  return !document.dispatchEvent(new CustomEvent("dstruct:stop", { detail: { run }, cancelable: true }));
}

/** What the stub hands over: two models, and what the kernel sent before the viewer was there. */
interface Place {
  readonly model: Model;
  readonly engine: EngineModel;
}

/** The models of the two runs that a comparison shows. */
type Pair = readonly [Model, Model];

function initialize({ model, backlog }: Place & { backlog: readonly Received[] }): () => void {
  // A comparison has no run of its own.
  if (!runOf(model)) return () => undefined;
  const { session, leave } = join(model);
  for (const [message, buffers] of backlog) session.receive(message, buffers);
  return leave;
}

/** Ties a mounted viewer to the traits of its model; returns the clean-up of both. */
function follow(
  model: Model,
  viewer: Mounted,
  players: Players,
  logs: readonly TraceLog[],
  ties: Tie[],
): void {
  const listening = computed(() => logs.every(({ status }) => status.value.state === "done"));
  ties.push(tie(model, viewer, players, listening));
}

function render({ model, engine, el, pair }: Place & { el: HTMLElement; pair?: Pair }): () => void {
  if (pair) return renderPair({ model, engine, el, pair });
  const { session, players, leave } = join(model);
  const { log } = session;
  const ties: Tie[] = [];
  const first = stepOf(model);
  const viewer = mount(el, log, {
    initialStep: Math.max(0, first),
    onStop: () => askForStop(runOf(model)),
    watchLanguage: (tell) => watchLanguage(engine, tell),
    onStep: (step) => {
      remember(log, step);
      for (const each of ties) each.stepped(step);
    },
  });
  follow(model, viewer, players, [log], ties);
  const back = first < 0 ? returnTo(log, viewer) : () => undefined;
  return () => {
    back();
    for (const each of ties) each.dispose();
    viewer.dispose();
    leave();
  };
}

/** Goes to where the same code was left, as soon as the run says which code it is. */
function returnTo(log: TraceLog, viewer: Mounted): () => void {
  let done = false;
  return effect(() => {
    if (done || log.count.value === 0) return;
    done = true;
    const step = recall(log);
    if (step !== null) untracked(() => viewer.go(step));
  });
}

function renderPair({ model, engine, el, pair }: Place & { el: HTMLElement; pair: Pair }): () => void {
  const [left, right] = [join(pair[0]), join(pair[1])];
  const logs = [left.session.log, right.session.log] as const;
  const ties: Tie[] = [];
  const viewer = mountPair(el, logs, {
    initialStep: Math.max(0, stepOf(model)),
    watchLanguage: (tell) => watchLanguage(engine, tell),
    onStep: (step) => {
      for (const each of ties) each.stepped(step);
    },
  });
  follow(model, viewer, { now: null }, logs, ties);
  return () => {
    for (const each of ties) each.dispose();
    viewer.dispose();
    left.leave();
    right.leave();
  };
}

export const widget = { initialize, render };

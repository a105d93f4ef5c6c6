/**
 * Owns what the viewer does for a widget: the session in `initialize`, a view of it in `render`, their clean-ups. Only wiring.
 * The widget's own module is stub.ts, which calls these.
 */

import { watchLanguage } from "./language";
import { mount } from "./mount";
import { type EngineModel, type Model, openSession, type Received, type Session } from "./session";

/** How often a moving step is written back to Python, in ms. */
const WRITE_BACK = 250;

/**
 * Sessions by run. `initialize` and `render` get different proxies of one model, and several models may share this
 * module, so the run's id is what ties them together.
 */
const sessions = new Map<string, { session: Session; users: number }>();

function runOf(model: Model): string {
  const status = model.get("_status") as { run?: unknown } | null | undefined;
  return typeof status?.run === "string" ? status.run : "";
}

function join(model: Model): { session: Session; leave: () => void } {
  const run = runOf(model);
  let entry = sessions.get(run);
  if (!entry) {
    entry = { session: openSession(model), users: 0 };
    sessions.set(run, entry);
  }
  const joined = entry;
  joined.users++;
  return {
    session: joined.session,
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

function initialize({ model, backlog }: Place & { backlog: readonly Received[] }): () => void {
  const { session, leave } = join(model);
  for (const [message, buffers] of backlog) session.receive(message, buffers);
  return leave;
}

function render({ model, engine, el }: Place & { el: HTMLElement }): () => void {
  const { session, leave } = join(model);
  const { log } = session;
  // A saved state is a stranger's word, too.
  const step = () => {
    const value = model.get("step");
    return Number.isSafeInteger(value) ? (value as number) : -1;
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = -1;
  const writeBack = () => {
    timer = undefined;
    if (log.status.value.state !== "done" || step() === shown) return;
    model.set("step", shown);
    model.save_changes();
  };
  const viewer = mount(el, log, {
    initialStep: Math.max(0, step()),
    onStop: () => askForStop(runOf(model)),
    watchLanguage: (tell) => watchLanguage(engine, tell),
    onStep: (value) => {
      shown = value;
      timer ??= setTimeout(writeBack, WRITE_BACK);
    },
  });
  const onStep = () => {
    if (step() >= 0 && step() !== shown && timer === undefined) viewer.go(step());
  };
  model.on("change:step", onStep);
  return () => {
    clearTimeout(timer);
    model.off("change:step", onStep);
    viewer.dispose();
    leave();
  };
}

export const widget = { initialize, render };

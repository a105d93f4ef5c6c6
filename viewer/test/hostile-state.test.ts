// @vitest-environment happy-dom
/** Saved widget state that is damaged or malicious: a viewer that says so in words, or one that works; nothing else. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { widget } from "../src/index";
import { splitChunks } from "../src/wire";
import { type HostileCase, hostileCases, hostileValues } from "./hostile";

type Callback = (...args: never[]) => void;

/** A model as a saved notebook brings it: traits, and nobody who answers. */
class SavedModel {
  readonly sent: unknown[] = [];
  readonly listeners: { event: string; callback: Callback }[] = [];

  constructor(readonly traits: Record<string, unknown>) {}

  get = (name: string): unknown => this.traits[name];
  set = (name: string, value: unknown): void => {
    this.traits[name] = value;
  };
  save_changes = (): void => {};
  send = (message: unknown): number => this.sent.push(message);
  on = (event: string, callback: Callback): number => this.listeners.push({ event, callback });
  off = (event: string, callback: Callback): void => {
    const at = this.listeners.findIndex((l) => l.event === event && l.callback === callback);
    if (at >= 0) this.listeners.splice(at, 1);
  };
  emit(event: string, ...args: unknown[]): void {
    for (const { callback } of this.listeners.filter((listener) => listener.event === event))
      callback(...(args as never[]));
  }
}

const VALUES = hostileValues();
const FIELDS = ["state", "run", "title", "chunks", "steps", "stopReason", "error", "seconds"];
/** Elements that the viewer never makes, and attributes that run code. */
const FORBIDDEN =
  "script, iframe, object, embed, img, image, a, form, base, meta, link, foreignObject, use, animate";

/** A small generator of numbers, so that each case is the same each time. */
function chance(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The traits of a saved run, some of them replaced by what they should not be. */
function stateOf(
  { data }: HostileCase,
  number: number,
): { traits: Record<string, unknown>; language: unknown } {
  const below = chance(number);
  const anything = (): unknown => VALUES[below(VALUES.length)];
  const { chunks } = splitChunks(data);
  const saved: unknown[] = chunks.length && below(4) ? chunks : [data];
  if (below(4) === 0) saved.splice(below(saved.length + 1), 0, anything());
  const status: Record<string, unknown> = {
    state: "done",
    run: `run ${number}`,
    title: "sort",
    chunks: chunks.length,
    steps: 9,
    stopReason: "error",
    error: { name: "ValueError", message: "no", stack: "Traceback" },
    seconds: 30,
  };
  for (let i = below(4); i > 0; i--) status[FIELDS[below(FIELDS.length)] as string] = anything();
  if (below(3) === 0) status.error = { name: anything(), message: anything(), stack: anything() };
  const traits: Record<string, unknown> = { _saved: saved, _status: status, step: below(30) };
  if (below(8) === 0) traits._status = anything();
  if (below(8) === 0) traits._saved = anything();
  if (below(4) === 0) traits.step = anything();
  const language = below(3)
    ? { tag: "en", texts: {}, auto: true }
    : { tag: anything(), texts: anything(), auto: anything() };
  return { traits, language: below(9) ? language : anything() };
}

function strangers(): string[] {
  const found = [...document.querySelectorAll(FORBIDDEN)].map(({ tagName }) => tagName);
  for (const element of document.querySelectorAll("*")) {
    found.push(...element.getAttributeNames().filter((name) => name.startsWith("on") || name === "srcdoc"));
  }
  return found;
}

const pause = (ms = 0): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function use(root: HTMLElement): Promise<void> {
  for (const name of ["Last step", "Previous step", "First step", "Next step"]) {
    root.querySelector<HTMLElement>(`[aria-label="${name}"]`)?.click();
    await pause();
    await pause();
  }
}

let complaints: string[] = [];
const complain = (event: { error?: unknown; reason?: unknown }): void => {
  complaints.push(String(event.error ?? event.reason));
};

beforeEach(() => {
  complaints = [];
  vi.spyOn(console, "error").mockImplementation(
    (...args) => void complaints.push(args.map(String).join(" ")),
  );
  process.on("unhandledRejection", complain as never);
});

afterEach(() => {
  process.off("unhandledRejection", complain as never);
  vi.restoreAllMocks();
});

/** Opens a saved widget, uses it, closes it; gives what went wrong. */
async function tryState(each: HostileCase, number: number): Promise<string[]> {
  const { traits, language } = stateOf(each, number);
  const model = new SavedModel(traits);
  const engine = new SavedModel({ _language: language });
  const el = document.body.appendChild(document.createElement("div"));
  const faults: string[] = [];
  try {
    const leave = widget.initialize({ model, engine, backlog: [] });
    const close = widget.render({ model, engine, el });
    await pause();
    const root = el.querySelector<HTMLElement>('[data-dstruct="viewer"]');
    if (!root) faults.push("no viewer");
    else await use(root);
    model.emit("change:_status");
    model.emit("msg:custom", { type: "chunks", index: VALUES[number % VALUES.length] }, [each.data]);
    await pause();
    faults.push(...strangers());
    close();
    leave();
    if (model.listeners.length + engine.listeners.length > 0) faults.push("listeners are left");
    if (document.head.querySelector("style")) faults.push("the style is left");
  } catch (error) {
    faults.push(error instanceof Error ? (error.stack ?? error.message).slice(0, 600) : String(error));
  }
  el.remove();
  faults.push(...complaints.splice(0));
  return faults.map((fault) => `${each.name}: ${fault}`);
}

it("opens, says what is wrong, and leaves nothing behind", async () => {
  const cases = hostileCases(Math.ceil(Number(process.env.DSTRUCT_HOSTILE ?? 600) / 4));
  const faults: string[] = [];
  for (const [number, each] of cases.entries()) faults.push(...(await tryState(each, number)));
  console.log(`${cases.length} saved states`);
  expect(faults).toEqual([]);
}, 3_600_000);

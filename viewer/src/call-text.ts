/**
 * Owns what a call says of itself: its arguments as they were when it began, and what it gave back or which exception left
 * it. And the way of an exception: the calls it left, and the line that caught it.
 */

import type { Call } from "./calls";
import type { Events, Walk } from "./events";
import { formatValue } from "./format";
import type { Site } from "./tables";
import { NOTHING, type Value } from "./values";

/** Characters of an argument or a result. */
const TEXT = 20;

export interface CallText {
  readonly args: string;
  /** What came of it; null while it goes on. */
  readonly result: string | null;
  /** Whether an exception left it. */
  readonly failed: boolean;
}

/** A call in words. Rejects with TraceError. */
export async function callTextOf(walk: Walk, call: Call): Promise<CallText> {
  const begun = await walk.stateAt(Math.max(0, call.start));
  const frame = begun.stack.at(-1);
  const args = [...(frame?.vars.values() ?? [])]
    .filter((value) => value !== NOTHING)
    .map((value) => formatValue(value, begun.lookup, TEXT));
  if (call.end < 0) return { args: args.join(", "), result: null, failed: false };
  const { site, value } = await stopAt(walk, call.end);
  const over = await walk.stateAt(call.end);
  const result = value === null ? null : formatValue(value, over.lookup, 2 * TEXT);
  return { args: args.join(", "), result, failed: site?.event === "unwind" };
}

/** The stop that leads to a step, with the value it brought. */
async function stopAt(walk: Walk, step: number): Promise<{ site: Site | null; value: Value | null }> {
  const events = await eventsBefore(walk, step);
  return events ? stopIn(events, step) : { site: null, value: null };
}

async function eventsBefore(walk: Walk, step: number): Promise<Events | null> {
  if (step < 1 || step > walk.last) return null;
  const chunk = walk.chunkOf(step - 1);
  return walk.peek(chunk) ?? (await walk.read(chunk));
}

function stopIn(events: Events, step: number): { site: Site; value: Value | null } {
  const event = events.stops[step - 1 - events.firstStep] as number;
  const site = events.sites[events.codes[event] as number] as Site;
  const brings = site.event === "raise" || site.event === "unwind" || site.event === "leave";
  return { site, value: brings ? events.value(event, 0) : null };
}

/** One place an exception passed. */
export interface Crossing {
  readonly kind: "raised" | "left" | "caught";
  readonly unit: number;
  readonly line: number;
  readonly step: number;
}

/** Steps looked at in each direction for the way of an exception. */
const REACH = 2000;

/**
 * The way of the exception that is raised, or leaves a call, at a step: where it was raised, the calls it left, and the
 * line that caught it if any did. Null where no exception is on its way.
 */
export async function crossingsAt(walk: Walk, step: number): Promise<Crossing[] | null> {
  const { site, value } = await stopAt(walk, step);
  if (!site || value === null || (site.event !== "raise" && site.event !== "unwind")) return null;
  const key = keyOfError(value);
  const found = [await crossingOf(walk, site.event, step)];
  const same = (v: Value | null) => v !== null && keyOfError(v) === key;
  for (let at = step - 1; at > Math.max(0, step - REACH) && found[0]?.kind !== "raised"; at--) {
    const before = await stopAt(walk, at);
    if (!before.site || !same(before.value)) continue;
    const { event } = before.site;
    if (event === "raise" || event === "unwind") found.unshift(await crossingOf(walk, event, at));
  }
  return onwards(walk, step, found, same);
}

async function onwards(
  walk: Walk,
  step: number,
  found: Crossing[],
  same: (value: Value | null) => boolean,
): Promise<Crossing[]> {
  const depth = async (at: number) =>
    (await walk.stateAt(at)).stack.filter(({ status }) => status === "active").length;
  let level = await depth(step);
  let next: Crossing | null = null;
  for (let at = step + 1; at <= Math.min(walk.last, step + REACH) && level > 0; at++) {
    const { site, value } = await stopAt(walk, at);
    if (!site) break;
    if (site.event === "unwind" && same(value)) {
      found.push(await crossingOf(walk, "unwind", at));
      level = await depth(at);
      next = null;
    } else if (site.event === "leave" && (await depth(at)) < level) break;
    // A line of a finally block runs too, so that what caught it is only known at the end.
    else if (site.event === "line") next ??= { kind: "caught", unit: site.unit, line: site.line, step: at };
  }
  if (next) found.push(next);
  return found;
}

/** Where a raise or an unwind happened, by the call on top: for an unwind, the one that was there before it. */
async function crossingOf(walk: Walk, event: "raise" | "unwind", step: number): Promise<Crossing> {
  const { stack } = await walk.stateAt(event === "raise" ? step : step - 1);
  const { unit, line } = stack[stack.length - 1] ?? { unit: -1, line: 0 };
  return { kind: event === "raise" ? "raised" : "left", unit, line, step };
}

function keyOfError(value: Value): string {
  return typeof value === "number" ? String(value) : value.key;
}

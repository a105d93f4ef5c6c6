/** Owns happenings: one event as views and sentences want it, its operands resolved against the state just before it. */

import { entryAt, type HeapObject, isSequence, lookUp, makesDefaults, positionOf } from "./heap";
import type { Machine, Tell } from "./machine";
import { EVENTS, type EventName, type Site } from "./tables";
import { asIndex, isRef, nameAtom, refId, TRUE, type Value } from "./values";

export interface Binding {
  readonly frame: number;
  readonly name: string;
  readonly value: Value | null;
}

/** One place in a container. */
export interface Place {
  /** The container's id, or -1. */
  readonly container: number;
  readonly subject: Value;
  readonly key: Value;
  /** Position in a sequence that the key names. */
  readonly position: number | null;
  /** What lies there; null where unknown. */
  readonly value: Value | null;
}

/** One event with its operands resolved against the state just before it. */
export interface Happening {
  readonly event: EventName;
  readonly site: Site;
  readonly isStop: boolean;
  /** Frame that was on top, and its unit; -1 where there was none. */
  readonly frame: number;
  readonly unit: number;
  /** The container's id, or -1. */
  readonly container: number;
  /** The container as operand, where the event has one. */
  readonly subject: Value | null;
  readonly key: Value | null;
  /** Position in a sequence that the key names. */
  readonly position: number | null;
  readonly value: Value | null;
  /** What the element was before it was written or removed, or what was read; null where unknown. */
  readonly old: Value | null;
  /** Whether a `default` or `missing` adds its entry. */
  readonly adds: boolean;
  /** The operand i (position, token); 1 where a membership test succeeded. */
  readonly number: number;
  /** The called name; of an annotation, what kind it is. */
  readonly called: string;
  readonly bindings: readonly Binding[];
  /** The second element of a comparison or a swap. */
  readonly other: Place | null;
}

/** A listener that makes happenings. */
export function happeningsTo(hear: (happening: Happening) => void): Tell {
  return (machine, site, operands, called) => hear(happening(machine, site, operands, called));
}

function happening(machine: Machine, site: Site, operands: readonly Value[], called: string): Happening {
  const { event } = site;
  const letters: string = EVENTS[event].operands;
  const operand = (letter: string): Value | null => {
    const at = letters === "*" ? -1 : letters.indexOf(letter);
    return at < 0 ? null : (operands[at] as Value);
  };
  const subject = event === "annotate" ? (operands[0] as Value) : operand("c");
  const object = objectOf(machine, subject);
  const i = operand("i");
  const positional = event === "iter" || event === "insert";
  // Of an iteration that began before anybody looked the position is -1: no element's.
  const place = event === "iter" && i !== null && (i as number) < 0 ? null : i;
  const key = operand("k") ?? (ATTRIBUTES.has(event) ? nameAtom(site.name) : positional ? place : null);
  const value = event === "annotate" ? (operands[2] as Value) : operand("v");
  const { stack, top } = machine.calls;
  return {
    event,
    site,
    isStop: EVENTS[event].stop,
    frame: stack.length > 0 ? top.id : -1,
    unit: stack.length > 0 ? top.unit : -1,
    container: object?.id ?? -1,
    subject,
    key,
    position: object && key !== null && isSequence(object) ? positionOf(object, key) : null,
    value,
    old: object && key !== null ? before(machine, object, key, event) : null,
    adds: object !== undefined && key !== null && adds(machine, object, key, event),
    number: event === "contains" ? Number(value === TRUE) : i === null ? 0 : (asIndex(i) ?? 0),
    called,
    bindings: bindingsOf(machine, site, operands),
    other: otherOf(machine, event, operands),
  };
}

const ATTRIBUTES: ReadonlySet<EventName> = new Set<EventName>(["getattr", "setattr", "delattr"]);

function objectOf(machine: Machine, value: Value | null): HeapObject | undefined {
  return value !== null && isRef(value) ? machine.memory.find(refId(value)) : undefined;
}

function adds(machine: Machine, object: HeapObject, key: Value, event: EventName): boolean {
  if (event !== "default" && !(event === "missing" && makesDefaults(object))) return false;
  return lookUp(object, key, machine.memory.find) === null;
}

function otherOf(machine: Machine, event: EventName, operands: readonly Value[]): Place | null {
  if (event === "compare") return placeOf(machine, operands[2], operands[3]);
  return event === "swap" ? placeOf(machine, operands[0], operands[2]) : null;
}

function placeOf(machine: Machine, subject: Value | undefined, key: Value | undefined): Place | null {
  if (subject === undefined || key === undefined) return null;
  const object = objectOf(machine, subject);
  return {
    container: object?.id ?? -1,
    subject,
    key,
    position: object && isSequence(object) ? positionOf(object, key) : null,
    value: object ? lookUp(object, key, machine.memory.find) : null,
  };
}

function before(machine: Machine, object: HeapObject, key: Value, event: EventName): Value | null {
  if (event === "iter" && !isSequence(object)) return entryAt(object, asIndex(key) ?? -1);
  return lookUp(object, key, machine.memory.find);
}

const NO_BINDINGS: readonly Binding[] = [];

function bindingsOf({ calls }: Machine, site: Site, operands: readonly Value[]): readonly Binding[] {
  const { event, names } = site;
  if (event !== "bind" && event !== "enter" && event !== "unbind") return NO_BINDINGS;
  const token = site.token ? (asIndex(operands[0] as Value) ?? 0) : 0;
  const values = site.token ? operands.slice(1) : operands;
  const frame = event === "enter" ? calls.nextId(token) : calls.stack[calls.scopeAt(site)]?.id;
  return frame === undefined
    ? NO_BINDINGS
    : names.map((name, n) => ({ frame, name, value: values[n] ?? null }));
}

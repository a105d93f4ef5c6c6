/**
 * Owns the operation frames of a trace, worked out on the page: for runs that the page had to end, whose Python would have
 * told them. The names, arguments and numbers are those that Python tells (docs/trace-format.md, "Operation frames");
 * the golden traces hold the two together.
 */

import { type HeapObject, isSequence, positionOf } from "../../viewer/src/heap";
import { TraceLog } from "../../viewer/src/log";
import type { Machine } from "../../viewer/src/machine";
import { EVENTS, type EventName, type Site } from "../../viewer/src/tables";
import { asIndex, isRef, refId, TRUE, type Value } from "../../viewer/src/values";
import { Walker } from "../../viewer/src/walker";
import { annotationFrame } from "./annotation-frames";
import { contents, held, plain } from "./plain";
import type { OperationFrame } from "./result";

/** Frames listed at most, as by Python. */
export const LISTED_FRAMES = 100_000;

const NAMES: Partial<Record<EventName, string>> = {
  get: "readArrayItem",
  iter: "readArrayItem",
  contains: "readArrayItem",
  set: "addArrayItem",
  put: "addArrayItem",
  insert: "addArrayItem",
  add: "addArrayItem",
  del: "deleteNode",
  remove: "deleteNode",
  default: "addArrayItem",
  missing: "addArrayItem",
  fill: "addArray",
  clear: "addArray",
  reverse: "addArray",
  getattr: "blink",
  setattr: "setVal",
  delattr: "setVal",
  output: "consoleLog",
  raise: "error",
};
const LINKS: Readonly<Record<string, string>> = {
  left: "setLeftChild",
  right: "setRightChild",
  next: "setNextNode",
};
const STRUCTURES: Readonly<Record<string, string>> = {
  dict: "map",
  set: "set",
  frozenset: "set",
  object: "object",
};
const OUTPUT: ReadonlySet<EventName> = new Set<EventName>(["output"]);
/** Events whose operand is no place in a sequence. */
const NO_PLACE: ReadonlySet<EventName> = new Set<EventName>(["add", "contains", "iter"]);

type Args = Record<string, unknown>;
type Made = { readonly name: string; readonly [key: string]: unknown };

/** What a trace says of a run's operations. */
export interface Operations {
  readonly callstack: readonly OperationFrame[];
  readonly truncated: boolean;
  /** How many events of each kind; empty where the trace was not read to its end. */
  readonly events: Readonly<Record<string, number>>;
}

/** One event with its operands, and the state just before it. */
interface Event {
  readonly machine: Machine;
  readonly site: Site;
  readonly operands: readonly Value[];
  readonly called: string;
}

/**
 * The operations of the first `steps` stops of a trace. `start` and `runtime` in milliseconds: frames are spread over them by
 * step. Never rejects: what cannot be read ends the list.
 */
export async function operationsOf(
  log: TraceLog,
  steps: number,
  start: number,
  runtime: number,
): Promise<Operations> {
  const callstack: OperationFrame[] = [];
  const events: Record<string, number> = {};
  const share = runtime / Math.max(1, log.steps.value);
  const seen = new Set<number>();
  let step = 0;
  let full = false;
  const take = (event: Event): void => {
    const { site } = event;
    if (EVENTS[site.event].stop) step += 1;
    full ||= step > steps || callstack.length > LISTED_FRAMES;
    if (full) return;
    events[site.event] = (events[site.event] ?? 0) + 1;
    for (const frame of framesOf(event, seen)) {
      const timestamp = Math.round((start + step * share) * 1000) / 1000;
      callstack.push({ ...frame, id: callstack.length, timestamp });
    }
  };
  const walker = new Walker(log);
  let whole = true;
  for (let chunk = 0; chunk < log.chunks.length && !full && whole; chunk++) {
    try {
      await walker.insist(() =>
        walker.tellOf(chunk, (machine, site, operands, called) => take({ machine, site, operands, called })),
      );
    } catch {
      whole = false;
    }
  }
  const read = whole && !full && log.problem.value === null;
  return {
    callstack: callstack.slice(0, LISTED_FRAMES),
    truncated: full || !whole,
    events: read ? events : {},
  };
}

/** The operations of a whole trace file, as above. */
export function operationsOfTrace(
  trace: Uint8Array,
  steps: number,
  start: number,
  runtime: number,
): Promise<Operations> {
  const log = new TraceLog();
  log.appendFile(trace);
  return operationsOf(log, steps, start, runtime);
}

function* framesOf(event: Event, seen: Set<number>): Generator<Made> {
  const { machine, site, operands } = event;
  if (site.event === "annotate") {
    const made = annotationFrame(machine, operands, event.called);
    if (made)
      yield frame(made.name, made.subject, made.args, { line: lineOf(machine), column: 0 }, made.previous);
    return;
  }
  const name = NAMES[site.event];
  if (name === undefined) return;
  const source = { line: site.line || lineOf(machine), column: site.col };
  const about = operands[0];
  if (OUTPUT.has(site.event)) {
    yield frame(name, null, { text: machine.tables.output[machine.outputs]?.text ?? "" }, source);
  } else if (site.event === "raise") {
    yield frame(name, null, raised(about as Value), source);
  } else if (isRef(about as Value)) {
    const subject = machine.memory.find(refId(about as Value));
    if (subject === undefined || changesNothing(event, subject)) return;
    if (!seen.has(subject.id)) {
      seen.add(subject.id);
      yield frame("addArray", subject, { value: contents(subject) }, source);
    }
    yield operation(name, event, subject, source);
  } else {
    const text = plain(about as Value);
    if (typeof text === "string")
      yield frame(name, null, { value: text, index: indexOf(event, undefined) }, source, undefined, "string");
  }
}

function raised(value: Value): Args {
  if (typeof value === "number") return { name: "", message: "" };
  const { kind, type, text } = value;
  if (kind === "exception") return { name: type, message: text };
  const said = plain(value) as { value?: readonly unknown[] } | string | number;
  const parts = typeof said === "object" ? (said.value ?? []) : [];
  return { name: parts[0] ?? "", message: parts[1] ?? "" };
}

function operation(name: string, event: Event, subject: HeapObject, source: Source): Made {
  const { site, operands, machine } = event;
  const kind = site.event;
  const attribute =
    kind === "getattr" || kind === "setattr" || kind === "delattr" ? site.name : attributePut(event, subject);
  if (attribute !== null) return attributeFrame(attribute, event, subject, source);
  let args: Args = { index: indexOf(event, subject) };
  let previous: Args | undefined;
  if (kind === "set" || kind === "put" || kind === "del" || kind === "remove") {
    const old = held(machine, subject, operands[1] as Value);
    previous = { index: args.index, value: old === null ? null : plain(old) };
  }
  if (kind === "set" || kind === "put" || kind === "insert" || kind === "default" || kind === "missing") {
    args.value = plain(operands[2] as Value);
  } else if (kind === "add") {
    args = { value: plain(operands[1] as Value) };
  } else if (kind === "contains") {
    args = { value: plain(operands[1] as Value), found: operands[2] === TRUE };
  } else if (kind === "fill" || kind === "clear" || kind === "reverse") {
    args = {};
    previous = { value: contents(subject) };
  }
  return frame(name, subject, args, source, previous);
}

/** The attribute that an effect of code which was not traced is about; null where it is about an element. */
function attributePut({ site, operands }: Event, subject: HeapObject): string | null {
  if (subject.kind !== "object" || (site.event !== "put" && site.event !== "remove")) return null;
  return String(plain(operands[1] as Value));
}

function attributeFrame(attribute: string, event: Event, subject: HeapObject, source: Source): Made {
  const { site, operands } = event;
  if (site.event === "getattr") return frame("blink", subject, { name: attribute }, source);
  const value = site.event === "put" ? operands[2] : site.event === "setattr" ? operands[1] : undefined;
  const old = subject.entries.get(attribute)?.[1];
  const args = { name: attribute, value: value === undefined ? null : plain(value) };
  const previous = { name: attribute, value: old === undefined ? null : plain(old) };
  return frame(LINKS[attribute] ?? "setVal", subject, args, source, previous);
}

interface Source {
  readonly line: number;
  readonly column: number;
}

function frame(
  name: string,
  subject: HeapObject | null,
  args: Args,
  source: Source,
  prevArgs?: Args,
  structure?: string,
): Made {
  const shape = structure ?? (subject ? (STRUCTURES[subject.kind] ?? "array") : "");
  return {
    name,
    treeName: subject ? `${subject.type}#${subject.id}` : "main",
    structureType: shape,
    argType: shape,
    nodeId: subject ? String(subject.id) : null,
    args,
    source,
    ...(prevArgs === undefined ? {} : { prevArgs }),
  };
}

function lineOf(machine: Machine): number {
  return machine.calls.stack.at(-1)?.line ?? 0;
}

function indexOf({ site, operands }: Event, subject: HeapObject | undefined): unknown {
  const key = operands[1];
  if (key === undefined) return null;
  if (site.event === "insert" && subject) {
    const i = asIndex(key) ?? 0;
    return i < 0 ? Math.max(0, i + subject.length) : Math.min(i, subject.length);
  }
  if (subject && isSequence(subject) && !NO_PLACE.has(site.event)) {
    const i = positionOf(subject, key);
    if (i !== null && i >= 0 && i < subject.length) return i;
  }
  return plain(key);
}

/** An effect that finds nothing to do: a member that is there already, a key that is not. */
function changesNothing({ site, operands, machine }: Event, subject: HeapObject): boolean {
  const kind = site.event;
  if (kind === "add") return !isSequence(subject) && held(machine, subject, operands[1] as Value) !== null;
  if (kind === "remove" || kind === "del") {
    const known = isSequence(subject) ? subject.items.length : subject.entries.size;
    return held(machine, subject, operands[1] as Value) === null && subject.length === known;
  }
  if (kind !== "default" && kind !== "missing") return false;
  const there = held(machine, subject, operands[1] as Value) !== null;
  return there || (kind === "missing" && subject.type !== "defaultdict");
}

/**
 * Owns what can be asked about a run, and which events answer: a `Matcher` says of each site whether its events can be
 * answers, and of an event whether it is one. Values an object held without being written to by name (a sort, a shift)
 * are told by comparing the states before and after.
 */

import type { Events } from "./events";
import { elementAt, isSequence, lookUp } from "./heap";
import type { State } from "./state";
import { EVENTS, type EventName, type Site, type Tables } from "./tables";
import { asIndex, FALSE, isRef, keyOf, NONE, refTo, TRUE, type Value } from "./values";

/** Something that changes in the course of a run. */
export type Subject =
  /** A variable of a function (in all its calls) or of the module. */
  | { readonly kind: "variable"; readonly unit: number; readonly name: string }
  /** An element of a sequence. */
  | { readonly kind: "element"; readonly object: number; readonly position: number }
  /** The entry of a dict, the member of a set. */
  | { readonly kind: "entry"; readonly object: number; readonly key: Value }
  | { readonly kind: "attribute"; readonly object: number; readonly name: string }
  /** Anything in an object. */
  | { readonly kind: "object"; readonly object: number };

export type Question =
  | { readonly ask: "changes"; readonly subject: Subject }
  /** When the subject came to have a value. */
  | { readonly ask: "value"; readonly subject: Subject; readonly value: Value }
  | { readonly ask: "line"; readonly source: number; readonly line: number }
  | { readonly ask: "calls"; readonly unit: number }
  | { readonly ask: "errors" }
  | { readonly ask: "text"; readonly text: string };

/** Whether events of a site are answers: none, all, or it has to be looked at each. */
export type Interest = "no" | "yes" | "look";

export interface Matcher {
  interest(site: Site): Interest;
  /** For a site to be looked at: whether the event is an answer; "compare" where only the states around it can tell. */
  look(events: Events, event: number, site: Site, output: number): boolean | "compare";
  /** Whether the states around a step make it an answer. */
  compare?(before: State, after: State): boolean;
  /** An object whose first appearance, with what it held then, may be an answer. */
  readonly birthOf?: number;
}

/** Events that change what an object holds. */
const CHANGES: ReadonlySet<EventName> = new Set<EventName>([
  "set",
  "put",
  "setattr",
  "del",
  "delattr",
  "remove",
  "insert",
  "add",
  "default",
  "missing",
  "clear",
  "reverse",
  "fill",
]);

/** Changes of which only the states around them can tell what they came to. */
const WHOLE: ReadonlySet<EventName> = new Set<EventName>(["default", "missing", "clear", "reverse", "fill"]);

export function sameValue(a: Value | null, b: Value | null): boolean {
  return a === b || (a !== null && b !== null && keyOf(a) === keyOf(b));
}

/** How a question is answered. */
export function matcherOf(question: Question, tables: Tables): Matcher {
  const always = (test: (site: Site) => boolean): Matcher => ({
    interest: (site) => (test(site) ? "yes" : "no"),
    look: () => true,
  });
  switch (question.ask) {
    case "line":
      return always(
        ({ event, line, unit }) =>
          event === "line" && line === question.line && tables.units[unit]?.source === question.source,
      );
    case "calls":
      return always(({ event, target }) => event === "enter" && target === question.unit);
    case "errors":
      return always(({ event }) => event === "raise");
    case "text":
      return textMatcher(question.text, tables);
    default: {
      const wanted = question.ask === "value" ? question.value : undefined;
      return question.subject.kind === "variable"
        ? variableMatcher(question.subject, wanted, tables)
        : objectMatcher(question.subject, wanted);
    }
  }
}

/** The unit whose frame holds the names that a site binds. */
function ownerOf({ event, scope, unit, target }: Site): number | "module" {
  if (event === "enter" || scope === "nonlocal") return target;
  return scope === "global" ? "module" : unit;
}

const NAMING: ReadonlySet<EventName> = new Set<EventName>(["bind", "unbind", "enter"]);

function variableMatcher(
  { unit, name }: Extract<Subject, { kind: "variable" }>,
  wanted: Value | undefined,
  tables: Tables,
): Matcher {
  const isModule = tables.units[unit]?.kind === "module";
  const binds = (site: Site) => {
    if (!NAMING.has(site.event) || !site.names.includes(name)) return false;
    const owner = ownerOf(site);
    return owner === "module" ? isModule : owner === unit;
  };
  return {
    interest: (site) => {
      if (!binds(site)) return "no";
      return wanted === undefined ? "yes" : site.event === "unbind" ? "no" : "look";
    },
    look: (events, event, site) => sameValue(events.value(event, site.names.indexOf(name)), wanted ?? null),
  };
}

/** What a subject's value is in a state; null where it has none. */
export function valueIn(subject: Subject, { lookup, stack }: State): Value | null {
  if (subject.kind === "variable") {
    for (let i = stack.length - 1; i >= 0; i--) {
      const value = stack[i]?.unit === subject.unit ? stack[i]?.vars.get(subject.name) : undefined;
      if (value !== undefined) return value;
    }
    return null;
  }
  const object = lookup(subject.object);
  if (!object || subject.kind === "object") return null;
  if (subject.kind === "attribute") return object.entries.get(subject.name)?.[1] ?? null;
  if (subject.kind === "entry") return lookUp(object, subject.key, lookup);
  const { position } = subject;
  return isSequence(object) && position < object.length ? elementAt(object, position) : null;
}

function objectMatcher(subject: Exclude<Subject, { kind: "variable" }>, wanted: Value | undefined): Matcher {
  const self = refTo(subject.object);
  const name = subject.kind === "attribute" ? subject.name : "";
  return {
    interest: (site) => {
      if (!CHANGES.has(site.event)) return "no";
      return name && site.name && site.name !== name ? "no" : "look";
    },
    look: (events, event, site) => {
      if (events.value(event, 0) !== self) return false;
      const touches = subject.kind === "object" || touched(subject, events, event, site);
      if (touches !== true || wanted === undefined) return touches;
      const written = EVENTS[site.event].operands.endsWith("v") && site.event !== "insert";
      if (!written) return "compare";
      return sameValue(events.value(event, EVENTS[site.event].operands.length - 1), wanted);
    },
    compare: (before, after) => {
      const [old, now] = [valueIn(subject, before), valueIn(subject, after)];
      return !sameValue(old, now) && (wanted === undefined || sameValue(now, wanted));
    },
    ...(wanted === undefined ? {} : { birthOf: subject.object }),
  };
}

/** Whether a change of the object is one of the place asked about. */
function touched(
  subject: Exclude<Subject, { kind: "variable" | "object" }>,
  events: Events,
  event: number,
  { event: what, name }: Site,
): boolean | "compare" {
  if (WHOLE.has(what)) return "compare";
  if (what === "setattr" || what === "delattr") return subject.kind === "attribute" && subject.name === name;
  if (what === "insert") {
    const at = events.integer(event, 1);
    if (subject.kind !== "element") return false;
    // From the end, or past it, where it is put at the end.
    return at < 0 || at > subject.position ? "compare" : true;
  }
  const key = events.value(event, 1);
  if (subject.kind === "attribute") return typeof key !== "number" && key.text === subject.name;
  if (subject.kind === "entry") {
    // Tuples are keys by what they hold, which the states know.
    return isRef(key) || isRef(subject.key) ? "compare" : sameValue(key, subject.key);
  }
  const at = asIndex(key);
  if (at === null || at < 0) return "compare";
  return what === "set" || what === "put" ? at === subject.position : at <= subject.position;
}

/** The operands that bring a new value, by event. */
const NEWS: Partial<Record<EventName, number>> = {
  set: 2,
  put: 2,
  setattr: 1,
  insert: 2,
  add: 1,
  leave: 0,
  yield: 0,
  raise: 0,
};

const CONSTANTS = new Map<string, Value>([
  ["none", NONE],
  ["true", TRUE],
  ["false", FALSE],
]);

/** Whether a value reads like what was typed: numbers exactly, texts in part, whatever the case. */
export function reads(value: Value, typed: string): boolean {
  if (typeof value === "number") {
    const n = value & 3 ? null : asIndex(value);
    return n === null ? CONSTANTS.get(typed) === value : String(n) === typed;
  }
  const { kind, text, type } = value;
  if (kind === "int" || kind === "float" || kind === "complex") return text.toLowerCase() === typed;
  return text.toLowerCase().includes(typed) || type.toLowerCase().includes(typed);
}

const UNQUOTED = /^(["'])(.*)\1$/;

/** Finds a text in what is bound, written, returned, raised and printed; `name = value` in what is bound to a name. */
function textMatcher(text: string, tables: Tables): Matcher {
  const [, name, named] = /^\s*([^\W\d]\w*)\s*==?\s*(.+?)\s*$/u.exec(text) ?? [];
  const typed = (named ?? text).trim().replace(UNQUOTED, "$2").toLowerCase();
  return {
    interest: (site) => {
      if (!typed) return "no";
      if (name) return site.name === name || site.names.includes(name) ? "look" : "no";
      if (site.event === "output" || site.event === "bind" || site.event === "enter") return "look";
      return site.event in NEWS ? "look" : "no";
    },
    look: (events, event, site, output) => {
      if (site.event === "output") return tables.output[output]?.text.toLowerCase().includes(typed) ?? false;
      if (site.event === "bind" || site.event === "enter")
        return site.names.some(
          (bound, n) => (!name || bound === name) && reads(events.value(event, n), typed),
        );
      const operand = NEWS[site.event];
      return operand !== undefined && reads(events.value(event, operand), typed);
    },
  };
}

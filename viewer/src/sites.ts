/**
 * Owns events and the places in the source that make them: which events there are, what each is about, and how a row of
 * the sites table becomes a `Site`.
 */

import { integer, isObject, type Json, MAX_INTEGER, refuse, row, text } from "./shape";

/** Operands of an event. v value, c container, k key value, i integer, * one value per `detail.names`. */
type Operands = "" | "v" | "*" | "iv" | "ck" | "ckv" | "ci" | "c" | "cv" | "civ" | "ckck" | "ckk" | "vkv";

export const EVENTS = {
  line: { stop: true, operands: "" },
  enter: { stop: true, operands: "*" },
  leave: { stop: true, operands: "v" },
  unwind: { stop: true, operands: "v" },
  raise: { stop: true, operands: "v" },
  yield: { stop: true, operands: "v" },
  resume: { stop: true, operands: "iv" },
  bind: { stop: false, operands: "*" },
  unbind: { stop: false, operands: "" },
  get: { stop: true, operands: "ck" },
  set: { stop: true, operands: "ckv" },
  del: { stop: true, operands: "ck" },
  contains: { stop: true, operands: "ckv" },
  iter: { stop: true, operands: "ci" },
  getattr: { stop: true, operands: "c" },
  setattr: { stop: true, operands: "cv" },
  delattr: { stop: true, operands: "c" },
  call: { stop: true, operands: "cv" },
  compare: { stop: false, operands: "ckck" },
  swap: { stop: false, operands: "ckk" },
  put: { stop: false, operands: "ckv" },
  insert: { stop: false, operands: "civ" },
  remove: { stop: false, operands: "ck" },
  add: { stop: false, operands: "cv" },
  default: { stop: false, operands: "ckv" },
  missing: { stop: false, operands: "ckv" },
  clear: { stop: false, operands: "c" },
  reverse: { stop: false, operands: "c" },
  fill: { stop: false, operands: "c" },
  output: { stop: false, operands: "" },
  late: { stop: false, operands: "c" },
  annotate: { stop: false, operands: "vkv" },
} as const satisfies Record<string, { stop: boolean; operands: Operands }>;

export type EventName = keyof typeof EVENTS;

/** What an author can say about data, by number. */
export const ANNOTATIONS = [
  "color",
  "note",
  "pointer",
  "hide",
  "group",
  "show",
  "info",
  "blink",
  "clear",
] as const;

export type AnnotationKind = (typeof ANNOTATIONS)[number];

/** A variable with an offset, as in `a[i + 1]`. */
export interface IndexTerm {
  readonly name: string;
  readonly offset: number;
}

export interface Site {
  readonly id: number;
  readonly event: EventName;
  readonly unit: number;
  readonly line: number;
  readonly col: number;
  readonly endLine: number;
  readonly endCol: number;
  /** Identifiers that bind, unbind and enter are about. */
  readonly names: readonly string[];
  /** The attribute's identifier, or the called one. */
  readonly name: string;
  /** The unit that enter enters, or that a nonlocal binding belongs to; -1 where there is none. */
  readonly target: number;
  /** Whether enter gives a token before its arguments. */
  readonly token: boolean;
  /** What an annotation in a block is, by its number; -1 elsewhere. */
  readonly annotation: number;
  readonly scope: "local" | "global" | "nonlocal";
  /** The container's expression where it is a plain or dotted name. */
  readonly base: string;
  readonly index: readonly IndexTerm[];
  readonly slice: readonly [IndexTerm | null, IndexTerm | null] | null;
}

const NO_NAMES: readonly string[] = [];

const EVENT_NAMES = Object.keys(EVENTS) as EventName[];
/** Ids of names bound from outside lie at and below. */
const BOUND = -1000;

/** The site of an event that belongs to no place in the source: an effect of code that was not traced. Its id is negative. */
export function nowhere(event: EventName): Site {
  return {
    id: -1 - EVENT_NAMES.indexOf(event),
    event,
    unit: -1,
    line: 0,
    col: 0,
    endLine: 0,
    endCol: 0,
    names: NO_NAMES,
    name: "",
    target: -1,
    token: false,
    annotation: -1,
    scope: "local",
    base: "",
    index: [],
    slice: null,
  };
}

/** A site from its row. Throws TraceError. */
export function parseSite(entry: unknown, id: number, unitCount: number, names: readonly string[]): Site {
  const [event, unit, line, col, endLine, endCol, detail] = row(entry, 7, "sites");
  if (typeof event !== "string" || !Object.hasOwn(EVENTS, event) || !isObject(detail)) return refuse("sites");
  const nameOf = (index: unknown) => names[integer(index, 0, names.length - 1, "sites")] as string;
  const listed = detail.names === undefined ? [] : detail.names;
  if (!Array.isArray(listed)) return refuse("sites");
  const needsName = event === "getattr" || event === "setattr" || event === "delattr";
  const hasName = needsName || (event === "call" && detail.name !== undefined && detail.name !== null);
  return {
    id,
    event: event as EventName,
    unit: integer(unit, -1, unitCount - 1, "sites"),
    line: integer(line, 0, MAX_INTEGER, "sites"),
    col: integer(col, 0, MAX_INTEGER, "sites"),
    endLine: integer(endLine, 0, MAX_INTEGER, "sites"),
    endCol: integer(endCol, 0, MAX_INTEGER, "sites"),
    names: listed.map(nameOf),
    name: hasName ? nameOf(detail.name) : "",
    target: parseTarget(event, detail, unitCount),
    token: event === "enter" && Boolean(detail.token),
    annotation: event === "annotate" ? integer(detail.kind, 0, ANNOTATIONS.length - 1, "sites") : -1,
    scope: parseScope(detail.scope),
    base: detail.base === undefined || detail.base === null ? "" : text(detail.base, "sites"),
    index: parseIndex(detail.index),
    slice: parseSlice(detail.slice),
  };
}

/** The site of a name (by its index) that was bound from outside, in the module. */
export function boundOutside(index: number, name: string): Site {
  return { ...nowhere("bind"), id: BOUND - index, names: [name], scope: "global" };
}

/** A site by its id, also where it has no place in the source. */
export function siteOf(id: number, sites: readonly Site[], names: readonly string[]): Site {
  if (id >= 0) return sites[id] as Site;
  return id > BOUND
    ? nowhere(EVENT_NAMES[-1 - id] as EventName)
    : boundOutside(BOUND - id, names[BOUND - id] as string);
}

function parseTarget(event: string, detail: Json, unitCount: number): number {
  if (event === "enter") return integer(detail.unit, 0, unitCount - 1, "sites");
  return detail.unit === undefined || detail.unit === null
    ? -1
    : integer(detail.unit, -1, unitCount - 1, "sites");
}

function parseScope(scope: unknown): Site["scope"] {
  if (scope === undefined) return "local";
  return scope === "local" || scope === "global" || scope === "nonlocal" ? scope : refuse("sites");
}

function parseTerm(term: unknown): IndexTerm {
  const [name, offset] = row(term, 2, "sites");
  return { name: text(name, "sites"), offset: integer(offset, -MAX_INTEGER, MAX_INTEGER, "sites") };
}

function parseIndex(index: unknown): IndexTerm[] {
  if (index === undefined || index === null) return [];
  return Array.isArray(index) ? index.map(parseTerm) : refuse("sites");
}

function parseSlice(slice: unknown): Site["slice"] {
  if (slice === undefined || slice === null) return null;
  const [low, high] = row(slice, 2, "sites");
  return [low === null ? null : parseTerm(low), high === null ? null : parseTerm(high)];
}

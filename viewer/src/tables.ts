/**
 * Owns the trace-wide tables (sources, names, units, types, sites, output): what the metas of all chunks add up to.
 * `extendTables` validates a meta completely before it adds anything, so a bad chunk leaves the tables as they were.
 */

import { TraceError } from "./wire";

export type UnitKind = "module" | "function" | "class" | "lambda";
export type ObjectKind = "list" | "tuple" | "deque" | "array" | "dict" | "set" | "frozenset" | "object";

/** Operand columns of an event. v value, c container, k key value, i integer, * one value per `detail.names`. */
type Operands = "" | "v" | "*" | "iv" | "ck" | "ckv" | "cki" | "ci" | "c" | "cv" | "civ";

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
  contains: { stop: true, operands: "cki" },
  iter: { stop: true, operands: "ci" },
  getattr: { stop: true, operands: "c" },
  setattr: { stop: true, operands: "cv" },
  delattr: { stop: true, operands: "c" },
  call: { stop: true, operands: "civ" },
  put: { stop: false, operands: "ckv" },
  insert: { stop: false, operands: "civ" },
  remove: { stop: false, operands: "ck" },
  add: { stop: false, operands: "cv" },
  fill: { stop: false, operands: "c" },
  output: { stop: false, operands: "" },
  late: { stop: false, operands: "c" },
} as const satisfies Record<string, { stop: boolean; operands: Operands }>;

export type EventName = keyof typeof EVENTS;

export interface Source {
  readonly name: string;
  readonly text: string;
}

export interface Unit {
  readonly id: number;
  readonly kind: UnitKind;
  readonly name: string;
  /** Index into sources, or -1. */
  readonly source: number;
  readonly line: number;
  /** Unit id, or -1. */
  readonly parent: number;
}

export interface ObjectType {
  readonly kind: ObjectKind;
  readonly name: string;
}

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
  /** The attribute's identifier. */
  readonly name: string;
  /** The unit that enter enters, or that a nonlocal binding belongs to; -1 where there is none. */
  readonly target: number;
  readonly scope: "local" | "global" | "nonlocal";
  /** The container's expression where it is a plain or dotted name. */
  readonly base: string;
  readonly index: readonly IndexTerm[];
  readonly slice: readonly [IndexTerm | null, IndexTerm | null] | null;
}

export interface Piece {
  readonly stream: 0 | 1;
  readonly text: string;
}

export interface RunError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

export interface RunEnd {
  readonly stopReason: string;
  readonly error: RunError | null;
  readonly steps: number;
}

/** The tables; they only ever grow. */
export interface Tables {
  readonly sources: Source[];
  readonly names: string[];
  readonly units: Unit[];
  readonly types: ObjectType[];
  readonly sites: Site[];
  readonly output: Piece[];
  end: RunEnd | null;
}

export function emptyTables(): Tables {
  return { sources: [], names: [], units: [], types: [], sites: [], output: [], end: null };
}

const UNIT_KINDS: readonly string[] = ["module", "function", "class", "lambda"];
const OBJECT_KINDS: readonly string[] = [
  "list",
  "tuple",
  "deque",
  "array",
  "dict",
  "set",
  "frozenset",
  "object",
];
const MAX_COLUMN = 0x7fffffff;

type Json = Record<string, unknown>;

function refuse(what: string): never {
  throw new TraceError(`a chunk's meta has a wrong entry in "${what}"`);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown, what: string): string {
  return typeof value === "string" ? value : refuse(what);
}

function integer(value: unknown, low: number, high: number, what: string): number {
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high
    ? (value as number)
    : refuse(what);
}

function rows(meta: Json, key: string): unknown[] {
  const value = meta[key];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : refuse(key);
}

function row(value: unknown, size: number, what: string): unknown[] {
  return Array.isArray(value) && value.length === size ? value : refuse(what);
}

/** Adds one chunk's meta to the tables. Throws TraceError and changes nothing where the meta is not well formed. */
export function extendTables(tables: Tables, meta: unknown): void {
  if (!isObject(meta)) throw new TraceError("a chunk's meta is not an object");
  if (tables.end !== null) throw new TraceError("a chunk follows the last one");
  const names = [...tables.names, ...rows(meta, "names").map((name) => text(name, "names"))];
  const sources = rows(meta, "sources").map((entry): Source => {
    const [name, source] = row(entry, 2, "sources");
    return { name: text(name, "sources"), text: text(source, "sources") };
  });
  const units = parseUnits(rows(meta, "units"), tables, tables.sources.length + sources.length);
  const types = rows(meta, "types").map(parseType);
  const unitCount = tables.units.length + units.length;
  const firstSite = tables.sites.length;
  const sites = rows(meta, "sites").map((entry, i) => parseSite(entry, firstSite + i, unitCount, names));
  const output = rows(meta, "output").map(parsePiece);
  const end = meta.end === undefined ? null : parseEnd(meta.end);
  for (let i = tables.names.length; i < names.length; i++) tables.names.push(names[i] as string);
  for (const source of sources) tables.sources.push(source);
  for (const unit of units) tables.units.push(unit);
  for (const type of types) tables.types.push(type);
  for (const site of sites) tables.sites.push(site);
  for (const piece of output) tables.output.push(piece);
  tables.end = end;
}

function parseUnits(entries: unknown[], tables: Tables, sourceCount: number): Unit[] {
  const first = tables.units.length;
  const count = first + entries.length;
  return entries.map((entry, i) => {
    const [kind, name, source, line, parent] = row(entry, 5, "units");
    if (!UNIT_KINDS.includes(kind as string)) refuse("units");
    return {
      id: first + i,
      kind: kind as UnitKind,
      name: text(name, "units"),
      source: integer(source, -1, sourceCount - 1, "units"),
      line: integer(line, 0, MAX_COLUMN, "units"),
      parent: integer(parent, -1, count - 1, "units"),
    };
  });
}

function parseType(entry: unknown): ObjectType {
  const [kind, name] = row(entry, 2, "types");
  if (!OBJECT_KINDS.includes(kind as string)) refuse("types");
  return { kind: kind as ObjectKind, name: text(name, "types") };
}

function parsePiece(entry: unknown): Piece {
  const [stream, piece] = row(entry, 2, "output");
  return { stream: integer(stream, 0, 1, "output") as 0 | 1, text: text(piece, "output") };
}

function parseEnd(value: unknown): RunEnd {
  if (!isObject(value)) return refuse("end");
  return {
    stopReason: text(value.stopReason, "end"),
    error: parseError(value.error),
    steps: integer(value.steps, 0, Number.MAX_SAFE_INTEGER, "end"),
  };
}

/** An error as in `end` and in the run's status; null where there is none. Throws TraceError. */
export function parseError(value: unknown): RunError | null {
  if (value === null || value === undefined) return null;
  if (!isObject(value)) return refuse("error");
  return {
    name: text(value.name, "error"),
    message: text(value.message, "error"),
    stack: typeof value.stack === "string" ? value.stack : "",
  };
}

function parseSite(entry: unknown, id: number, unitCount: number, names: readonly string[]): Site {
  const [event, unit, line, col, endLine, endCol, detail] = row(entry, 7, "sites");
  if (typeof event !== "string" || !Object.hasOwn(EVENTS, event) || !isObject(detail)) return refuse("sites");
  const nameOf = (index: unknown) => names[integer(index, 0, names.length - 1, "sites")] as string;
  const listed = detail.names === undefined ? [] : detail.names;
  if (!Array.isArray(listed)) return refuse("sites");
  const needsName = event === "getattr" || event === "setattr" || event === "delattr";
  return {
    id,
    event: event as EventName,
    unit: integer(unit, -1, unitCount - 1, "sites"),
    line: integer(line, 0, MAX_COLUMN, "sites"),
    col: integer(col, 0, MAX_COLUMN, "sites"),
    endLine: integer(endLine, 0, MAX_COLUMN, "sites"),
    endCol: integer(endCol, 0, MAX_COLUMN, "sites"),
    names: listed.map(nameOf),
    name: needsName ? nameOf(detail.name) : "",
    target: parseTarget(event, detail, unitCount),
    scope: parseScope(detail.scope),
    base: detail.base === undefined || detail.base === null ? "" : text(detail.base, "sites"),
    index: parseIndex(detail.index),
    slice: parseSlice(detail.slice),
  };
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
  return { name: text(name, "sites"), offset: integer(offset, -MAX_COLUMN, MAX_COLUMN, "sites") };
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

/**
 * Owns the trace-wide tables (sources, names, units, types, sites, blocks, output): what the metas of all chunks add up to.
 * `extendTables` validates a meta completely before it adds anything, so a bad chunk leaves the tables as they were.
 */

import { type Block, parseBlock } from "./blocks";
import { integer, isObject, MAX_INTEGER, refuse, row, rows, text, words } from "./shape";
import { parseSite, type Site } from "./sites";
import { TraceError } from "./wire";

export {
  ANNOTATIONS,
  type AnnotationKind,
  EVENTS,
  type EventName,
  type IndexTerm,
  type Site,
  siteOf,
} from "./sites";

export type UnitKind = "module" | "function" | "class" | "lambda";
export type ObjectKind = "list" | "tuple" | "deque" | "array" | "dict" | "set" | "frozenset" | "object";

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
  /** Special methods that the learner's class defines itself. */
  readonly overrides: ReadonlySet<string>;
  /** Attributes that are computed. */
  readonly described: ReadonlySet<string>;
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
  readonly blocks: Block[];
  readonly output: Piece[];
  end: RunEnd | null;
}

export function emptyTables(): Tables {
  return { sources: [], names: [], units: [], types: [], sites: [], blocks: [], output: [], end: null };
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
/** Both lists; most chunks add nothing to most tables. */
function joined<T>(known: readonly T[], added: readonly T[]): readonly T[] {
  return added.length === 0 ? known : [...known, ...added];
}

/** Adds one chunk's meta to the tables. Throws TraceError and changes nothing where the meta is not well formed. */
export function extendTables(tables: Tables, meta: unknown): void {
  if (!isObject(meta)) throw new TraceError("a chunk's meta is not an object");
  if (tables.end !== null) throw new TraceError("a chunk follows the last one");
  const names = joined(
    tables.names,
    rows(meta, "names").map((name) => text(name, "names")),
  );
  const sources = rows(meta, "sources").map((entry): Source => {
    const [name, source] = row(entry, 2, "sources");
    return { name: text(name, "sources"), text: text(source, "sources") };
  });
  const units = parseUnits(rows(meta, "units"), tables, tables.sources.length + sources.length);
  const types = rows(meta, "types").map(parseType);
  const unitCount = tables.units.length + units.length;
  const firstSite = tables.sites.length;
  const sites = rows(meta, "sites").map((entry, i) => parseSite(entry, firstSite + i, unitCount, names));
  const allSites = joined(tables.sites, sites);
  const blocks = rows(meta, "blocks").map((entry) => parseBlock(entry, unitCount, names, allSites));
  const output = rows(meta, "output").map(parsePiece);
  const end = meta.end === undefined ? null : parseEnd(meta.end);
  for (let i = tables.names.length; i < names.length; i++) tables.names.push(names[i] as string);
  for (const source of sources) tables.sources.push(source);
  for (const unit of units) tables.units.push(unit);
  for (const type of types) tables.types.push(type);
  for (const site of sites) tables.sites.push(site);
  for (const block of blocks) tables.blocks.push(block);
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
      line: integer(line, 0, MAX_INTEGER, "units"),
      parent: integer(parent, -1, count - 1, "units"),
    };
  });
}

function parseType(entry: unknown): ObjectType {
  const [kind, name, overrides, described] = row(entry, 4, "types");
  if (!OBJECT_KINDS.includes(kind as string)) refuse("types");
  return {
    kind: kind as ObjectKind,
    name: text(name, "types"),
    overrides: words(overrides, "types"),
    described: words(described, "types"),
  };
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

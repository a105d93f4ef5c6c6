/**
 * Owns blocks as the meta gives them: steps and sources as checked trees, every reference in them in range. What they do
 * is in compile.ts.
 */

import { integer, MAX_INTEGER, refuse, row } from "./shape";
import { EVENTS, type Site } from "./sites";
import { FALSE, intValue, LIMIT, NONE, type Operator, parseAtom, smallInt, TRUE, type Value } from "./values";

/** Where an operand's value comes from. */
export type Source =
  | { readonly from: "temporary"; readonly index: number }
  | { readonly from: "constant"; readonly value: Value }
  | { readonly from: "name" | "global"; readonly name: string }
  | { readonly from: "column"; readonly column: number }
  | { readonly from: Operator; readonly left: Source; readonly right: Source }
  | { readonly from: "length"; readonly of: Source }
  | { readonly from: "element"; readonly of: Source; readonly key: Source }
  | { readonly from: "counter"; readonly loop: number; readonly step: Value }
  | { readonly from: "slice"; readonly bounds: readonly Source[] }
  | { readonly from: "attribute"; readonly of: Source; readonly name: string };

export type Step =
  | { readonly does: "read"; readonly column: number }
  | { readonly does: "event"; readonly site: Site; readonly sources: readonly Source[] }
  | { readonly does: "begin"; readonly loop: number; readonly source: Source }
  | { readonly does: "count"; readonly loop: number }
  | { readonly does: "next"; readonly loop: number; readonly site: Site };

export interface Block {
  /** The unit whose frame it runs in, or -1. */
  readonly unit: number;
  /** The line that is current when it begins. */
  readonly line: number;
  readonly steps: readonly Step[];
  /** Where the first step is an `enter`, but for temporaries: the steps up to and including it; else 0. */
  readonly entry: number;
}

/** Columns below belong to control codes. */
export const FIRST_BLOCK_COLUMN = 128;
export const MAX_COLUMN = 2 ** 24 - 1;
const MAX_DEPTH = 16;
const BLOCKS = "blocks";

interface Scope {
  readonly names: readonly string[];
  readonly sites: readonly Site[];
  /** Temporaries made so far in the block. */
  temporaries: number;
}

/** A block from its row. Throws TraceError. */
export function parseBlock(
  entry: unknown,
  unitCount: number,
  names: readonly string[],
  sites: readonly Site[],
): Block {
  const [unit, line, rows] = row(entry, 3, BLOCKS);
  if (!Array.isArray(rows)) return refuse(BLOCKS);
  const scope: Scope = { names, sites, temporaries: 0 };
  const steps = rows.map((step) => parseStep(step, scope));
  const first = steps.findIndex((step) => step.does !== "read");
  const head = steps[first];
  return {
    unit: integer(unit, -1, unitCount - 1, BLOCKS),
    line: integer(line, 0, MAX_INTEGER, BLOCKS),
    steps,
    entry: head?.does === "event" && head.site.event === "enter" ? first + 1 : 0,
  };
}

function parseStep(step: unknown, scope: Scope): Step {
  if (!Array.isArray(step)) {
    const column = integer(step, FIRST_BLOCK_COLUMN, MAX_COLUMN, BLOCKS);
    scope.temporaries++;
    return { does: "read", column };
  }
  const [what, ...rest] = step as unknown[];
  if (what === -1) {
    const [loop, source] = row(rest, 2, BLOCKS);
    return { does: "begin", loop: loopNumber(loop), source: parseSource(source, scope, 1) };
  }
  if (what === -2) {
    const [loop, at] = row(rest, 2, BLOCKS);
    const site = siteOf(at, scope);
    return site.event === "iter" ? { does: "next", loop: loopNumber(loop), site } : refuse(BLOCKS);
  }
  if (what === -3) return { does: "count", loop: loopNumber(row(rest, 1, BLOCKS)[0]) };
  const site = siteOf(what, scope);
  const sources = row(rest, operandCount(site), BLOCKS).map((source) => parseSource(source, scope, 1));
  return { does: "event", site, sources };
}

function loopNumber(loop: unknown): number {
  return integer(loop, 0, MAX_INTEGER, BLOCKS);
}

function siteOf(id: unknown, { sites }: Scope): Site {
  return sites[integer(id, 0, sites.length - 1, BLOCKS)] as Site;
}

/** Sources that an event of this site takes in a block. */
function operandCount(site: Site): number {
  if (site.event === "call") return site.name ? 2 : 3;
  const { operands } = EVENTS[site.event];
  return operands === "*" ? site.names.length + Number(site.token) : operands.length;
}

function parseSource(source: unknown, scope: Scope, depth: number): Source {
  if (depth > MAX_DEPTH) return refuse(BLOCKS);
  if (!Array.isArray(source)) {
    return { from: "temporary", index: integer(source, 0, scope.temporaries - 1, BLOCKS) };
  }
  const [what, ...rest] = source as unknown[];
  const part = (at: number) => parseSource(rest[at], scope, depth + 1);
  const name = (at: number) => scope.names[integer(rest[at], 0, scope.names.length - 1, BLOCKS)] as string;
  switch (what) {
    case "k":
      return { from: "constant", value: constant(row(rest, 1, BLOCKS)[0]) };
    case "n":
    case "g":
      row(rest, 1, BLOCKS);
      return { from: what === "n" ? "name" : "global", name: name(0) };
    case "p":
      return { from: "column", column: integer(row(rest, 1, BLOCKS)[0], 0, MAX_COLUMN, BLOCKS) };
    case "+":
    case "-":
    case "*":
    case "//":
    case "%":
      row(rest, 2, BLOCKS);
      return { from: what, left: part(0), right: part(1) };
    case "c": {
      const [loop, step] = row(rest, 2, BLOCKS);
      return {
        from: "counter",
        loop: loopNumber(loop),
        step: smallInt(integer(step, -LIMIT, LIMIT - 1, BLOCKS)),
      };
    }
    case "s":
      row(rest, 3, BLOCKS);
      return { from: "slice", bounds: [part(0), part(1), part(2)] };
    case "l":
      row(rest, 1, BLOCKS);
      return { from: "length", of: part(0) };
    case "e":
      row(rest, 2, BLOCKS);
      return { from: "element", of: part(0), key: part(1) };
    case "a":
      row(rest, 2, BLOCKS);
      return { from: "attribute", of: part(0), name: name(1) };
    default:
      return refuse(BLOCKS);
  }
}

function constant(value: unknown): Value {
  if (value === null) return NONE;
  if (typeof value === "boolean") return value ? TRUE : FALSE;
  if (Number.isSafeInteger(value)) return intValue(value as number);
  return parseAtom(value);
}

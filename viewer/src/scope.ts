/**
 * Owns names: what a name or a dotted expression means in a frame, which names an object goes by,
 * and which variables point into a sequence (from the access sites of the frame's code).
 */

import type { HeapObject } from "./heap";
import type { Frame, State } from "./state";
import type { Site, Tables } from "./tables";
import { asIndex, isRef, refId, type Value } from "./values";

/** A name by which an object goes at a step. */
export interface Label {
  readonly name: string;
  /** Whether the frame on top of the stack calls it so. */
  readonly current: boolean;
}

/** A variable that points at a position. */
export interface Pointer {
  readonly name: string;
  readonly position: number;
  readonly current: boolean;
}

/** The frames to be shown: the stack, then suspended generators. */
export function framesOf(state: State): readonly Frame[] {
  return [...state.stack, ...state.suspended];
}

/** Frames where a name used in `frame` is looked for: itself, the enclosing functions, the module. */
function scopes(frame: Frame, state: State, tables: Tables): Frame[] {
  const found = [frame];
  let unit = tables.units[frame.unit];
  for (let depth = 0; unit && unit.parent >= 0 && depth < 32; depth++) {
    const parent = unit.parent;
    for (let i = state.stack.length - 1; i >= 0; i--) {
      const candidate = state.stack[i] as Frame;
      if (candidate.unit === parent && candidate !== frame) {
        found.push(candidate);
        break;
      }
    }
    unit = tables.units[parent];
  }
  const module = state.stack[0];
  if (module && !found.includes(module)) found.push(module);
  return found;
}

/** The value of a dotted name as seen from a frame; null where it has none. */
export function resolve(path: string, frame: Frame, state: State, tables: Tables): Value | null {
  const [first, ...attributes] = path.split(".");
  let value: Value | undefined;
  for (const scope of scopes(frame, state, tables)) {
    value = scope.vars.get(first as string);
    if (value !== undefined) break;
  }
  for (const attribute of attributes) {
    if (value === undefined || !isRef(value)) return null;
    value = state.lookup(refId(value))?.entries.get(attribute)?.[1];
  }
  return value ?? null;
}

/** The names of every object that a variable of a visible frame refers to, as `stack` or as `stack.top`. */
export function labelsOf(state: State): Map<number, Label[]> {
  const labels = new Map<number, Label[]>();
  const frames = framesOf(state);
  const top = state.stack[state.stack.length - 1];
  const add = (id: number, name: string, current: boolean) => {
    const list = labels.get(id) ?? [];
    if (!list.some((label) => label.name === name)) list.push({ name, current });
    labels.set(id, list);
  };
  const holders = new Map<number, Label>();
  // Innermost first, so that where two frames use one name for one object the current one is told.
  for (const frame of [...frames].sort((a, b) => Number(b === top) - Number(a === top))) {
    for (const [name, value] of frame.vars) {
      if (!isRef(value)) continue;
      add(refId(value), name, frame === top);
      if (!holders.has(refId(value))) holders.set(refId(value), { name, current: frame === top });
    }
  }
  for (const [id, { name, current }] of holders) {
    const holder = state.lookup(id);
    if (holder?.kind !== "object") continue;
    for (const [attribute, [, value]] of holder.entries) {
      const held = isRef(value) ? state.lookup(refId(value)) : undefined;
      // Between objects of one class the arrow says it.
      if (held && held.type !== holder.type) add(held.id, `${name}.${attribute}`, current);
    }
  }
  return labels;
}

/** Which variables index which expression, per unit: a property of the program's text. */
export class IndexTerms {
  private seen = 0;
  private readonly byUnit = new Map<number, Map<string, Set<string>>>();
  private readonly starts = new Map<string, Site>();

  constructor(private readonly tables: Tables) {}

  /** Base expression to index variables; `grid[]` is the base of the second index in `grid[r][c]`. */
  of(unit: number): ReadonlyMap<string, ReadonlySet<string>> {
    const { sites } = this.tables;
    for (; this.seen < sites.length; this.seen++) this.add(sites[this.seen] as Site);
    return this.byUnit.get(unit) ?? new Map();
  }

  private add(site: Site): void {
    if (site.event !== "get" && site.event !== "set" && site.event !== "del") return;
    const start = `${site.unit}:${site.line}:${site.col}`;
    if (site.base && site.event === "get") this.starts.set(start, site);
    const outer = site.base ? undefined : this.starts.get(start);
    const base = site.base || (outer ? `${outer.base}[]` : "");
    if (!base || site.index.length === 0) return;
    const bases = this.byUnit.get(site.unit) ?? new Map<string, Set<string>>();
    const names = bases.get(base) ?? new Set();
    for (const term of site.index) names.add(term.name);
    this.byUnit.set(site.unit, bases.set(base, names));
  }
}

/** Variables that point into an object, and with `inner` those that point into each of its elements. */
export function pointersInto(
  object: HeapObject,
  state: State,
  tables: Tables,
  terms: IndexTerms,
  inner = false,
): Pointer[] {
  const found = new Map<string, Pointer>();
  const top = state.stack[state.stack.length - 1];
  for (const frame of [...state.stack].reverse()) {
    for (const [base, names] of terms.of(frame.unit)) {
      if (base.endsWith("[]") !== inner) continue;
      const value = resolve(inner ? base.slice(0, -2) : base, frame, state, tables);
      if (value === null || !isRef(value) || refId(value) !== object.id) continue;
      for (const name of names) {
        const at = resolve(name, frame, state, tables);
        const position = at === null ? null : asIndex(at);
        if (position === null || found.has(name)) continue;
        found.set(name, { name, position, current: frame === top });
      }
    }
  }
  return [...found.values()];
}

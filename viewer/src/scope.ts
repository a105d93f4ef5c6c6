/**
 * Owns names: what a name or a dotted expression means in a frame, which names an object goes by,
 * and which variables point into a sequence (from the access sites of the frame's code).
 */

import type { HeapObject } from "./heap";
import { NO_NOTES, type Notes } from "./notes";
import type { Frame, State } from "./state";
import type { Site, Tables } from "./tables";
import { type Atom, asIndex, isRef, refId, type Value } from "./values";

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
export function labelsOf(state: State, notes: Notes = NO_NOTES): Map<number, Label[]> {
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
  // Names that the author gave.
  for (const [id, { names }] of notes) for (const name of names) add(id, name, true);
  return labels;
}

/** Which variables look into which expression, per unit: a property of the program's text. */
export class IndexTerms {
  private seen = 0;
  private readonly byUnit = new Map<number, Map<string, Set<string>>>();
  private readonly starts = new Map<string, Site>();

  constructor(private readonly tables: Tables) {}

  /**
   * Base expression to index variables; `grid[]` is the base of the second index in `grid[r][c]`. Expressions that
   * are only walked through or sliced by constants are there with no variables.
   */
  of(unit: number): ReadonlyMap<string, ReadonlySet<string>> {
    const { sites } = this.tables;
    for (; this.seen < sites.length; this.seen++) this.add(sites[this.seen] as Site);
    return this.byUnit.get(unit) ?? new Map();
  }

  private add(site: Site): void {
    if (site.event !== "get" && site.event !== "set" && site.event !== "del" && site.event !== "iter") return;
    const start = `${site.unit}:${site.line}:${site.col}`;
    if (site.base && site.event === "get") this.starts.set(start, site);
    const outer = site.base ? undefined : this.starts.get(start);
    const base = site.base || (outer ? `${outer.base}[]` : "");
    if (!base) return;
    const bases = this.byUnit.get(site.unit) ?? new Map<string, Set<string>>();
    const names = bases.get(base) ?? new Set();
    for (const term of [...site.index, ...(site.slice ?? [])]) if (term) names.add(term.name);
    this.byUnit.set(site.unit, bases.set(base, names));
  }
}

/** A text that the code of an active call looks into, with the names it goes by. */
export interface TextInUse {
  readonly text: Atom;
  readonly labels: Label[];
}

/** A variable whose value is looked up in a container. */
interface Lookup {
  readonly name: string;
  readonly value: Value;
  readonly current: boolean;
}

/** What the names of the active calls mean at one step. Everything is worked out once, when first asked for. */
export class Names {
  private table: Map<string, Map<string, Lookup>> | null = null;
  private readonly found = new Map<string, TextInUse>();

  constructor(
    private readonly state: State,
    private readonly tables: Tables,
    private readonly terms: IndexTerms,
  ) {}

  /** Variables that point into an object, and with `inner` those that point into each of its elements. */
  pointersInto(object: HeapObject, inner = false): Pointer[] {
    return this.positions(`${object.id}${inner ? "[]" : ""}`);
  }

  /** Variables that point into a text. */
  pointersIntoText(text: Atom): Pointer[] {
    return this.positions(text.key);
  }

  /** Variables with which an object is looked into, with the value each has. */
  keysInto(object: HeapObject): readonly Lookup[] {
    return [...(this.lookups().get(String(object.id))?.values() ?? [])];
  }

  /** The texts that are indexed, sliced or walked through. */
  texts(): TextInUse[] {
    this.lookups();
    return [...this.found.values()];
  }

  private positions(subject: string): Pointer[] {
    const pointers: Pointer[] = [];
    for (const { name, value, current } of this.lookups().get(subject)?.values() ?? []) {
      const position = asIndex(value);
      if (position !== null) pointers.push({ name, position, current });
    }
    return pointers;
  }

  /** By object id (`id[]` for what its elements are looked into with) or a text's key. */
  private lookups(): Map<string, Map<string, Lookup>> {
    if (this.table) return this.table;
    this.table = new Map();
    const top = this.state.stack[this.state.stack.length - 1];
    const seen = new Set<number>();
    for (let i = this.state.stack.length - 1; i >= 0; i--) {
      const frame = this.state.stack[i] as Frame;
      // Of a recursion the innermost call tells: the others would give one name many places.
      if (frame !== top && seen.has(frame.unit)) continue;
      seen.add(frame.unit);
      for (const [base, names] of this.terms.of(frame.unit)) this.add(base, names, frame, frame === top);
    }
    return this.table;
  }

  private add(base: string, names: ReadonlySet<string>, frame: Frame, current: boolean): void {
    const inner = base.endsWith("[]");
    const path = inner ? base.slice(0, -2) : base;
    const value = resolve(path, frame, this.state, this.tables);
    if (value === null) return;
    const isText = typeof value !== "number" && value.kind === "str";
    if (!isRef(value) && (!isText || inner)) return;
    if (isText) this.addText(value, path, current);
    const subject = isText ? value.key : `${refId(value)}${inner ? "[]" : ""}`;
    const mine = this.table?.get(subject) ?? new Map<string, Lookup>();
    this.table?.set(subject, mine);
    for (const name of names) {
      const at = mine.has(name) ? null : resolve(name, frame, this.state, this.tables);
      if (at !== null) mine.set(name, { name, value: at, current });
    }
  }

  private addText(text: Atom, name: string, current: boolean): void {
    const found = this.found.get(text.key) ?? { text, labels: [] };
    this.found.set(text.key, found);
    if (!found.labels.some((label) => label.name === name)) found.labels.push({ name, current });
  }
}

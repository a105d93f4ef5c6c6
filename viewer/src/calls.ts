/** Owns every call of a run as a tree: who called whom, from which step to which. Flat columns, since there may be many. */

import { type Frame, tokenOf } from "./state";

/** Calls kept. A run with more shows the first ones; its call stack is complete at any step all the same. */
export const MAX_CALLS = 300_000;

const COLUMNS = ["unit", "parent", "start", "end", "first", "next", "last"] as const;
type Column = (typeof COLUMNS)[number];

/** One call by its number, which counts calls. */
export interface Call {
  readonly id: number;
  readonly unit: number;
  /** The caller's number, or -1. */
  readonly parent: number;
  /** The step at which it had begun; -1 for a call that began before the recording. */
  readonly start: number;
  /** The step at which it was over; -1 while it is not. */
  readonly end: number;
}

export class Calls {
  /** Calls seen, kept or not. */
  seen = 0;
  private size = 0;
  private readonly columns: Record<Column, Int32Array>;
  /** Numbers of the calls that are going on, outermost first. */
  private stack: number[] = [];
  /** Numbers of the calls that have a token, by it. */
  private readonly tokens = new Map<number, number>();

  constructor(private readonly limit = MAX_CALLS) {
    this.columns = Object.fromEntries(COLUMNS.map((name) => [name, new Int32Array(64)])) as Record<
      Column,
      Int32Array
    >;
  }

  /** Calls kept. */
  get length(): number {
    return this.size;
  }

  /** The calls that the recording found going on when it began, outermost first. */
  begin(units: readonly number[]): void {
    for (const unit of units) this.enter(unit, -1);
  }

  enter(unit: number, step: number, token = 0): void {
    const id = this.seen++;
    if (token > 0 && id < this.limit) this.tokens.set(token, id);
    const parent = this.stack[this.stack.length - 1] ?? -1;
    this.stack.push(id);
    if (id >= this.limit) return;
    if (id >= this.columns.unit.length) this.grow();
    const { columns } = this;
    for (const name of COLUMNS) columns[name][id] = -1;
    columns.unit[id] = unit;
    columns.parent[id] = parent;
    columns.start[id] = step;
    this.size = id + 1;
    if (parent < 0) return;
    const before = columns.last[parent] as number;
    if (before < 0) columns.first[parent] = id;
    else columns.next[before] = id;
    columns.last[parent] = id;
  }

  leave(step: number): void {
    const id = this.stack.length > 1 ? this.stack.pop() : this.stack[0];
    if (id !== undefined && id < this.size) this.columns.end[id] = step;
  }

  /** The call on top pauses (a generator yields). */
  suspend(): void {
    if (this.stack.length > 1) this.stack.pop();
  }

  /** A paused call goes on. */
  resume(token: number): void {
    this.stack.push(this.tokens.get(token) ?? this.limit);
  }

  /** The calls of a stack at a step, outermost first, as far as they are kept. */
  pathOf(stack: readonly Frame[], step: number): number[] {
    const path: number[] = [];
    for (const { id, unit } of stack) {
      const caller = path[path.length - 1];
      const call =
        this.tokens.get(tokenOf(id)) ?? (caller === undefined ? 0 : this.childAt(caller, unit, step));
      if (call === undefined || call >= this.size) break;
      path.push(call);
    }
    return path;
  }

  /** The call of a unit that a call has going on at a step. */
  private childAt(caller: number, unit: number, step: number): number | undefined {
    const { start, end, unit: units } = this.columns;
    let found: number | undefined;
    for (const child of this.children(caller)) {
      if ((start[child] as number) > step) break;
      const isOver = (end[child] as number) >= 0 && (end[child] as number) <= step;
      if (!isOver && units[child] === unit) found = child;
    }
    return found;
  }

  at(id: number): Call | null {
    if (id < 0 || id >= this.size) return null;
    const { unit, parent, start, end } = this.columns;
    return {
      id,
      unit: unit[id] as number,
      parent: parent[id] as number,
      start: start[id] as number,
      end: end[id] as number,
    };
  }

  /** The calls made by a call, in order. */
  *children(id: number): Generator<number> {
    for (let child = this.columns.first[id] ?? -1; child >= 0; child = this.columns.next[child] as number)
      yield child;
  }

  hasChildren(id: number): boolean {
    return (this.columns.first[id] ?? -1) >= 0;
  }

  private grow(): void {
    for (const name of COLUMNS) {
      const wider = new Int32Array(Math.min(this.limit, this.columns[name].length * 2));
      wider.set(this.columns[name]);
      this.columns[name] = wider;
    }
  }
}

/** Owns which calls of the tree are in sight, as rows: pure. */

import type { Calls } from "./calls";

export interface Row {
  readonly id: number;
  readonly depth: number;
  /** Whether its own calls are shown; null where it made none. */
  readonly open: boolean | null;
  /** A row that stands for so many calls more; else 0. */
  readonly more: number;
}

/** A run with so many calls is shown in full. */
const SMALL = 60;
/** Calls shown of one caller, around the one on the way to the current call. */
const SIBLINGS = 40;
const MAX_ROWS = 4000;

/** The rows of a tree: the calls in `path` are open, and whatever the reader has opened; of small runs everything. */
export function rowsOf(calls: Calls, path: readonly number[], toggled: ReadonlyMap<number, boolean>): Row[] {
  const rows: Row[] = [];
  const onPath = new Set(path);
  const small = calls.length <= SMALL;
  const visit = (id: number, depth: number) => {
    if (rows.length >= MAX_ROWS) return;
    const open = calls.hasChildren(id) ? (toggled.get(id) ?? (small || depth === 0 || onPath.has(id))) : null;
    rows.push({ id, depth, open, more: 0 });
    if (!open) return;
    const children = [...calls.children(id)];
    const centre = children.findIndex((child) => onPath.has(child));
    const from = Math.max(0, Math.min(centre - SIBLINGS / 2, children.length - SIBLINGS));
    const rest = (count: number, near: number) => {
      if (count > 0) rows.push({ id: near, depth: depth + 1, open: null, more: count });
    };
    rest(from, children[0] as number);
    for (const child of children.slice(from, from + SIBLINGS)) visit(child, depth + 1);
    rest(children.length - from - SIBLINGS, children.at(-1) as number);
  };
  if (calls.length > 0) visit(0, 0);
  return rows;
}

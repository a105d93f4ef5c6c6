/** Owns when a list of lists is a grid. */

import { type HeapObject, isAtomic, type Lookup } from "../heap";
import { FIT, type Fit, type Scene, type Subject } from "../structure";
import { isRef, refId } from "../values";

export interface GridModel {
  readonly object: HeapObject;
  readonly rows: readonly HeapObject[];
}

const MAX_ROWS = 4000;

export function fitGrid({ object }: Subject, { lookup, usage }: Scene): Fit<GridModel> | null {
  const rows = object && gridRows(object, lookup);
  if (!rows) return null;
  const [first] = rows as [HeapObject];
  const even = rows.every((row) => row.length === first.length);
  // Rows of different lengths are a grid where the code looks into them by row and column, as into a triangle.
  const walked = [...usage.of(object.id).bases.keys()].length > 0 && usage.of(first.id).indexed;
  return {
    score: even || walked ? FIT.shape : FIT.possible,
    model: () => ({ object, rows }),
    absorbed: ({ rows: all }) => all.map(({ id }) => id),
  };
}

/** The rows of a list of different lists of atoms; null where it is something else. */
export function gridRows(object: HeapObject, lookup: Lookup): HeapObject[] | null {
  if (object.kind !== "list" && object.kind !== "tuple") return null;
  if (object.items.length === 0 || object.items.length > MAX_ROWS) return null;
  const rows: HeapObject[] = [];
  const seen = new Set<number>();
  let cells = 0;
  for (const item of object.items) {
    const row = isRef(item) ? lookup(refId(item)) : undefined;
    if ((row?.kind !== "list" && row?.kind !== "array") || row === object || seen.has(row.id)) return null;
    if (!isRowOfAtoms(row, lookup)) return null;
    seen.add(row.id);
    rows.push(row);
    cells += row.length;
  }
  return cells > 0 ? rows : null;
}

const flat = new WeakMap<HeapObject, boolean>();

function isRowOfAtoms(row: HeapObject, lookup: Lookup): boolean {
  let known = flat.get(row);
  if (known === undefined) {
    known = !row.items.some((item) => isRef(item));
    flat.set(row, known);
  }
  return known || row.items.every((cell) => isAtomic(cell, lookup));
}

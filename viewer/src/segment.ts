/**
 * Owns the stretch of a trace from one keyframe to the next: the objects its chunks record, and marks kept on the way, so
 * that any of its steps is a short walk away. Marks thin out evenly where memory runs short.
 */

import type { DecodedChunk } from "./body";
import { type HeapObject, type Records, readRecord } from "./heap";
import type { Mark } from "./machine";
import type { Tables } from "./tables";

/** States that were shown last are kept, whatever they hold. */
const RECENT = 6;

/** Whether mark `a` lies at or before stop number `stops` of a chunk. */
function isBefore(a: Mark, chunk: number, stops: number): boolean {
  return a.chunk < chunk || (a.chunk === chunk && a.stops <= stops);
}

export class Segment {
  /** Rough bytes of records and marks. */
  bytes = 0;
  start: Mark | null = null;
  /** In the order of the run. */
  private marks: Mark[] = [];
  private recent: Mark[] = [];
  private readonly records: { readonly chunk: number; readonly records: Records }[] = [];
  private readonly known = new Map<number, { readonly chunk: number; readonly object: HeapObject }>();

  constructor(
    readonly keyframe: number,
    /** Records of earlier keyframes that this one's are patches of. */
    private readonly bases: ReadonlyMap<number, Records>,
    private readonly tables: Tables,
  ) {}

  /** Takes in the records of its next chunk; one that is there already is left alone. */
  add({ index, objects, atoms, recordAt }: DecodedChunk): void {
    if (index !== this.keyframe + this.records.length) return;
    this.records.push({ chunk: index, records: { objects, atoms, recordAt } });
    this.bytes += objects.length * 4 + atoms.length * 100 + recordAt.size * 50;
  }

  /** An object as recorded in the segment's chunks up to `chunk`. */
  readonly find = (id: number, chunk: number): HeapObject | undefined => {
    const found = this.known.get(id);
    if (found !== undefined) return found.chunk <= chunk ? found.object : undefined;
    for (const entry of this.records) {
      if (entry.chunk > chunk) return undefined;
      if (!entry.records.recordAt.has(id)) continue;
      const lookup = (other: number) => this.find(other, entry.chunk);
      const announce = (object: HeapObject) => this.known.set(id, { chunk: entry.chunk, object });
      return readRecord(entry.records, id, this.tables, lookup, (base) => this.bases.get(base), announce);
    }
    return undefined;
  };

  /** The nearest mark at or before a stop. */
  nearest(chunk: number, stops: number): Mark {
    let low = 0;
    let high = this.marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.marks[middle] as Mark, chunk, stops)) low = middle + 1;
      else high = middle;
    }
    let best = this.marks[low - 1] ?? (this.start as Mark);
    for (const mark of this.recent)
      if (isBefore(mark, chunk, stops) && isBefore(best, mark.chunk, mark.stops)) best = mark;
    return best;
  }

  /** Keeps a mark for as long as there is room. */
  keep(mark: Mark): void {
    let at = this.marks.length;
    while (at > 0 && !isBefore(this.marks[at - 1] as Mark, mark.chunk, mark.stops)) at--;
    const last = this.marks[at - 1];
    if (last?.chunk === mark.chunk && last.stops === mark.stops) return;
    this.marks.splice(at, 0, mark);
    this.bytes += mark.bytes;
  }

  /** Keeps the mark of a state that is shown. */
  show(mark: Mark): void {
    this.recent = [mark, ...this.recent.filter((other) => other !== mark)].slice(0, RECENT);
  }

  /** Lets every second mark go; false where there is none to let go. */
  thin(): boolean {
    if (this.marks.length < 2) return false;
    const kept: Mark[] = [];
    this.marks.forEach((mark, i) => {
      if (i % 2) kept.push(mark);
      else this.bytes -= mark.bytes;
    });
    this.marks = kept;
    return true;
  }
}

/**
 * Owns columns: from bytes of a body to typed arrays, in all their forms, with every value in them checked. A run of equal
 * values stays what it is, so that a few bytes never become many.
 */

import { FALSE, isValidRaw, TRUE } from "./values";
import { TraceError } from "./wire";

/** Values of one place in the source, in order. */
export interface Column {
  /** Values as they stand in the log, or numbers that `holds` says what to make of; one only where `stride` is 0. */
  readonly data: Int32Array | Float64Array;
  readonly count: number;
  readonly stride: 0 | 1;
  readonly holds: "values" | "floats" | "integers";
}

/** Values that a chunk may hold in all its columns, runs of equal ones left out. */
const MAX_VALUES = 2 ** 24;

const DIFFERENCES = 0x80;
const INTEGERS = 0x40;
const RUN = 0x20;
const DOUBLES = 0x21;
const BOOLEANS = 0x22;
const LARGE = 0x23;

const EMPTY = new Int32Array(0);
export const NO_VALUES: Column = { data: EMPTY, count: 0, stride: 1, holds: "values" };

type Width = 1 | 2 | 3 | 4;

/** Reads a body from its beginning to its end. */
export class Reader {
  private at = 0;
  private left = MAX_VALUES;
  private readonly view: DataView;

  constructor(private readonly raw: Uint8Array) {
    this.view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  bytes(size: number): Uint8Array {
    const from = this.take(size);
    return this.raw.subarray(from, from + size);
  }

  /** A column of plain integers. */
  integers(): Int32Array {
    const column = this.column(this.form(false));
    if (column.stride === 1) return column.data as Int32Array;
    // Where every value is the same there is nothing to tell: what is recorded so has few of them.
    if (column.count > this.raw.length) throw new TraceError("a chunk has a column of too many equal values");
    return new Int32Array(column.count).fill(column.data[0] as number);
  }

  /** The path: as `integers`, but any number of equal codes may stand in it. */
  path(): Column {
    return this.column(this.form(false));
  }

  /** A column of values. */
  values(atoms: number): Column {
    const form = this.form(true);
    const column = this.column(form);
    if (column.holds === "values" && !(form & INTEGERS)) checkValues(column.data as Int32Array, atoms);
    return column;
  }

  end(): void {
    if (this.at !== this.raw.length) throw new TraceError("a chunk's body is longer than its columns");
  }

  private take(size: number): number {
    const from = this.at;
    if (size > this.raw.length - from) throw new TraceError("a chunk's body ends too early");
    this.at = from + size;
    return from;
  }

  private form(values: boolean): number {
    const form = this.view.getUint8(this.take(1));
    const width = form & ~(DIFFERENCES | INTEGERS);
    const known = isWidth(width)
      ? values || !(form & INTEGERS)
      : form === RUN ||
        (values && (form === DOUBLES || form === BOOLEANS || (form & ~DIFFERENCES) === LARGE));
    if (!known) throw new TraceError("a chunk has a column of unknown form");
    return form;
  }

  private column(form: number): Column {
    const count = this.u32();
    if (form === RUN) return this.run(count);
    this.left -= count;
    if (this.left < 0) throw new TraceError("a chunk has too many values");
    if (count === 0) return NO_VALUES;
    if (form === DOUBLES) return this.doubles(count);
    if (form === BOOLEANS) return this.booleans(count);
    if ((form & ~DIFFERENCES) === LARGE) return this.large(count, form !== LARGE);
    const width = (form & 7) as Width;
    const data = form & DIFFERENCES ? this.sums(width, count) : this.plain(width, count, 0);
    if (form & INTEGERS) tag(data);
    return { data, count, stride: 1, holds: "values" };
  }

  private run(count: number): Column {
    if (count === 0) return NO_VALUES;
    const data = Int32Array.of(this.view.getInt32(this.take(4), true));
    return { data, count, stride: 0, holds: "values" };
  }

  private doubles(count: number): Column {
    const from = this.take(count * 8);
    const data = new Float64Array(count);
    for (let i = 0; i < count; i++) data[i] = this.view.getFloat64(from + 8 * i, true);
    return { data, count, stride: 1, holds: "floats" };
  }

  private booleans(count: number): Column {
    const from = this.take(count);
    const data = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const bit = this.raw[from + i] as number;
      if (bit > 1) throw new TraceError("a chunk has a truth value that is none");
      data[i] = (bit ? TRUE : FALSE) as number;
    }
    return { data, count, stride: 1, holds: "values" };
  }

  /** Integers that doubles hold exactly: eight planes of each, or the first and what is added each time. */
  private large(count: number, differences: boolean): Column {
    const data = new Float64Array(count);
    if (differences) {
      const at = this.take(9);
      data[0] = Number(this.view.getBigInt64(at, true));
      const width = this.raw[at + 8] as number;
      if (!isWidth(width)) throw new TraceError("a chunk has a column of unknown form");
      const steps = this.plain(width, count - 1, 1);
      for (let i = 1; i < count; i++) data[i] = (data[i - 1] as number) + (steps[i] as number);
    } else {
      const low = this.plain(4, count, 0);
      const high = this.plain(4, count, 0);
      for (let i = 0; i < count; i++) data[i] = (high[i] as number) * 2 ** 32 + ((low[i] as number) >>> 0);
    }
    if (!data.every(Number.isSafeInteger)) throw new TraceError("a chunk has a column that leaves 53 bits");
    return { data, count, stride: 1, holds: "integers" };
  }

  private sums(width: Width, count: number): Int32Array {
    const first = this.view.getInt32(this.take(4), true);
    const data = this.plain(width, count - 1, 1);
    data[0] = first;
    let value = first;
    for (let i = 1; i < count; i++) {
      value += data[i] as number;
      if (value !== (value | 0)) throw new TraceError("a chunk has a column that leaves 32 bits");
      data[i] = value;
    }
    return data;
  }

  /** `count` integers, written from position `skip` of the new array on. */
  private plain(width: Width, count: number, skip: number): Int32Array {
    const from = this.take(count * width);
    const data = new Int32Array(count + skip);
    const { raw } = this;
    // All lowest bytes come first, then all that are next; the sign is the highest one's.
    for (let rank = 0; rank < width; rank++) {
      const plane = from + rank * count;
      const left = rank === width - 1 ? 24 : 0;
      for (let i = 0; i < count; i++) {
        const byte = raw[plane + i] as number;
        data[i + skip] = (data[i + skip] as number) | (((byte << left) >> left) << (8 * rank));
      }
    }
    return data;
  }
}

function isWidth(width: number): width is Width {
  return width >= 1 && width <= 4;
}

/** Makes small-int values of integers, in place. */
function tag(data: Int32Array): void {
  for (let i = 0; i < data.length; i++) {
    const n = data[i] as number;
    if ((n << 2) >> 2 !== n) throw new TraceError("a chunk has a column that leaves 32 bits");
    data[i] = n << 2;
  }
}

function checkValues(data: Int32Array, atoms: number): void {
  for (let i = 0; i < data.length; i++) {
    if (!isValidRaw(data[i] as number, atoms)) throw new TraceError("a chunk refers to a value it lacks");
  }
}

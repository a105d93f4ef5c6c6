/**
 * Owns the inside of a chunk: an inflated body becomes typed columns, every reference in it checked.
 * What `decodeBody` returns can be replayed without further checks of shape.
 */

import { EVENTS, type Site, type Tables } from "./tables";
import { type Atom, isValidRaw, parseAtoms } from "./values";
import { type RawChunk, TraceError } from "./wire";

export interface DecodedChunk {
  readonly index: number;
  readonly firstStep: number;
  readonly steps: number;
  readonly atoms: readonly Atom[];
  /** Flat object records; `recordAt` finds one by object id. */
  readonly objects: Int32Array;
  readonly recordAt: ReadonlyMap<number, number>;
  readonly frames: Int32Array;
  /** Flat records of `fill` events. Their width depends on the container's kind, so the replay reads and checks them. */
  readonly fills: Int32Array;
  /** Sites used here; an event's code indexes this list. */
  readonly sites: readonly Site[];
  readonly codes: Int32Array;
  /** Which of its site's events an event is: the row in that site's operand columns. */
  readonly rows: Int32Array;
  /** Operand columns by code. */
  readonly operands: readonly (readonly Int32Array[])[];
  /** Event index of the i-th stop in this chunk; `stops[steps]` is the number of events. */
  readonly stops: Int32Array;
  readonly outputs: number;
  /** Rough size in memory, in bytes: what the cache is bounded by. */
  readonly bytes: number;
}

class Reader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly raw: Uint8Array) {
    this.view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  }

  private take(size: number): number {
    const from = this.at;
    if (size > this.raw.length - from) throw new TraceError("a chunk's body ends too early");
    this.at = from + size;
    return from;
  }

  atoms(): Atom[] {
    const size = this.view.getUint32(this.take(4), true);
    const from = this.take(size);
    return parseAtoms(this.raw.subarray(from, from + size));
  }

  column(): Int32Array {
    const kind = this.view.getUint8(this.take(1));
    const width = kind & 0x7f;
    if (width !== 1 && width !== 2 && width !== 4)
      throw new TraceError("a chunk has a column of unknown width");
    const count = this.view.getUint32(this.take(4), true);
    if (!(kind & 0x80) || count === 0) return this.integers(width, count, 0);
    const first = this.view.getInt32(this.take(4), true);
    const values = this.integers(width, count - 1, 1);
    values[0] = first;
    let value = first;
    for (let i = 1; i < count; i++) {
      value += values[i] as number;
      if (value !== (value | 0)) throw new TraceError("a chunk has a column that leaves 32 bits");
      values[i] = value;
    }
    return values;
  }

  /** `count` integers, written from position `skip` of the new array on. */
  private integers(width: 1 | 2 | 4, count: number, skip: number): Int32Array {
    const from = this.take(count * width);
    const values = new Int32Array(count + skip);
    const { view } = this;
    if (width === 1) for (let i = 0; i < count; i++) values[i + skip] = view.getInt8(from + i);
    else if (width === 2)
      for (let i = 0; i < count; i++) values[i + skip] = view.getInt16(from + 2 * i, true);
    else for (let i = 0; i < count; i++) values[i + skip] = view.getInt32(from + 4 * i, true);
    return values;
  }

  end(): void {
    if (this.at !== this.raw.length) throw new TraceError("a chunk's body is longer than its columns");
  }
}

/** Decodes and checks an inflated body. Throws TraceError. */
export function decodeBody(
  chunk: RawChunk,
  raw: Uint8Array,
  tables: Tables,
  outputPieces: number,
): DecodedChunk {
  const reader = new Reader(raw);
  const atoms = reader.atoms();
  const objects = reader.column();
  const frames = reader.column();
  const fills = reader.column();
  const sites = readSites(reader.column(), tables);
  const codes = reader.column();
  const operands = sites.map((site) => Array.from({ length: operandCount(site) }, () => reader.column()));
  reader.end();
  const recordAt = indexRecords(objects, atoms, tables);
  checkFrames(frames, atoms, tables);
  const counts = indexEvents(codes, sites, chunk.steps);
  checkOperands(sites, operands, counts.perSite, atoms.length, tables.names.length);
  if (counts.outputs > outputPieces) throw new TraceError("a chunk has more output events than output");
  return {
    index: chunk.index,
    firstStep: chunk.firstStep,
    steps: chunk.steps,
    atoms,
    objects,
    recordAt,
    frames,
    fills,
    sites,
    codes,
    rows: counts.rows,
    operands,
    stops: counts.stops,
    outputs: counts.outputs,
    bytes: raw.length * 2 + codes.length * 12 + objects.length * 4 + atoms.length * 80,
  };
}

function operandCount(site: Site): number {
  const { operands } = EVENTS[site.event];
  return operands === "*" ? site.names.length : operands.length;
}

function readSites(ids: Int32Array, tables: Tables): Site[] {
  const sites: Site[] = [];
  let last = -1;
  for (const id of ids) {
    const site = tables.sites[id];
    if (site === undefined || id <= last) throw new TraceError("a chunk names a site that does not exist");
    sites.push(site);
    last = id;
  }
  return sites;
}

interface EventIndex {
  readonly rows: Int32Array;
  readonly stops: Int32Array;
  readonly perSite: Int32Array;
  readonly outputs: number;
}

function indexEvents(codes: Int32Array, sites: readonly Site[], steps: number): EventIndex {
  if (steps > codes.length) throw new TraceError("a chunk has fewer events than steps");
  const perSite = new Int32Array(sites.length);
  const rows = new Int32Array(codes.length);
  const stops = new Int32Array(steps + 1);
  const isStop = sites.map((site) => EVENTS[site.event].stop);
  let stop = 0;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    if (code < 0 || code >= sites.length) throw new TraceError("a chunk has an event at no site");
    rows[i] = perSite[code] as number;
    perSite[code] = (rows[i] as number) + 1;
    if (isStop[code]) {
      if (stop === steps) throw new TraceError("a chunk has more stops than it declares");
      stops[stop++] = i;
    }
  }
  if (stop !== steps) throw new TraceError("a chunk has fewer stops than it declares");
  stops[steps] = codes.length;
  const outputs = sites.reduce(
    (n, site, code) => (site.event === "output" ? n + (perSite[code] as number) : n),
    0,
  );
  return { rows, stops, perSite, outputs };
}

function checkOperands(
  sites: readonly Site[],
  operands: readonly (readonly Int32Array[])[],
  perSite: Int32Array,
  atomCount: number,
  nameCount: number,
): void {
  sites.forEach((site, code) => {
    const letters = EVENTS[site.event].operands;
    (operands[code] as readonly Int32Array[]).forEach((column, i) => {
      if (column.length !== perSite[code]) throw new TraceError("a chunk has a column of the wrong length");
      const letter = letters === "*" ? "v" : (letters[i] as string);
      if (letter === "i") {
        if (site.event === "call") checkRange(column, 0, nameCount);
      } else {
        for (let j = 0; j < column.length; j++) {
          if (!isValidRaw(column[j] as number, atomCount))
            throw new TraceError("a chunk refers to a value it lacks");
        }
      }
    });
  });
}

function checkRange(column: Int32Array, low: number, end: number): void {
  for (const value of column) {
    if (value < low || value >= end) throw new TraceError("a chunk refers to a name that does not exist");
  }
}

/** Checks `shown` entries at `at` and returns where they end. */
function checkEntries(
  flat: Int32Array,
  at: number,
  shown: number,
  kind: string,
  atoms: number,
  names: number,
): number {
  const pairs = kind === "dict" || kind === "object";
  const end = at + shown * (pairs ? 2 : 1);
  if (shown < 0 || end > flat.length) throw new TraceError("a chunk has an object record that is cut off");
  for (let i = at; i < end; i++) {
    const raw = flat[i] as number;
    const isName = kind === "object" && (i - at) % 2 === 0;
    const ok = isName ? raw >= 0 && raw < names : isValidRaw(raw, atoms);
    if (!ok) throw new TraceError("a chunk has an object record that refers to nothing");
  }
  return end;
}

function indexRecords(flat: Int32Array, atoms: readonly Atom[], tables: Tables): Map<number, number> {
  const index = new Map<number, number>();
  let at = 0;
  while (at < flat.length) {
    if (flat.length - at < 4) throw new TraceError("a chunk has an object record that is cut off");
    const [id, type, length, shown] = flat.subarray(at, at + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const kind = tables.types[type]?.kind;
    if (kind === undefined || id <= 0 || length < shown) {
      throw new TraceError("a chunk has an object record of an unknown kind");
    }
    index.set(id, at);
    at = checkEntries(flat, at + 4, shown, kind, atoms.length, tables.names.length);
  }
  return index;
}

function checkFrames(flat: Int32Array, atoms: readonly Atom[], tables: Tables): void {
  const bad = () => new TraceError("a chunk has a call stack of the wrong form");
  if (flat.length < 2) throw bad();
  let at = 2;
  for (let left = flat[1] as number; left > 0; left--) {
    if (flat.length - at < 5) throw bad();
    const [, unit, , status, n] = flat.subarray(at, at + 5) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    if (unit < 0 || unit >= tables.units.length || status < 0 || status > 2) throw bad();
    at = checkEntries(flat, at + 5, n, "object", atoms.length, tables.names.length);
  }
  if (at !== flat.length) throw bad();
}

/**
 * Owns the inside of a chunk: an inflated body becomes columns, records and the call stack of a keyframe, every reference
 * in it checked. What `decodeBody` returns can be replayed without further checks of shape.
 */

import { MAX_COLUMN } from "./blocks";
import { type Column, Reader } from "./columns";
import type { Tables } from "./tables";
import { type Atom, isValidRaw, parseAtoms } from "./values";
import { type RawChunk, TraceError } from "./wire";

export interface DecodedChunk {
  readonly index: number;
  readonly firstStep: number;
  readonly steps: number;
  readonly keyframe: boolean;
  /** Pieces of output printed before it, and in it. */
  readonly outputs: number;
  readonly pieces: number;
  readonly atoms: readonly Atom[];
  /** Flat object records; `recordAt` finds one by object id. */
  readonly objects: Int32Array;
  readonly recordAt: ReadonlyMap<number, number>;
  /** Chunks whose records its patches are about. */
  readonly bases: readonly number[];
  readonly frames: Int32Array;
  /** Flat records of `fill` events. Their width depends on the container's kind, so the replay reads and checks them. */
  readonly fills: Int32Array;
  readonly path: Column;
  /** Value columns by number. */
  readonly columns: ReadonlyMap<number, Column>;
  /** Size in memory, in bytes, as far as it is known: what the cache is bounded by. */
  readonly bytes: number;
}

/** Fields of a frame in a keyframe before its temporaries. */
export const FRAME_FIELDS = 11;

/** Decodes and checks an inflated body. Throws TraceError. */
export function decodeBody(
  chunk: RawChunk,
  raw: Uint8Array,
  tables: Tables,
  output: { readonly before: number; readonly pieces: number },
): DecodedChunk {
  const reader = new Reader(raw);
  const atoms = parseAtoms(reader.bytes(reader.u32()));
  const frames = reader.integers();
  const objects = reader.integers();
  const fills = reader.integers();
  const path = reader.path();
  const columns = readColumns(reader, atoms.length);
  reader.end();
  const { recordAt, bases } = indexRecords(objects, chunk, atoms.length, tables);
  if (chunk.keyframe) checkFrames(frames, atoms.length, tables);
  else if (frames.length > 0) throw new TraceError("a chunk has a call stack and is no keyframe");
  const { index, firstStep, steps, keyframe } = chunk;
  const bytes = bytesOf([frames, objects, fills, path.data], columns, atoms) + recordAt.size * RECORD_BYTES;
  return {
    index,
    firstStep,
    steps,
    keyframe,
    outputs: output.before,
    pieces: output.pieces,
    atoms,
    objects,
    recordAt,
    bases,
    frames,
    fills,
    path,
    columns,
    bytes,
  };
}

/** Rough bytes of an atom without its text, of a column without its values, and of a record in its index. */
const ATOM_BYTES = 150;
const COLUMN_BYTES = 250;
const RECORD_BYTES = 40;

function bytesOf(
  arrays: readonly (Int32Array | Float64Array)[],
  columns: ReadonlyMap<number, Column>,
  atoms: readonly Atom[],
): number {
  let bytes = 2000;
  for (const array of arrays) bytes += array.byteLength;
  for (const { data } of columns.values()) bytes += COLUMN_BYTES + data.byteLength;
  for (const { text } of atoms) bytes += ATOM_BYTES + 2 * text.length;
  return bytes;
}

function readColumns(reader: Reader, atoms: number): Map<number, Column> {
  const columns = new Map<number, Column>();
  let last = -1;
  for (let left = reader.u32(); left > 0; left--) {
    const number = reader.u32();
    if (number <= last || number > MAX_COLUMN) throw new TraceError("a chunk has a column out of order");
    columns.set(number, reader.values(atoms));
    last = number;
  }
  return columns;
}

function cutOff(): never {
  throw new TraceError("a chunk has an object record that is cut off");
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
  if (shown < 0 || end > flat.length) cutOff();
  for (let i = at; i < end; i++) {
    const raw = flat[i] as number;
    const isName = kind === "object" && (i - at) % 2 === 0;
    const ok = isName ? raw >= 0 && raw < names : isValidRaw(raw, atoms);
    if (!ok) throw new TraceError("a chunk has an object record that refers to nothing");
  }
  return end;
}

function indexRecords(flat: Int32Array, { index, keyframe }: RawChunk, atoms: number, tables: Tables) {
  const recordAt = new Map<number, number>();
  const bases = new Set<number>();
  let at = 0;
  while (at < flat.length) {
    if (flat.length - at < 4) cutOff();
    const id = flat[at] as number;
    const kind = tables.types[flat[at + 1] as number]?.kind;
    const length = flat[at + 2] as number;
    const shown = flat[at + 3] as number;
    if (kind === undefined || id <= 0 || length < 0 || length < shown) {
      throw new TraceError("a chunk has an object record of an unknown kind");
    }
    recordAt.set(id, at);
    if (shown >= 0) at = checkEntries(flat, at + 4, shown, kind, atoms, tables.names.length);
    else {
      if (shown !== -1 || !keyframe) throw new TraceError("a chunk has an object record of a wrong form");
      at = checkPatch(flat, at, index, atoms);
      bases.add(flat[(recordAt.get(id) as number) + 4] as number);
    }
  }
  return { recordAt, bases: [...bases].sort((a, b) => a - b) };
}

/** Checks a patch (but for what it is applied to) and returns where it ends. */
function checkPatch(flat: Int32Array, at: number, index: number, atoms: number): number {
  if (flat.length - at < 6) cutOff();
  const length = flat[at + 2] as number;
  const chunk = flat[at + 4] as number;
  const n = flat[at + 5] as number;
  const end = at + 6 + 2 * n;
  if (n < 0 || end > flat.length) cutOff();
  if (chunk < 0 || chunk >= index)
    throw new TraceError("a chunk has a patch of a chunk that is not before it");
  for (let i = at + 6; i < end; i += 2) {
    const position = flat[i] as number;
    if (position < 0 || position >= length || !isValidRaw(flat[i + 1] as number, atoms)) {
      throw new TraceError("a chunk has a patch that refers to nothing");
    }
  }
  return end;
}

function checkFrames(flat: Int32Array, atoms: number, tables: Tables): void {
  const check = (ok: boolean) => {
    if (!ok) throw new TraceError("a chunk has a call stack of the wrong form");
  };
  const valid = (at: number) => isValidRaw(flat[at] as number, atoms);
  check(flat.length > 0);
  let at = 1;
  let suspended = false;
  for (let left = flat[0] as number; left > 0; left--) {
    check(flat.length - at >= FRAME_FIELDS);
    const [id, unit, , status, token, waits, block, done, t, l, n] = flat.subarray(
      at,
      at + FRAME_FIELDS,
    ) as unknown as number[] as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    check(id >= 0 && unit >= 0 && unit < tables.units.length && status >= 0 && status <= 2);
    check(status === 1 || !suspended);
    suspended = status === 1;
    check(token >= 0 && waits >= 0 && block >= -1 && block < tables.blocks.length && done >= 0);
    const steps = block < 0 ? [] : (tables.blocks[block]?.steps ?? []);
    check(done <= steps.length);
    check(t === steps.slice(0, done).filter((step) => step.does === "read").length);
    check(l >= 0 && n >= 0 && l <= flat.length && n <= flat.length);
    at += FRAME_FIELDS;
    const end = at + t + 3 * l + 2 * n;
    check(end <= flat.length);
    for (const to = at + t; at < to; at++) check(valid(at));
    for (const to = at + 3 * l; at < to; at += 3)
      check((flat[at] as number) >= 0 && (flat[at + 1] as number) >= -1 && valid(at + 2));
    at = checkEntries(flat, at, n, "object", atoms, tables.names.length);
  }
  check((flat.length - at) % 4 === 0);
  for (; at < flat.length; at += 4) {
    const kind = flat[at] as number;
    check(kind >= 0 && kind < 8 && valid(at + 1) && valid(at + 2) && valid(at + 3));
  }
}

/**
 * Owns the outside of a chunk: splitting a trace into chunks, checking header and checksum, parsing the meta.
 * Everything here is synchronous; bodies are inflated and decoded in body.ts when a step inside is wanted.
 */

import { InflateError, inflateNow } from "./inflate";

export const FORMAT_VERSION = 3;
/** Bytes of a chunk before its meta. */
export const HEADER_SIZE = 36;
/** A body may inflate to at most this many bytes. */
export const MAX_RAW_SIZE = 64 * 1024 * 1024;

/** A chunk holds at most this many stops. */
const MAX_STEPS = 2 ** 22;

const MAGIC = 0x4c545344; // "DSTL", read little-endian
const FLAG_DEFLATED = 1;
const FLAG_KEYFRAME = 2;

/** A trace that does not keep to docs/trace-format.md. The message is fit to be shown. */
export class TraceError extends Error {
  override name = "TraceError";
}

/** One chunk as it came: header fields, parsed meta, and the body still as stored. */
export interface RawChunk {
  readonly index: number;
  /** Stops before this chunk. */
  readonly firstStep: number;
  /** Stops in this chunk. */
  readonly steps: number;
  /** Whether it begins with the whole state. */
  readonly keyframe: boolean;
  readonly deflated: boolean;
  readonly rawSize: number;
  readonly meta: unknown;
  readonly body: Uint8Array;
}

/** What a byte does to a checksum, and what it does when 1, 2 or 3 bytes follow it. */
const CRC_TABLES = makeCrcTables();

function makeCrcTables(): Int32Array {
  const tables = new Int32Array(1024);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    tables[n] = c;
  }
  for (let n = 256; n < 1024; n++) {
    const before = tables[n - 256] as number;
    tables[n] = (tables[before & 255] as number) ^ (before >>> 8);
  }
  return tables;
}

/** CRC-32 as zlib computes it; four bytes at a time, since a long run's log has tens of millions. */
export function crc32(bytes: Uint8Array): number {
  const tables = CRC_TABLES;
  let crc = -1;
  let at = 0;
  for (const end = bytes.length - 3; at < end; at += 4) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (tables[768 + (crc & 255)] as number) ^
      (tables[512 + ((crc >>> 8) & 255)] as number) ^
      (tables[256 + ((crc >>> 16) & 255)] as number) ^
      (tables[crc >>> 24] as number);
  }
  for (; at < bytes.length; at++) crc = (tables[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Bytes the chunk at `offset` takes, by its header; throws TraceError where there is no whole header. */
export function chunkSizeAt(bytes: Uint8Array, offset: number): number {
  if (bytes.length - offset < HEADER_SIZE) throw new TraceError("the trace ends inside a chunk header");
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, HEADER_SIZE);
  if (view.getUint32(0, true) !== MAGIC) throw new TraceError("this is not a dstruct trace");
  const version = view.getUint8(4);
  if (version !== FORMAT_VERSION) {
    throw new TraceError(`the trace has format version ${version}, this viewer reads ${FORMAT_VERSION}`);
  }
  const size = HEADER_SIZE + view.getUint32(20, true) + view.getUint32(24, true);
  if (size > bytes.length - offset) throw new TraceError("the trace ends inside a chunk");
  return size;
}

/** The chunks of a trace file, as views on its bytes. Stops at the first bad one, which `problem` then names. */
export function splitChunks(bytes: Uint8Array): { chunks: Uint8Array[]; problem: TraceError | null } {
  const chunks: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    try {
      const size = chunkSizeAt(bytes, offset);
      chunks.push(bytes.subarray(offset, offset + size));
      offset += size;
    } catch (error) {
      return { chunks, problem: asTraceError(error) };
    }
  }
  return { chunks, problem: chunks.length ? null : new TraceError("the trace is empty") };
}

/** Checks one chunk's header, sizes and checksum and parses its meta. Throws TraceError. */
export function parseChunk(bytes: Uint8Array): RawChunk {
  const size = chunkSizeAt(bytes, 0);
  if (size !== bytes.length) throw new TraceError("a chunk is followed by bytes that belong to nothing");
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_SIZE);
  const flags = view.getUint8(5);
  if (flags & ~(FLAG_DEFLATED | FLAG_KEYFRAME) || view.getUint16(6, true) !== 0)
    throw new TraceError("a chunk has unknown flags");
  const rawSize = view.getUint32(28, true);
  if (rawSize > MAX_RAW_SIZE) throw new TraceError("a chunk claims to inflate to more than 64 MiB");
  if (view.getUint32(16, true) > MAX_STEPS)
    throw new TraceError("a chunk claims to hold more steps than any does");
  const deflated = (flags & FLAG_DEFLATED) !== 0;
  if (!deflated && rawSize !== view.getUint32(24, true)) throw new TraceError("a chunk's sizes disagree");
  if (crc32(bytes.subarray(HEADER_SIZE)) !== view.getUint32(32, true)) {
    throw new TraceError("a chunk's checksum is wrong");
  }
  const bodyAt = HEADER_SIZE + view.getUint32(20, true);
  return {
    index: view.getUint32(8, true),
    firstStep: view.getUint32(12, true),
    steps: view.getUint32(16, true),
    keyframe: (flags & FLAG_KEYFRAME) !== 0,
    deflated,
    rawSize,
    meta: parseJson(bytes.subarray(HEADER_SIZE, bodyAt), "a chunk's meta"),
    body: bytes.subarray(bodyAt),
  };
}

/** JSON from UTF-8 bytes, or TraceError naming `what`. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new TraceError(`${what} is not JSON`);
  }
}

/** Any thrown thing as a TraceError: what a reader shows is always one sentence of ours. */
export function asTraceError(error: unknown): TraceError {
  if (error instanceof TraceError) return error;
  return new TraceError(error instanceof Error ? error.message : String(error));
}

/** The stored body inflated to exactly `rawSize` bytes. Never allocates more than it declares. Throws TraceError. */
export function inflate({ body, deflated, rawSize }: RawChunk): Uint8Array {
  if (!deflated) return body;
  try {
    return inflateNow(body, rawSize);
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    throw new TraceError("a chunk's body cannot be inflated to what it declares");
  }
}

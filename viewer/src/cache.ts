/** Owns decoded chunks: keeps what was decoded as far as there is room, and forgets the least recently used. */

import { type DecodedChunk, decodeBody } from "./body";
import type { TraceLog } from "./log";
import { asTraceError, type RawChunk } from "./wire";

export class ChunkCache {
  private readonly decoded = new Map<number, DecodedChunk>();
  private bytes = 0;

  constructor(
    private readonly log: TraceLog,
    /** Bytes of decoded chunks kept. */
    private readonly limit: number,
  ) {}

  /** The chunk if it is decoded already. */
  get(index: number): DecodedChunk | undefined {
    const chunk = this.decoded.get(index);
    if (chunk) {
      // A Map keeps insertion order: taking an entry out and in again makes it the most recent.
      this.decoded.delete(index);
      this.decoded.set(index, chunk);
    }
    return chunk;
  }

  /** The chunk, decoded now if need be, and kept. Throws TraceError. */
  load(index: number): DecodedChunk {
    const ready = this.get(index);
    if (ready) return ready;
    const chunk = this.make(index);
    this.decoded.set(index, chunk);
    this.bytes += chunk.bytes;
    this.shrink(index);
    return chunk;
  }

  /** The chunk for one look: as it is held, else decoded and not kept. Throws TraceError. */
  read(index: number): DecodedChunk {
    return this.decoded.get(index) ?? this.make(index);
  }

  /** Bytes held now. */
  get size(): number {
    return this.bytes;
  }

  private make(index: number): DecodedChunk {
    const { log } = this;
    try {
      const before = log.outputBefore[index] as number;
      const pieces = (log.outputBefore[index + 1] ?? log.tables.output.length) - before;
      return decodeBody(log.chunks[index] as RawChunk, log.inflate(index), log.tables, { before, pieces });
    } catch (error) {
      throw asTraceError(error);
    }
  }

  private shrink(keep: number): void {
    for (const [index, chunk] of this.decoded) {
      if (this.bytes <= this.limit) return;
      if (index === keep) continue;
      this.decoded.delete(index);
      this.bytes -= chunk.bytes;
    }
  }
}

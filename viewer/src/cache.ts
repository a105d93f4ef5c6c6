/** Owns decoded chunks: inflates and decodes each at most once at a time, and forgets the least recently used. */

import { type DecodedChunk, decodeBody } from "./body";
import type { TraceLog } from "./log";
import { asTraceError, type RawChunk } from "./wire";

export class ChunkCache {
  private readonly decoded = new Map<number, DecodedChunk>();
  private readonly pending = new Map<number, Promise<DecodedChunk>>();
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

  /** The chunk, decoded now if need be. Rejects with TraceError. */
  load(index: number): Promise<DecodedChunk> {
    const ready = this.get(index);
    if (ready) return Promise.resolve(ready);
    let job = this.pending.get(index);
    if (!job) {
      job = this.decode(index).finally(() => this.pending.delete(index));
      this.pending.set(index, job);
    }
    return job;
  }

  /** The chunk for one look: as it is held, else decoded and not kept. Rejects with TraceError. */
  read(index: number): Promise<DecodedChunk> {
    const ready = this.decoded.get(index);
    return ready ? Promise.resolve(ready) : this.make(index);
  }

  /** Bytes held now. */
  get size(): number {
    return this.bytes;
  }

  private async decode(index: number): Promise<DecodedChunk> {
    const chunk = await this.make(index);
    this.decoded.set(index, chunk);
    this.bytes += chunk.bytes;
    this.shrink(index);
    return chunk;
  }

  private async make(index: number): Promise<DecodedChunk> {
    const { log } = this;
    try {
      const raw = await log.inflate(index);
      const before = log.outputBefore[index] as number;
      const pieces = (log.outputBefore[index + 1] ?? log.tables.output.length) - before;
      return decodeBody(log.chunks[index] as RawChunk, raw, log.tables, { before, pieces });
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

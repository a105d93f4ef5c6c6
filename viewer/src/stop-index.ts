/** Owns which site each stop of a chunk is at, as far as the chunk was walked over: two bytes a stop, mostly. */

/** The stops of one chunk as far as they have been walked over. */
export class StopIndex {
  /** Site id + 1 of each; 0 where not known. */
  private sites: Uint16Array | Int32Array = new Uint16Array(1024);

  /** Bytes it takes. */
  get bytes(): number {
    return this.sites.byteLength + 100;
  }

  private beginning = 0;

  /** So many stops from the first on are known. */
  get known(): number {
    while (this.siteOf(this.beginning) >= 0) this.beginning++;
    return this.beginning;
  }

  /** The site id of stop number `at`, or -1 while that is not known. */
  siteOf(at: number): number {
    return at < this.sites.length ? (this.sites[at] as number) - 1 : -1;
  }

  note(at: number, site: number): void {
    if (at >= this.sites.length || (site >= 0xffff && this.sites instanceof Uint16Array))
      this.widen(at, site);
    this.sites[at] = site + 1;
  }

  private widen(at: number, site: number): void {
    const length = Math.max(this.sites.length, at < this.sites.length ? 0 : at * 2);
    const isNarrow = site < 0xffff && this.sites instanceof Uint16Array;
    const wider = isNarrow ? new Uint16Array(length) : new Int32Array(length);
    wider.set(this.sites);
    this.sites = wider;
  }
}

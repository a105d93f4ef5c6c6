/**
 * Owns inflating (RFC 1950 and 1951) at once: the browser's own way gives its bytes only later, by turns of the event loop,
 * and whoever drags the slider waits for each of them.
 */

/** Thrown for bytes that are no deflated data, or not of the size they should have. */
export class InflateError extends Error {}

const LENGTH_BASE = new Uint16Array(31);
const LENGTH_BITS = new Uint8Array(31);
const DISTANCE_BASE = new Uint16Array(32);
const DISTANCE_BITS = new Uint8Array(32);
for (let i = 0, length = 3; i < 28; i++) {
  LENGTH_BITS[i] = i < 8 ? 0 : (i - 4) >> 2;
  LENGTH_BASE[i] = length;
  length += 1 << (LENGTH_BITS[i] as number);
}
LENGTH_BASE[28] = 258;
for (let i = 0, distance = 1; i < 30; i++) {
  DISTANCE_BITS[i] = i < 4 ? 0 : (i - 2) >> 1;
  DISTANCE_BASE[i] = distance;
  distance += 1 << (DISTANCE_BITS[i] as number);
}
/** The order in which the lengths of the codes of code lengths come. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MAX_BITS = 15;

/** A code as a table: by the next `bits` bits, `symbol << 4 | length`; 0 where no code begins so. */
interface Code {
  readonly table: Uint16Array;
  readonly bits: number;
}

function codeOf(lengths: Uint8Array): Code {
  const counts = new Uint16Array(MAX_BITS + 1);
  for (const length of lengths) counts[length] = (counts[length] as number) + 1;
  counts[0] = 0;
  let bits = MAX_BITS;
  while (bits > 1 && counts[bits] === 0) bits--;
  const next = new Uint16Array(MAX_BITS + 2);
  let code = 0;
  for (let length = 1; length <= MAX_BITS; length++) {
    next[length] = code;
    code += counts[length] as number;
    if (code > 1 << length) throw new InflateError();
    code <<= 1;
  }
  const table = new Uint16Array(1 << bits);
  lengths.forEach((length, symbol) => {
    if (length === 0) return;
    let reversed = 0;
    const own = next[length] as number;
    next[length] = own + 1;
    for (let i = 0; i < length; i++) reversed |= ((own >> i) & 1) << (length - 1 - i);
    for (let at = reversed; at < table.length; at += 1 << length) table[at] = (symbol << 4) | length;
  });
  return { table, bits };
}

const FIXED_LENGTHS = new Uint8Array(288).fill(8);
FIXED_LENGTHS.fill(9, 144, 256).fill(7, 256, 280);
let fixed: readonly [Code, Code] | null = null;

/** The data, which must inflate to exactly `size` bytes. Throws InflateError. */
export function inflateNow(data: Uint8Array, size: number): Uint8Array {
  return new Inflater(data, size).all();
}

class Inflater {
  private readonly out: Uint8Array;
  private filled = 0;
  private at = 2;
  private hold = 0;
  private held = 0;

  constructor(
    private readonly data: Uint8Array,
    size: number,
  ) {
    const head = ((data[0] ?? 0) << 8) | (data[1] ?? 0);
    if ((head & 0xf00) !== 0x800 || head % 31 !== 0 || head & 32) throw new InflateError();
    this.out = new Uint8Array(size);
  }

  all(): Uint8Array {
    for (let isLast = false; !isLast; ) {
      isLast = this.take(1) === 1;
      const kind = this.take(2);
      if (kind === 0) this.stored();
      else if (kind === 1) {
        fixed ??= [codeOf(FIXED_LENGTHS), codeOf(new Uint8Array(30).fill(5))];
        this.block(...fixed);
      } else if (kind === 2) this.block(...this.codes());
      else throw new InflateError();
    }
    // What was taken ahead in whole bytes is given back; a checksum of four bytes ends the data (that of the chunk says more).
    this.at -= this.held >> 3;
    if (this.filled !== this.out.length || this.data.length - this.at !== 4) throw new InflateError();
    return this.out;
  }

  /** Makes at least `count` bits (16 at most) be held; beyond the end they are 0. */
  private need(count: number): void {
    while (this.held < count) {
      // A code may end before the bits that are looked at do, but not far beyond the data.
      if (this.at > this.data.length + 4) throw new InflateError();
      this.hold |= (this.data[this.at++] ?? 0) << this.held;
      this.held += 8;
    }
  }

  private take(count: number): number {
    this.need(count);
    const value = this.hold & ((1 << count) - 1);
    this.hold >>>= count;
    this.held -= count;
    return value;
  }

  private symbol({ table, bits }: Code): number {
    this.need(bits);
    const entry = table[this.hold & (table.length - 1)] as number;
    const length = entry & 15;
    if (length === 0) throw new InflateError();
    this.hold >>>= length;
    this.held -= length;
    return entry >> 4;
  }

  private stored(): void {
    this.take(this.held & 7);
    const size = this.take(16);
    if ((size ^ 0xffff) !== this.take(16)) throw new InflateError();
    this.at -= this.held >> 3;
    this.hold = this.held = 0;
    if (size > this.data.length - this.at || size > this.out.length - this.filled) throw new InflateError();
    this.out.set(this.data.subarray(this.at, this.at + size), this.filled);
    this.at += size;
    this.filled += size;
  }

  private codes(): [Code, Code] {
    const literals = this.take(5) + 257;
    const distances = this.take(5) + 1;
    const lengths = new Uint8Array(19);
    for (let left = this.take(4) + 4, i = 0; i < left; i++) lengths[ORDER[i] as number] = this.take(3);
    const code = codeOf(lengths);
    const all = new Uint8Array(literals + distances);
    for (let i = 0; i < all.length; ) {
      const symbol = this.symbol(code);
      if (symbol < 16) {
        all[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw new InflateError();
      const value = symbol === 16 ? (all[i - 1] as number) : 0;
      const times = symbol === 16 ? 3 + this.take(2) : symbol === 17 ? 3 + this.take(3) : 11 + this.take(7);
      if (i + times > all.length) throw new InflateError();
      all.fill(value, i, i + times);
      i += times;
    }
    return [codeOf(all.subarray(0, literals)), codeOf(all.subarray(literals))];
  }

  private block(literals: Code, distances: Code): void {
    const { out } = this;
    for (;;) {
      const symbol = this.symbol(literals);
      if (symbol === 256) return;
      if (symbol < 256) {
        if (this.filled === out.length) throw new InflateError();
        out[this.filled++] = symbol;
        continue;
      }
      const length = (LENGTH_BASE[symbol - 257] as number) + this.take(LENGTH_BITS[symbol - 257] as number);
      const place = this.symbol(distances);
      const back = (DISTANCE_BASE[place] as number) + this.take(DISTANCE_BITS[place] as number);
      const to = this.filled + length;
      if (length < 3 || back === 0 || back > this.filled || to > out.length) throw new InflateError();
      if (back === 1) out.fill(out[this.filled - 1] as number, this.filled, to);
      else if (back >= length) out.copyWithin(this.filled, this.filled - back, this.filled - back + length);
      else for (let i = this.filled; i < to; i++) out[i] = out[i - back] as number;
      this.filled = to;
    }
  }
}

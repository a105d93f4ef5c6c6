/** Inflating: what zlib deflates in any of its ways comes back; anything else is refused. */

import { constants, deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { InflateError, inflateNow } from "../src/inflate";

let seed = 1;
function random(n: number): number {
  seed = (seed * 48271) % 2147483647;
  return seed % n;
}

const bytes = (size: number, make: (i: number) => number) =>
  Uint8Array.from({ length: size }, (_, i) => make(i));
const TEXTS = [
  bytes(0, () => 0),
  bytes(1, () => 7),
  bytes(100_000, () => 3),
  bytes(70_000, () => random(256)),
  bytes(90_000, (i) => (i * i) >> 7),
  bytes(50_000, (i) => (random(9) ? i % 11 : random(256))),
  new TextEncoder().encode("for i in range(10):\n    a[i] = a[i - 1]\n".repeat(400)),
];
const WAYS = [
  { level: 0 },
  { level: 1 },
  { level: 9 },
  { strategy: constants.Z_FIXED },
  { strategy: constants.Z_HUFFMAN_ONLY },
  { strategy: constants.Z_RLE },
  { windowBits: 9 },
];

describe("inflating", () => {
  it.each(WAYS)("gives back what was deflated with %j", (way) => {
    for (const text of TEXTS)
      expect(Buffer.compare(inflateNow(deflateSync(text, way), text.length), text)).toBe(0);
  });

  it("refuses another size than was said, what is cut off, and what follows", () => {
    for (const text of TEXTS.slice(1)) {
      const deflated = new Uint8Array(deflateSync(text));
      expect(() => inflateNow(deflated, text.length + 1)).toThrow(InflateError);
      expect(() => inflateNow(deflated, text.length - 1)).toThrow(InflateError);
      expect(() => inflateNow(deflated.subarray(0, deflated.length - 5), text.length)).toThrow(InflateError);
      expect(() => inflateNow(Uint8Array.of(...deflated, 0), text.length)).toThrow(InflateError);
    }
  });

  it("gives bytes or an InflateError, whatever it is given", () => {
    for (let round = 0; round < 3000; round++) {
      const text = TEXTS[1 + random(TEXTS.length - 1)]?.subarray(0, 2000) as Uint8Array;
      const deflated = new Uint8Array(deflateSync(text, WAYS[random(WAYS.length)]));
      for (let n = random(4); n >= 0; n--) deflated[random(deflated.length)] = random(256);
      try {
        expect(inflateNow(deflated, text.length)).toHaveLength(text.length);
      } catch (error) {
        expect(error).toBeInstanceOf(InflateError);
      }
    }
  });
});

// Makes PNG files of screens small, in place: fewer shades, a palette, strong compression. `node scripts/pack-png.mjs FILE ...`
//
// The pictures the looks are compared with are many. Chromium writes three bytes a pixel; a screen has few colours, so that one byte
// and a palette do, once shades that nobody tells apart are made one.
import { readFileSync, writeFileSync } from "node:fs";
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function* chunksOf(png) {
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** Pixels of a PNG with 8 bits a channel that is not interlaced; null for any other. */
function pixelsOf(png) {
  const chunks = [...chunksOf(png)];
  const head = chunks[0].data;
  const channels = { 2: 3, 6: 4 }[head[9]];
  if (head[8] !== 8 || head[12] !== 0 || !channels) return null;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const raw = inflateSync(
    Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data)),
  );
  const stride = width * channels;
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const left = i < channels ? 0 : out[y * stride + i - channels];
      const up = y === 0 ? 0 : out[(y - 1) * stride + i];
      const corner = y === 0 || i < channels ? 0 : out[(y - 1) * stride + i - channels];
      out[y * stride + i] = raw[y * (stride + 1) + 1 + i] + predicted(filter, left, up, corner);
    }
  }
  return { width, height, channels, data: out };
}

function predicted(filter, left, up, corner) {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** A place in the palette for every pixel. What is seen most keeps its exact colour; the rest takes the nearest. */
function indexed({ width, height, channels, data }) {
  const counts = new Map();
  const colourAt = (i) => (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
  for (let i = 0; i < data.length; i += channels) counts.set(colourAt(i), (counts.get(colourAt(i)) ?? 0) + 1);
  const palette = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 256)
    .map(([colour]) => colour);
  const places = new Map(palette.map((colour, i) => [colour, i]));
  const split = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const nearest = (colour) => {
    const [r, g, b] = split(colour);
    let best = 0;
    let distance = Number.POSITIVE_INFINITY;
    palette.forEach((other, i) => {
      const [or, og, ob] = split(other);
      const d = (r - or) ** 2 + (g - og) ** 2 + (b - ob) ** 2;
      if (d < distance) [best, distance] = [i, d];
    });
    places.set(colour, best);
    return best;
  };
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const colour = colourAt((y * width + x) * channels);
      rows[y * (width + 1) + 1 + x] = places.get(colour) ?? nearest(colour);
    }
  return { palette: Buffer.from(palette.flatMap(split)), rows };
}

for (const path of process.argv.slice(2)) {
  const png = readFileSync(path);
  const pixels = pixelsOf(png);
  if (!pixels) continue;
  const { palette, rows } = indexed(pixels);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(pixels.width, 0);
  head.writeUInt32BE(pixels.height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const parts = [
    chunk("IHDR", head),
    chunk("PLTE", palette),
    chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ];
  const packed = Buffer.concat([SIGNATURE, ...parts]);
  if (packed.length < png.length) writeFileSync(path, packed);
}

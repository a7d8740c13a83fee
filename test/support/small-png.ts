import { readFileSync, writeFileSync } from 'node:fs';
import { crc32 as crcOf, deflateSync, inflateSync } from 'node:zlib';

/*
 * PNG with a palette (W3C PNG, third edition: 4.4, 9, 11): a picture of a page has few colours, and is a
 * third as large so. Reads only what Chromium writes: eight bits, red, green and blue, not interlaced.
 */

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

/** Makes the file smaller, in place; the colours that are rarest become their nearest neighbours. */
export function withPalette(file: string): void {
  const { width, height, pixels } = read(readFileSync(file));
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const palette = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 256)
    .map(([colour]) => colour);
  const index = new Map(palette.map((colour, at) => [colour, at]));
  const rows = Buffer.alloc((width + 1) * height);
  pixels.forEach((pixel, at) => {
    const found = index.get(pixel) ?? nearest(pixel, palette);
    index.set(pixel, found);
    rows[at + Math.floor(at / width) + 1] = found;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(
    palette.flatMap((each) => [each >> 16, (each >> 8) & 255, each & 255]),
  );
  const parts = [
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ];
  writeFileSync(file, Buffer.concat([SIGNATURE, ...parts]));
}

function nearest(pixel: number, palette: readonly number[]): number {
  const apart = (a: number, b: number): number =>
    ((a >> 16) - (b >> 16)) ** 2 +
    (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 +
    ((a & 255) - (b & 255)) ** 2;
  return palette.reduce(
    (best, each, at) => (apart(pixel, each) < apart(pixel, palette[best] ?? 0) ? at : best),
    0,
  );
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crcOf(body), body.length + 4);
  return whole;
}

function read(file: Buffer) {
  let at = SIGNATURE.length;
  const data: Buffer[] = [];
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  if (file[24] !== 8 || file[25] !== 2 || file[28] !== 0)
    throw new Error('expected a PNG of 8 bits, RGB, not interlaced');
  while (at < file.length) {
    const length = file.readUInt32BE(at);
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(file.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const lines = inflateSync(Buffer.concat(data));
  const stride = width * 3;
  const raw = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) unfilter(lines, raw, y, stride);
  const pixels = new Uint32Array(width * height).map((_, index) => raw.readUIntBE(index * 3, 3));
  return { width, height, pixels };
}

/** One line, by its filter and the line above; what lies outside of the picture is 0. */
function unfilter(lines: Buffer, raw: Buffer, y: number, stride: number): void {
  const filter = lines[y * (stride + 1)] ?? 0;
  const at = (x: number, line: number): number =>
    x < 0 || line < 0 ? 0 : (raw[line * stride + x] ?? 0);
  for (let x = 0; x < stride; x += 1) {
    const [left, up, corner] = [at(x - 3, y), at(x, y - 1), at(x - 3, y - 1)];
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
    raw[y * stride + x] = (lines[y * (stride + 1) + 1 + x] ?? 0) + guess;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** One-bit pictures: made from rendered pixels, put together, written as PNG. */
import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import type { Bitmap } from '../domain/badge.ts';

const deflated = promisify(deflate);

export function blank(width: number, height: number): Bitmap {
  return { width, height, bits: new Uint8Array(Math.ceil(width / 8) * height) };
}

/** Is the dot black? Outside the picture: no. */
export function isBlack(picture: Bitmap, x: number, y: number): boolean {
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return false;
  const byte = picture.bits[y * Math.ceil(picture.width / 8) + (x >> 3)] ?? 0;
  return (byte & (0x80 >> (x & 7))) !== 0;
}

export function blacken(picture: Bitmap, x: number, y: number): void {
  const at = y * Math.ceil(picture.width / 8) + (x >> 3);
  picture.bits[at] = (picture.bits[at] ?? 0) | (0x80 >> (x & 7));
}

/** Black wherever grey RGBA pixels on a white ground are darker than half. */
export function threshold(pixels: Pixels): Bitmap {
  const { width, height, rgba } = pixels;
  const picture = blank(width, height);
  const stride = Math.ceil(width / 8);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (((rgba[i] ?? 0) & 0xff) >= 128) continue;
      const at = y * stride + (x >> 3);
      picture.bits[at] = (picture.bits[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return picture;
}

/** Adds the black dots of `picture` to `onto`, its top left corner at x, y; what sticks out is left off. */
export function stamp(onto: Bitmap, picture: Bitmap, x: number, y: number): void {
  const [stride, from] = [Math.ceil(onto.width / 8), Math.ceil(picture.width / 8)];
  const shift = x & 7;
  for (let row = 0; row < picture.height && y + row < onto.height; row++) {
    for (let i = 0; i < from; i++) {
      const byte = (picture.bits[row * from + i] ?? 0) << (8 - shift); // sixteen dots, beginning at a whole byte
      const column = (x >> 3) + i;
      const at = (y + row) * stride + column;
      if (column < stride) onto.bits[at] = (onto.bits[at] ?? 0) | (byte >> 8);
      if (column + 1 < stride) onto.bits[at + 1] = (onto.bits[at + 1] ?? 0) | (byte & 0xff);
    }
  }
}

/** Rendered pixels, one number each: red in the lowest byte, then green, blue, alpha. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint32Array;
}

export function pixelsOf(width: number, height: number, bytes: Uint8Array): Pixels {
  // A view needs whole words; the renderer's buffer begins at one, a copy always does.
  const whole = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return { width, height, rgba: new Uint32Array(whole.buffer, whole.byteOffset, width * height) };
}

/** One bit a dot, greyscale, as any browser shows it (PNG specification, sections 5, 9, 11.2). */
export async function bitmapToPng(picture: Bitmap): Promise<Buffer> {
  const stride = Math.ceil(picture.width / 8);
  const rows = Buffer.alloc((stride + 1) * picture.height); // each row begins with filter 0
  for (let y = 0; y < picture.height; y++) {
    for (let i = 0; i < stride; i++) {
      rows[y * (stride + 1) + 1 + i] = ~(picture.bits[y * stride + i] ?? 0) & 0xff; // 1 is white in PNG
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(picture.width, 0);
  head.writeUInt32BE(picture.height, 4);
  head[8] = 1;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', await deflated(rows)),
    chunk('IEND', Buffer.of()),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

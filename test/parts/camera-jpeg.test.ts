/** Pictures are cut out of whatever a camera writes: whole ones only, and never for ever. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { decode, encode } from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { JpegSplitter, onePicture, pictureMaxBytes } from '../../device/camera/jpeg-splitter.ts';
import { frameName } from '../../device/camera/frames.ts';
import { frameFolder } from '../support/badges.ts';

const frame = (n: number): Buffer => readFileSync(join(frameFolder, frameName(n)));
const frames = Array.from({ length: 4 }, (_, n) => frame(n));

function cut(...chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  const splitter = new JpegSplitter((jpeg) => found.push(jpeg));
  for (const chunk of chunks) splitter.push(chunk);
  return found;
}
/** Vitest compares byte by byte, and takes its time. */
const digests = (pictures: readonly Uint8Array[]): readonly string[] => pictures.map(digest);
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Where the segment of this kind begins and ends. */
function segment(jpeg: Buffer, kind: number): { readonly from: number; readonly to: number } {
  const from = jpeg.indexOf(Buffer.from([0xff, kind]));
  return { from, to: from + 2 + jpeg.readUInt16BE(from + 2) };
}

describe('the splitter', () => {
  it('gives each picture whole, wherever the pieces are cut', () => {
    const all = Buffer.concat(frames);
    const piece = fc.integer({ min: 200, max: 20_000 });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 20 }), (sizes) => {
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < all.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          chunks.push(all.subarray(at, at + size));
          at += size;
        }
        expect(digests(cut(...chunks))).toEqual(digests(frames));
      }),
      { numRuns: 30 },
    );
    const small = encode({ width: 8, height: 8, data: Buffer.alloc(256) }, 50).data;
    expect(digests(cut(...Array.from(small, (byte) => Uint8Array.of(byte))))).toEqual(digests([small]));
  });

  it('passes over what lies between: padding, noise, a beginning that leads nowhere', () => {
    const noise = Buffer.from([0, 0, 0xff, 0xff, 0xd8, 0xff, 0x00, 0x01, 0xff, 0xd9]);
    expect(digests(cut(noise, frame(0), Buffer.alloc(5_000), frame(1), noise, frame(2)))).toEqual(
      digests(frames.slice(0, 3)),
    );
  });

  it('gives no half picture, and the whole one after it', () => {
    for (const length of [1, 2, 3, 20, 300, 700, 3_000, frame(0).length - 1]) {
      expect(digests(cut(frame(0).subarray(0, length), frame(1))), `cut at ${String(length)}`).toEqual(
        digests([frame(1)]),
      );
    }
    expect(onePicture(frame(0).subarray(0, -2))).toBeNull();
    expect(onePicture(new Uint8Array())).toBeNull();
  });

  it('is not ended by a preview inside a picture', () => {
    const preview = encode({ width: 8, height: 8, data: Buffer.alloc(256) }, 50).data;
    const exif = Buffer.concat([Buffer.from([0xff, 0xe1, 0, 0]), preview]);
    exif.writeUInt16BE(exif.length - 2, 2);
    const picture = Buffer.concat([frame(0).subarray(0, 2), exif, frame(0).subarray(2)]);
    expect(digests(cut(picture, frame(1)))).toEqual(digests([picture, frame(1)]));
  });

  it("adds the standard's tables where a USB camera left them out: then every reader can draw it", () => {
    const whole = frame(0);
    let bare = whole;
    for (let tables = segment(bare, 0xc4); tables.from !== -1; tables = segment(bare, 0xc4)) {
      bare = Buffer.concat([bare.subarray(0, tables.from), bare.subarray(tables.to)]);
      if (bare.indexOf(Buffer.from([0xff, 0xc4])) === -1) break;
    }
    expect(() => decode(bare)).toThrow();
    const [mended] = cut(bare);
    expect(decode(mended ?? bare).data.equals(decode(whole).data)).toBe(true);
  });

  it('takes no picture of a size that would need the memory of the box, nor one without end', () => {
    const huge = Buffer.from(frame(0));
    huge.writeUInt16BE(60_000, segment(huge, 0xc0).from + 5);
    expect(digests(cut(huge, frame(1)))).toEqual(digests([frame(1)]));
    const endless = frame(0).subarray(0, -2);
    const more = Buffer.alloc(64 * 1024, 1);
    const chunks = Array.from({ length: pictureMaxBytes / more.length + 1 }, () => more);
    expect(digests(cut(endless, ...chunks, frame(2)))).toEqual(digests([frame(2)]));
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 }), (chunks) => {
        expect(digests(cut(...chunks, frame(3))).at(-1)).toEqual(digest(frame(3)));
      }),
    );
  });
});

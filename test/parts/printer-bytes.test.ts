import EscPos from 'escpos';
import { describe, expect, it } from 'vitest';
import { createBadgePainter } from '../../device/badge/painter.ts';
import { slip } from '../../device/domain/badge.ts';
import type { Bitmap } from '../../device/domain/badge.ts';
import { clearBuffer, encodeBadge } from '../../device/printer/encode.ts';
import { EscPosDecoder, EscPosError } from '../../device/printer/escpos-decoder.ts';
import { isBlack } from '../../device/badge/bitmap.ts';
import { fontFolder, slipInput } from '../support/badges.ts';
import { seeded } from '../../device/demo/random.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const plain = { cut: false, density: null };

function randomPicture(width: number, height: number): Bitmap {
  const random = seeded(20261123);
  // Without 0x10: after it some bytes are changed (below).
  const bits = new Uint8Array(Math.ceil(width / 8) * height)
    .map(() => random.below(256))
    .map((byte) => (byte === 0x10 ? 0 : byte));
  return { width, height, bits };
}

/** What a printer with paper this wide prints; pieces as they were cut. */
function printed(
  width: number,
  bytes: readonly Uint8Array[],
): { readonly cut: Bitmap[]; readonly left: Bitmap | null } {
  const cut: Bitmap[] = [];
  const decoder = new EscPosDecoder({
    width,
    cut: (paper) => cut.push(paper),
    status: () => 0x12,
    reply: () => undefined,
  });
  for (const part of bytes) decoder.write(part);
  expect(decoder.midCommand).toBe(false);
  return { cut, left: decoder.tearOff() };
}

describe('the bytes of a badge', () => {
  it("are those of escpos's own raster call, made without an object for every dot", async () => {
    const picture = randomPicture(384, 100);
    const rgba = new Uint8Array(384 * 100 * 4).fill(255);
    for (let i = 0; i < 384 * 100; i++)
      if (isBlack(picture, i % 384, Math.floor(i / 384))) rgba.fill(0, i * 4, i * 4 + 3);
    const theirs = await new Promise<Buffer>((resolve) => {
      const adapter = {
        open: () => undefined,
        write: (data: Buffer) => resolve(Buffer.from(data)),
        close: () => undefined,
      };
      const image = new EscPos.Image({ data: rgba, shape: [384, 100, 4] });
      new EscPos(adapter, { encoding: 'ascii' }).raster(image).flush(() => undefined);
    });
    const ours = Buffer.concat(encodeBadge(picture, plain));
    expect(ours.includes(theirs)).toBe(true);
    expect(ours.length - theirs.length).toBeLessThan(10);
  });

  it('begin by resetting the printer and end by moving the badge out', () => {
    const bytes = Buffer.concat(encodeBadge(randomPicture(384, 10), plain));
    expect(hex(bytes.subarray(0, 2))).toBe('1b40');
    expect(hex(bytes.subarray(-3))).toBe('1b4aa0');
    const withCutter = Buffer.concat(encodeBadge(randomPicture(384, 10), { cut: true, density: null }));
    expect(hex(withCutter.subarray(-4))).toBe('1d564218');
  });

  it.each([
    [0, '00'],
    [3, '03'],
    [-6, 'fa'],
    [6, '06'],
  ])('darkness %i is set with the byte %s', (density, byte) => {
    const bytes = Buffer.concat(encodeBadge(randomPicture(384, 10), { cut: false, density }));
    expect(hex(bytes.subarray(2, 9))).toBe(`1d284b020031${byte}`);
  });

  it.each([
    [384, 1],
    [384, 127],
    [384, 128],
    [384, 129],
    [576, 800],
  ])('%i dots by %i rows come out of the printer dot for dot', (width, height) => {
    const picture = randomPicture(width, height);
    const { cut, left } = printed(width, encodeBadge(picture, { cut: true, density: 1 }));
    expect(cut).toHaveLength(1);
    expect(left).toBeNull();
    expect(hex(cut[0]?.bits.subarray(0, picture.bits.length) ?? new Uint8Array())).toBe(hex(picture.bits));
    expect(cut[0]?.bits.subarray(picture.bits.length).every((byte) => byte === 0)).toBe(true);
  });

  it('hold nothing that a printer takes for a question or an order in the middle of a picture', () => {
    const picture = { width: 384, height: 4, bits: new Uint8Array(48 * 4).fill(0x10) };
    for (const [i, order] of [0x04, 0x05, 0x14].entries()) picture.bits[48 * i + 1] = order;
    const bytes = Buffer.concat(encodeBadge(picture, plain));
    for (const order of [0x04, 0x05, 0x14]) expect(bytes.includes(Buffer.of(0x10, order))).toBe(false);
    const dots = printed(384, [bytes]).left?.bits.subarray(0, picture.bits.length) ?? new Uint8Array();
    expect(dots.filter((byte, i) => byte !== picture.bits[i])).toEqual(Uint8Array.of(0x44, 0x45, 0x54));
  });

  it('go out in parts that each end with a whole command and fit small buffers', async () => {
    const picture = await createBadgePainter(fontFolder, 80).paint(slip(slipInput()), null);
    const parts = encodeBadge(picture, { cut: true, density: null });
    expect(parts.length).toBeGreaterThan(3);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(10_000);
    for (let n = 1; n <= parts.length; n++) printed(576, parts.slice(0, n));
  });
});

describe('the simulated printer reads ESC/POS by the book', () => {
  it.each([
    ['text', '48656c6c6f'],
    ['an unknown command', '1b99'],
    ['an unknown group command', '1d99'],
    ['a QR command of another maker', '1d5a02'],
    ['an opened drawer', '1b700019fa'],
    ['a raster of no rows', '1d76300030000000'],
    ['a raster wider than the paper', '1d76300031000100'],
    ['a stretched raster', '1d763003'],
    ['a status that does not exist', '100409'],
    ['a darkness out of range', '1d284b0200310a'],
    ['half a buffer-clearing command', '101408010399'],
  ])('%s is an error', (_, bytes) => expect(() => printed(384, [Buffer.from(bytes, 'hex')])).toThrow(EscPosError));

  it('commands may be cut anywhere', () => {
    const picture = randomPicture(384, 30);
    const bytes = Buffer.concat(encodeBadge(picture, { cut: true, density: 0 }));
    const one = printed(384, [bytes]);
    const many = printed(
      384,
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
    );
    expect(many).toEqual(one);
  });

  it('feeds by lines and by dots, and cuts where it is told', () => {
    const bytes = Buffer.from('0a' + '1b6402' + '1b330a' + '0a' + '1b32' + '0a' + '1b4a05' + '1d5600' + '0a', 'hex');
    const { cut, left } = printed(384, [bytes]);
    expect(cut.map(({ height }) => height)).toEqual([30 + 60 + 10 + 30 + 5]);
    expect(left?.height).toBe(30);
  });

  it('answers a real-time status request, and knows the command that clears its buffer', () => {
    const answers: number[] = [];
    const decoder = new EscPosDecoder({
      width: 384,
      cut: () => undefined,
      status: (n) => 0x12 + n,
      reply: (byte) => answers.push(byte),
    });
    decoder.write(Buffer.from('100401100402100403100404', 'hex'));
    decoder.write(clearBuffer);
    expect(answers).toEqual([0x13, 0x14, 0x15, 0x16]);
    expect(decoder.midCommand).toBe(false);
  });

  it('does not print for ever', () => {
    const decoder = new EscPosDecoder({ width: 384, cut: () => undefined, status: () => 0, reply: () => undefined });
    expect(() => {
      for (let i = 0; i < 100; i++) decoder.write(Buffer.from('1b4aff', 'hex'));
    }).toThrow(/without a cut/);
  });

  it('after an error it begins anew, as after switching off and on', () => {
    const decoder = new EscPosDecoder({ width: 384, cut: () => undefined, status: () => 0, reply: () => undefined });
    expect(() => decoder.write(Buffer.from('41', 'hex'))).toThrow(EscPosError);
    decoder.write(Buffer.from('1b40', 'hex'));
    expect(decoder.midCommand).toBe(false);
  });
});

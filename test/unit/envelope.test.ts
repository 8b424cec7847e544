/** What leaves the box opens whole, or not at all. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDay, sealDay } from '../../device/copies/day-export.ts';
import { open, pieceMax, seal } from '../../device/copies/envelope.ts';
import { sealMasters } from '../../device/journal/master-file.ts';
import { mastersOf } from '../../device/journal/masters.ts';
import { testKey, testRandom } from '../support/keys.ts';

const key = testKey();
const random = testRandom();

async function sealed(plain: readonly Uint8Array[], head: object = { kind: 'test' }): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of seal({ head, key, random }, plain)) parts.push(part);
  return Buffer.concat(parts);
}
async function opened(stored: Uint8Array, step = stored.length, by: Uint8Array = key): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < stored.length; from += step) pieces.push(stored.subarray(from, from + step));
  const { plain } = await open(pieces, () => by);
  const parts: Buffer[] = [];
  for await (const part of plain) parts.push(part);
  return Buffer.concat(parts);
}

describe('an envelope', () => {
  test.each([0, 1, pieceMax - 1, pieceMax, pieceMax + 1, 3 * pieceMax + 7])(
    'gives %i bytes back, however they come and go',
    async (size) => {
      const plain = Buffer.from(random(size));
      const halves = [plain.subarray(0, size >> 1), plain.subarray(size >> 1)];
      const stored = await sealed(halves);
      expect((await opened(stored)).equals(plain)).toBe(true);
      expect((await opened(stored, 4_099)).equals(plain)).toBe(true);
    },
  );

  test('altered or cut anywhere, it does not open', async () => {
    const stored = await sealed([Buffer.from('five hundred pupils')]);
    await fc.assert(
      fc.asyncProperty(fc.nat(stored.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const spoilt = Buffer.from(stored);
        spoilt[at] = (spoilt[at] ?? 0) ^ by;
        await expect(opened(spoilt)).rejects.toThrow();
        await expect(opened(stored.subarray(0, at))).rejects.toThrow();
      }),
    );
    await expect(opened(Buffer.concat([stored, Buffer.from('x')]))).rejects.toThrow(/more in the file/);
    await expect(opened(stored, stored.length, random(32))).rejects.toThrow(/another key/);
  });

  test('its pieces cannot change places, nor can one be left out', async () => {
    const stored = await sealed([Buffer.alloc(2 * pieceMax + 5, 7)]);
    const piece = 5 + pieceMax + 28;
    const start = stored.length - 2 * piece - (5 + 5 + 28);
    const at = (nth: number): Buffer => stored.subarray(start + nth * piece, start + (nth + 1) * piece);
    const end = stored.subarray(start + 2 * piece);
    const front = stored.subarray(0, start);
    expect((await opened(Buffer.concat([front, at(0), at(1), end]))).length).toBe(2 * pieceMax + 5);
    for (const parts of [
      [at(1), at(0), end],
      [at(0), end],
      [at(0), at(1)],
    ]) {
      await expect(opened(Buffer.concat([front, ...parts]))).rejects.toThrow();
    }
  });
});

describe('a daily export', () => {
  const [host, recovery] = [random(32), random(16)];
  const masters = mastersOf([testKey()]);
  const file = sealMasters(masters, 3, { host: [host], recovery: [recovery] }, random);
  const lines = [{ porter: 'day' }, { pupil: 'p1', forename: 'Amara' }];
  const text = async (opener: Parameters<typeof openDay>[1]): Promise<string> => {
    const stored = await sealDay('2026-11-23', lines, { masters, file, random });
    expect(stored.includes('Amara')).toBe(false);
    const { date, plain } = await openDay([stored], opener);
    expect(date).toBe('2026-11-23');
    const parts: Buffer[] = [];
    for await (const part of plain) parts.push(part);
    return Buffer.concat(parts).toString('utf8');
  };

  test('opens by the recovery key alone, and by the keys of the box', async () => {
    const expected = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(await text({ recovery })).toBe(expected);
    expect(await text({ masters })).toBe(expected);
  });

  test('by nothing else: not by the host key that lies beside it', async () => {
    await expect(text({ recovery: random(16) })).rejects.toThrow(/not the recovery key/);
    await expect(text({ recovery: host })).rejects.toThrow(/not the recovery key/);
    await expect(text({ masters: mastersOf([random(32)]) })).rejects.toThrow(/keys that are not here/);
  });
});

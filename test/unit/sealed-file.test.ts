/** Whole files under a master key: roster, PINs, badge key, last good settings (durability.md 9, 11). */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { asMaster, mastersOf } from '../../device/journal/masters.ts';
import { fileSeal } from '../../device/journal/sealed-file.ts';
import { openTable } from '../../device/journal/table.ts';
import { readWhole, saveWhole, sealNow, withCheck, writeWhole } from '../../device/journal/whole-file.ts';
import { testKey, testMasters, testRandom } from '../support/keys.ts';

const place = mkdtempSync(join(tmpdir(), 'porter-sealed-'));
afterAll(() => rmSync(place, { recursive: true }));
let folders = 0;
function fresh(): string {
  const folder = join(place, String((folders += 1)));
  mkdirSync(folder);
  return folder;
}

const seal = fileSeal(() => testMasters, testRandom());
const sealBefore = fileSeal(() => mastersOf([testKey()], true), testRandom());
const text = (path: string, one = seal): string => {
  const file = readWhole(path, one);
  return 'bytes' in file ? `${file.state} ${file.bytes.toString()}` : file.state;
};
const files = (folder: string): string =>
  JSON.stringify(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('hex')]));

const ways = [
  ['at the start', (path: string, content: string) => Promise.resolve(writeWhole(path, Buffer.from(content), seal))],
  ['while serving', (path: string, content: string) => saveWhole(path, Buffer.from(content), { seal })],
] as const;

describe.each(ways)('a file sealed %s', (_when, write) => {
  test('is read back, and says nothing to whoever has no key', async () => {
    const path = join(fresh(), 'roster.json');
    await write(path, 'Amara Okafor');
    await write(path, 'Amara Okafor, 7B');
    expect(text(path)).toBe('ok Amara Okafor, 7B');
    expect(files(join(path, '..'))).not.toContain(Buffer.from('Amara').toString('hex'));
    expect(readWhole(path)).not.toMatchObject({ bytes: Buffer.from('Amara Okafor, 7B') });
  });

  test('changed by one bit or cut at any length gives way to the one before it, and is kept aside', async () => {
    const folder = fresh();
    const path = join(folder, 'staff-pins.json');
    await write(path, 'before');
    await write(path, 'after');
    const stored = readFileSync(path);
    const spoilt = stored.subarray(0, -88);
    for (let at = 0; at < spoilt.length; at += 1) {
      const cut = withCheck(spoilt.subarray(0, at));
      const flipped = withCheck(Buffer.from(spoilt.map((byte, index) => (index === at ? byte ^ 1 : byte))));
      for (const bytes of [stored.subarray(0, at), cut, flipped]) {
        writeFileSync(path, bytes);
        const id = bytes === flipped && at >= 8 && at < 24;
        // Whose key it is under cannot be told from damage: nothing is touched.
        if (id) expect(() => text(path)).toThrow(expect.objectContaining({ code: 'wrong_key' }));
        else expect(text(path)).toBe('restored before');
      }
    }
    expect(readdirSync(folder).filter((name) => name.includes('.damaged-')).length).toBeGreaterThan(100);
  });

  test('put in the place of another does not open; kept aside, and nothing is lost by that', async () => {
    const folder = fresh();
    const [roster, pins] = [join(folder, 'roster.json'), join(folder, 'staff-pins.json')];
    await write(roster, 'the roster');
    await write(pins, 'the PINs');
    const bytes = readFileSync(pins);
    writeFileSync(roster, bytes);
    expect(readWhole(roster, seal)).toEqual({ state: 'damaged', damaged: `${roster}.damaged-1` });
    expect(readFileSync(`${roster}.damaged-1`)).toEqual(bytes);
    expect(text(pins)).toBe('ok the PINs');
  });

  test('under the key of another box is said, and nothing is touched', async () => {
    const folder = fresh();
    const path = join(folder, 'badge-key');
    await write(path, 'ours');
    await write(path, 'ours too');
    const before = files(folder);
    const another = fileSeal(() => mastersOf([testKey(7)]), testRandom());
    expect(() => text(path, another)).toThrow(expect.objectContaining({ code: 'wrong_key' }));
    expect(files(folder)).toBe(before);
  });

  test('stays readable when the master key is rotated, and moves to the new one when it is written', async () => {
    const path = join(fresh(), 'mis.json');
    await write(path, 'before');
    const rotated = mastersOf([testKey(), testKey(2)]);
    const next = fileSeal(() => rotated, testRandom());
    expect(text(path, next)).toBe('ok before');
    writeWhole(path, Buffer.from('after'), next);
    expect(readFileSync(path).includes(Buffer.from(asMaster(testKey(2)).id, 'hex'))).toBe(true);
    expect(text(path, next)).toBe('ok after');
  });
});

describe('a plain file', () => {
  test('is taken only where there was a time before encryption, and leaves no plain copy once it is sealed', async () => {
    for (const sealIt of [
      (path: string) => Promise.resolve(sealNow(path, sealBefore)),
      (path: string) => saveWhole(path, Buffer.from('Zoë Ærø'), { seal: sealBefore }),
    ]) {
      const folder = fresh();
      const path = join(folder, 'roster.json');
      await saveWhole(path, Buffer.from('Zoë'));
      await saveWhole(path, Buffer.from('Zoë Ærø'));
      expect(text(path, sealBefore)).toBe('ok Zoë Ærø');
      await sealIt(path);
      expect(files(folder)).not.toContain(Buffer.from('Zoë').toString('hex'));
      expect(text(path)).toBe('ok Zoë Ærø');
    }
  });

  test('slipped in later is no file of ours', async () => {
    const path = join(fresh(), 'staff-pins.json');
    await saveWhole(path, Buffer.from("somebody's own PIN"));
    expect(text(path)).toBe('damaged');
  });
});

test('a table is sealed too, and the one before it is there when the newest is spoilt', async () => {
  const path = join(fresh(), 'roster.json');
  const parse = (data: unknown) => data as { readonly names: readonly string[] };
  const open = () => openTable(path, { empty: { names: [] }, parse, seal });
  const table = await open();
  await table.write({ names: ['Amara'] });
  await table.write({ names: ['Amara', 'Zoë'] });
  expect((await open()).data.names).toEqual(['Amara', 'Zoë']);
  expect(files(join(path, '..'))).not.toContain(Buffer.from('Amara').toString('hex'));
  writeFileSync(path, readFileSync(path).subarray(0, -1));
  const again = await open();
  expect([again.opened, again.data.names]).toEqual(['restored', ['Amara']]);
});

import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mastersOf } from '../../device/journal/masters.ts';
import { PHOTO_BYTES, openPhotoVault } from '../../device/journal/photo-vault.ts';
import { saveWhole } from '../../device/journal/whole-file.ts';
import { testKey, testMasters, testRandom } from '../support/keys.ts';

const keys = { masters: testMasters, random: testRandom() };
const DAY = '2026-11-23';
const place = mkdtempSync(join(tmpdir(), 'porter-photos-'));
afterAll(() => rmSync(place, { recursive: true }));

let vaults = 0;
const fresh = () => {
  const folder = join(place, `photos-${++vaults}`);
  return { folder, vault: openPhotoVault(folder, keys) };
};
const jpeg = (word: string) => Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.from(word), Buffer.from([0xff, 0xd9])]);

describe('the photo vault', () => {
  it('gives back a photo under its visit, also after a restart, and keeps only the last one taken', async () => {
    const { folder, vault } = fresh();
    expect(await vault.get('visit-1')).toBeNull();
    expect(await vault.list()).toEqual([]);
    await vault.put('visit-1', jpeg('first'), DAY);
    await vault.put('visit-1', jpeg('second'), DAY);
    await vault.put('visit-2', jpeg('other'), DAY);
    const again = openPhotoVault(folder, keys);
    expect(await again.get('visit-1')).toEqual(jpeg('second'));
    expect([...(await again.list())].sort()).toEqual(['visit-1', 'visit-2']);
    expect(readdirSync(folder).sort()).toEqual(['.keys.1', '.keys.2', 'visit-1.jpg', 'visit-2.jpg']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'visit-1.jpg')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'visit-1.jpg')).toString('latin1')).not.toContain('second');
  });

  it('destroys everything there is of a photo and nothing of another', async () => {
    const { folder, vault } = fresh();
    await vault.put('visit-1', jpeg('goes'), DAY);
    await vault.put('visit-10', jpeg('stays'), DAY);
    writeFileSync(join(folder, 'visit-1.jpg.77-3.tmp'), 'half written');
    writeFileSync(join(folder, 'visit-2.jpg.77-4.tmp'), 'half written');
    expect([...(await vault.list())].sort()).toEqual(['visit-1', 'visit-10', 'visit-2']);
    for (const visit of ['visit-1', 'visit-1', 'visit-2']) await vault.destroy(visit);
    await vault.destroy('');
    expect(readdirSync(folder).sort()).toEqual(['.keys.1', '.keys.2', 'visit-10.jpg']);
    expect(await vault.get('visit-1')).toBeNull();
  });

  it('shows no damaged photo', async () => {
    const { folder, vault } = fresh();
    await vault.put('visit-1', jpeg('face'), DAY);
    const path = join(folder, 'visit-1.jpg');
    writeFileSync(path, readFileSync(path).subarray(0, -10));
    expect(await vault.get('visit-1')).toBeNull();
  });

  it('takes nothing too large, and no name but a visit id', async () => {
    const { folder, vault } = fresh();
    await vault.put('fits', Buffer.alloc(PHOTO_BYTES), DAY);
    await expect(vault.put('large', Buffer.alloc(PHOTO_BYTES + 1), DAY)).rejects.toThrow(RangeError);
    for (const name of ['../outside', 'a/b', '.', '', 'x'.repeat(65), 'nul\0']) {
      await expect(vault.put(name, jpeg('x'), DAY)).rejects.toThrow(RangeError);
      expect(await vault.get(name)).toBeNull();
    }
    expect(readdirSync(folder).sort()).toEqual(['.keys.1', '.keys.2', 'fits.jpg']);
  });

  it('makes a photo unreadable by its key alone: what the card still holds of the bytes opens with nothing that is left', async () => {
    const { folder, vault } = fresh();
    await vault.put('visit-1', jpeg('goes'), DAY);
    await vault.put('visit-2', jpeg('stays'), DAY);
    await vault.put('visit-3', jpeg('another day'), '2026-11-24');
    const stored = readFileSync(join(folder, 'visit-1.jpg'));
    await vault.destroy('visit-1');
    await vault.destroy('visit-3');
    writeFileSync(join(folder, 'visit-1.jpg'), stored);
    for (const one of [vault, openPhotoVault(folder, keys)]) {
      expect(await one.get('visit-1')).toBeNull();
      expect(await one.get('visit-2')).toEqual(jpeg('stays'));
    }
    await vault.put('visit-1', jpeg('taken anew'), DAY);
    writeFileSync(join(folder, 'visit-1.jpg'), stored);
    expect(await vault.get('visit-1')).toBeNull();
  });

  it('that is destroyed in one copy of the keys only, as a card leaves it that fails between them, goes from the other the next time', async () => {
    for (const old of ['.keys.1', '.keys.2']) {
      const { folder, vault } = fresh();
      await vault.put('visit-1', jpeg('goes'), DAY);
      await vault.put('visit-2', jpeg('stays'), DAY);
      const before = readFileSync(join(folder, old));
      const photo = readFileSync(join(folder, 'visit-1.jpg'));
      await vault.destroy('visit-1');
      writeFileSync(join(folder, old), before);
      const again = openPhotoVault(folder, keys);
      await again.destroy('visit-1');
      writeFileSync(join(folder, 'visit-1.jpg'), photo);
      // Only the copy that was behind is left.
      rmSync(join(folder, old === '.keys.1' ? '.keys.2' : '.keys.1'));
      const last = openPhotoVault(folder, keys);
      expect([await last.get('visit-1'), await last.get('visit-2')]).toEqual([null, jpeg('stays')]);
    }
  });

  it('shows the photo of no other visit, and none of another box', async () => {
    const { folder, vault } = fresh();
    await vault.put('visit-1', jpeg('one'), DAY);
    await vault.put('visit-2', jpeg('two'), DAY);
    writeFileSync(join(folder, 'visit-2.jpg'), readFileSync(join(folder, 'visit-1.jpg')));
    expect(await vault.get('visit-2')).toBeNull();
    const another = { masters: mastersOf([testKey(9)]), random: testRandom() };
    await expect(openPhotoVault(folder, another).get('visit-1')).rejects.toMatchObject({ code: 'wrong_key' });
  });

  it('keeps its keys in two copies: either is enough', async () => {
    for (const copy of ['.keys.1', '.keys.2']) {
      const { folder, vault } = fresh();
      await vault.put('visit-1', jpeg('face'), DAY);
      writeFileSync(join(folder, copy), 'spoilt');
      expect(await openPhotoVault(folder, keys).get('visit-1')).toEqual(jpeg('face'));
    }
  });

  it('tells where both copies of its keys are lost, keeps what is left of them, and goes on with new keys', async () => {
    for (const spoil of ['spoilt', null]) {
      const { folder, vault } = fresh();
      expect(await vault.keysLost()).toBe(false);
      await vault.put('visit-1', jpeg('face'), DAY);
      expect(await openPhotoVault(folder, keys).keysLost()).toBe(false);
      for (const copy of ['.keys.1', '.keys.2']) {
        if (spoil === null) rmSync(join(folder, copy));
        else writeFileSync(join(folder, copy), spoil);
      }
      const again = openPhotoVault(folder, keys);
      expect(await again.keysLost()).toBe(true);
      await again.put('visit-2', jpeg('new'), DAY);
      expect(await again.get('visit-1')).toBeNull();
      expect(await again.get('visit-2')).toEqual(jpeg('new'));
      // At every start, until a person says that they know.
      const later = openPhotoVault(folder, keys);
      expect(await later.keysLost()).toBe(true);
      await later.lossSeen();
      expect(await openPhotoVault(folder, keys).keysLost()).toBe(false);
      expect(await later.get('visit-2')).toEqual(jpeg('new'));
      const aside = readdirSync(folder).filter((name) => name.includes('.damaged-'));
      expect(aside.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(
        spoil === null ? [] : [spoil, spoil],
      );
    }
  });

  it('gives a photo of before there were keys only where there was such a time', async () => {
    const { folder } = fresh();
    await saveWhole(join(folder, 'visit-1.jpg'), jpeg('old'), { keep: false });
    expect(await openPhotoVault(folder, keys).get('visit-1')).toBeNull();
    const before = { ...keys, masters: mastersOf([testKey()], true) };
    expect(await openPhotoVault(folder, before).get('visit-1')).toEqual(jpeg('old'));
  });
});

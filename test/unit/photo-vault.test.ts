import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PHOTO_BYTES, openPhotoVault } from '../../device/journal/photo-vault.ts';

const place = mkdtempSync(join(tmpdir(), 'porter-photos-'));
afterAll(() => rmSync(place, { recursive: true }));

let vaults = 0;
const fresh = () => {
  const folder = join(place, `photos-${++vaults}`);
  return { folder, vault: openPhotoVault(folder) };
};
const jpeg = (word: string) => Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.from(word), Buffer.from([0xff, 0xd9])]);

describe('the photo vault', () => {
  it('gives back a photo under its visit, also after a restart, and keeps only the last one taken', async () => {
    const { folder, vault } = fresh();
    expect(await vault.get('visit-1')).toBeNull();
    expect(await vault.list()).toEqual([]);
    await vault.put('visit-1', jpeg('first'));
    await vault.put('visit-1', jpeg('second'));
    await vault.put('visit-2', jpeg('other'));
    const again = openPhotoVault(folder);
    expect(await again.get('visit-1')).toEqual(jpeg('second'));
    expect([...(await again.list())].sort()).toEqual(['visit-1', 'visit-2']);
    expect(readdirSync(folder).sort()).toEqual(['visit-1.jpg', 'visit-2.jpg']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'visit-1.jpg')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'visit-1.jpg')).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  });

  it('destroys everything there is of a photo and nothing of another', async () => {
    const { folder, vault } = fresh();
    await vault.put('visit-1', jpeg('goes'));
    await vault.put('visit-10', jpeg('stays'));
    writeFileSync(join(folder, 'visit-1.jpg.77-3.tmp'), 'half written');
    writeFileSync(join(folder, 'visit-2.jpg.77-4.tmp'), 'half written');
    expect([...(await vault.list())].sort()).toEqual(['visit-1', 'visit-10', 'visit-2']);
    for (const visit of ['visit-1', 'visit-1', 'visit-2']) await vault.destroy(visit);
    await vault.destroy('');
    expect(readdirSync(folder)).toEqual(['visit-10.jpg']);
    expect(await vault.get('visit-1')).toBeNull();
  });

  it('shows no damaged photo', async () => {
    const { folder, vault } = fresh();
    await vault.put('visit-1', jpeg('face'));
    const path = join(folder, 'visit-1.jpg');
    writeFileSync(path, readFileSync(path).subarray(0, -10));
    expect(await vault.get('visit-1')).toBeNull();
  });

  it('takes nothing too large, and no name but a visit id', async () => {
    const { folder, vault } = fresh();
    await vault.put('fits', Buffer.alloc(PHOTO_BYTES));
    await expect(vault.put('large', Buffer.alloc(PHOTO_BYTES + 1))).rejects.toThrow(RangeError);
    for (const name of ['../outside', 'a/b', '.', '', 'x'.repeat(65), 'nul\0']) {
      await expect(vault.put(name, jpeg('x'))).rejects.toThrow(RangeError);
      expect(await vault.get(name)).toBeNull();
    }
    expect(readdirSync(folder)).toEqual(['fits.jpg']);
  });
});

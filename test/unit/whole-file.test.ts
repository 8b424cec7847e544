import {
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadWhole, readWhole, saveWhole, writeWhole } from '../../device/journal/whole-file.ts';

const place = mkdtempSync(join(tmpdir(), 'porter-whole-'));
afterAll(() => rmSync(place, { recursive: true }));

let files = 0;
const fresh = (): string => join(place, `folder-${++files}`, 'file.txt');
const text = (path: string): string => {
  const file = readWhole(path);
  return file.state === 'ok' || file.state === 'restored' ? `${file.state} ${file.bytes.toString()}` : file.state;
};

const ways = [
  ['at the start', (path: string, content: string) => Promise.resolve(writeWhole(path, Buffer.from(content)))],
  ['while serving', (path: string, content: string) => saveWhole(path, Buffer.from(content))],
] as const;

describe.each(ways)('a file written whole %s', (_when, write) => {
  it('is read back, readable as text, for its owner only, with nothing else left in the folder', async () => {
    const path = fresh();
    expect(text(path)).toBe('missing');
    await write(path, 'first\n');
    await write(path, 'second\n');
    expect(text(path)).toBe('ok second\n');
    expect(readFileSync(path, 'utf8').startsWith('second\n')).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..')).sort()).toEqual(['file.txt', 'file.txt.prev']);
    await write(path, '');
    expect(text(path)).toBe('ok ');
  });

  it('comes back as it was before when it is damaged or cut anywhere', async () => {
    const path = fresh();
    await write(path, 'good');
    await write(path, 'later');
    const stored = readFileSync(path);
    const places = Array.from(stored.keys()).filter((at) => at % 3 === 0);
    const spoiled = [
      ...places.map((at) => stored.subarray(0, at)),
      ...places.map((at) => Buffer.from(stored.map((byte, index) => (index === at ? byte ^ 1 : byte)))),
      Buffer.alloc(stored.length),
      Buffer.concat([stored, Buffer.from('more')]),
    ];
    for (const [index, bytes] of spoiled.entries()) {
      writeFileSync(path, bytes);
      const file = readWhole(path);
      expect(file).toMatchObject({ state: 'restored', damaged: `${path}.damaged-${index + 1}` });
      expect(text(path)).toBe('restored good');
      expect(readFileSync(`${path}.damaged-${index + 1}`)).toEqual(bytes);
    }
    await write(path, 'mended');
    expect(text(path)).toBe('ok mended');
  });

  it('says damaged, never missing, when no good one is left', async () => {
    const path = fresh();
    await write(path, 'only');
    writeFileSync(path, '');
    expect(readWhole(path)).toEqual({ state: 'damaged', damaged: `${path}.damaged-1` });
    await write(path, 'one');
    await write(path, 'two');
    writeFileSync(path, 'bad');
    writeFileSync(`${path}.prev`, 'bad too');
    expect(readWhole(path).state).toBe('damaged');
    expect(readFileSync(`${path}.damaged-2`, 'utf8')).toBe('bad');
    expect(readFileSync(`${path}.prev.damaged-1`, 'utf8')).toBe('bad too');
  });

  it('does not let a file that rotted take the place of the good one before it', async () => {
    const path = fresh();
    await write(path, 'good');
    await write(path, 'rots');
    writeFileSync(path, 'rotten');
    await write(path, 'newest');
    writeFileSync(path, 'rotten again');
    expect(text(path)).toBe('restored good');
  });

  it('gets over a write that was cut off between two of its steps', async () => {
    const path = fresh();
    await write(path, 'before');
    writeFileSync(`${path}.99-1.tmp`, 'half a fi');
    linkSync(path, `${path}.prev`);
    expect(text(path)).toBe('ok before');
    await write(path, 'after');
    expect(text(path)).toBe('ok after');
    expect(readdirSync(join(path, '..')).sort()).toEqual(['file.txt', 'file.txt.prev']);
    unlinkSync(path);
    expect(text(path)).toBe('restored before');
  });
});

describe('a save that fails', () => {
  it('leaves everything as it was', async () => {
    const path = fresh();
    await saveWhole(path, Buffer.from('stays'));
    await expect(saveWhole(join(path, 'impossible'), Buffer.from('x'))).rejects.toThrow();
    expect(text(path)).toBe('ok stays');
    expect(existsSync(`${path}.prev`)).toBe(false);
  });

  it('loads as null what is missing or damaged', async () => {
    const path = fresh();
    expect(await loadWhole(path)).toBeNull();
    await saveWhole(path, Buffer.from('here'));
    expect((await loadWhole(path))?.toString()).toBe('here');
    writeFileSync(path, 'damaged');
    expect(await loadWhole(path)).toBeNull();
  });
});

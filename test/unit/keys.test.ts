/** The keys of a data folder: made once, opened at every start, changed and recovered by `porter key` (durability.md 16). */
import { describe, expect, test } from 'vitest';
import { seeded } from '../../device/demo/random.ts';
import { keyCommand } from '../../device/key-command.ts';
import { openKeys } from '../../device/journal/key-folder.ts';
import type { KeyPlaces } from '../../device/journal/key-folder.ts';
import type { Masters } from '../../device/journal/masters.ts';
import { fileSeal } from '../../device/journal/sealed-file.ts';
import { withCheck } from '../../device/journal/whole-file.ts';
import { readRecoveryKey, recoveryKeyText } from '../../device/journal/written-keys.ts';
import { KeeperRun } from '../support/journal-files.ts';
import { testRandom } from '../support/keys.ts';
import { MemoryDisk } from '../support/memory-disk.ts';
import { foldersOn } from '../support/memory-folders.ts';

const DATA = '/var/porter';
const KEY = `${DATA}.key`;
const seed = 20_261_125;

function box(disk = new MemoryDisk(), random = testRandom(seed)) {
  const disks = foldersOn(disk);
  const places: KeyPlaces = { dataFolder: DATA, keyFiles: [KEY], newKeyFile: KEY, disks };
  const printed: string[] = [];
  return {
    disk,
    places,
    random,
    printed,
    start: (more: Partial<KeyPlaces> = {}) => openKeys({ ...places, ...more }, random),
    command: (action: string, typed = '', more: Partial<KeyPlaces> = {}) =>
      keyCommand({
        action,
        places: { ...places, ...more },
        random,
        print: (text) => printed.push(text),
        ask: () => Promise.resolve(typed),
      }),
  };
}

const ids = ({ all }: Masters): readonly string[] => all.map(({ id }) => id);
const shown = (printed: readonly string[]): string =>
  /(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}/.exec(printed.join(''))?.[0] ?? '';
const everything = (disk: MemoryDisk): string =>
  JSON.stringify([...disk.list()].sort().map((name) => [name, disk.read(name).toString('hex')]));
const flip = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 0x10, at);
  return copy;
};
/** A record under these keys, in the data folder's journal. */
function record(disk: MemoryDisk, masters: Masters, name: string): void {
  const journal = new MemoryDisk();
  for (const path of disk.list()) {
    if (path.startsWith(`${DATA}/journal/`)) journal.put(path.slice(DATA.length + 9), disk.read(path));
  }
  const run = new KeeperRun(journal, { segment: 4096, reserve: 16 }, masters);
  run.append(name);
  for (const path of journal.list()) disk.put(`${DATA}/journal/${path}`, journal.read(path));
}
function recordsIn(disk: MemoryDisk, masters: Masters): readonly string[] {
  const journal = new MemoryDisk();
  for (const path of disk.list()) {
    if (path.startsWith(`${DATA}/journal/`)) journal.put(path.slice(DATA.length + 9), disk.read(path));
  }
  return new KeeperRun(journal, { segment: 4096, reserve: 16 }, masters)
    .read()
    .map((line) => line.replace(/^\d+ /, ''));
}

describe('a new data folder', () => {
  test('gets a key file beside it and a recovery key that is shown this once', () => {
    const { disk, start } = box();
    const first = start();
    expect(first.recoveryKey).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(disk.read(KEY).toString()).toMatch(/^porter-key-1 [0-9a-f]{64} [0-9a-f]{8}\n$/);
    const second = start();
    expect(second.recoveryKey).toBeNull();
    expect(ids(second.masters)).toEqual(ids(first.masters));
    const stored = everything(disk);
    expect(stored).not.toContain(Buffer.from(first.recoveryKey ?? '').toString('hex'));
    for (const { key } of first.masters.all) expect(stored).not.toContain(Buffer.from(key).toString('hex'));
  });

  test('takes a key file that was put there before, and makes none', () => {
    const { disk, start } = box();
    const other = box(new MemoryDisk(), testRandom(2));
    other.start();
    disk.put(KEY, other.disk.read(KEY));
    start();
    expect(disk.read(KEY)).toEqual(other.disk.read(KEY));
  });

  test('cut off by a power cut at any step starts all the same, with keys that stay', () => {
    const { below } = seeded(seed);
    console.log(`seed ${seed}`);
    for (let steps = 0; steps < 40; steps += 1) {
      const { disk, start } = box();
      disk.operationsLeft = steps;
      try {
        start();
      } catch (error) {
        expect(error).toMatchObject({ code: 'POWER' });
      }
      disk.cutPower(() => below(1000) / 1000);
      const again = start();
      record(disk, again.masters, 'kept');
      expect(recordsIn(disk, start().masters)).toEqual(['kept']);
    }
  });
});

describe('a key that is not there or does not fit', () => {
  const made = (): ReturnType<typeof box> => {
    const one = box();
    record(one.disk, one.start().masters, 'kept');
    return one;
  };

  test('is said, and nothing is changed: no key file, another one, one that was mistyped', () => {
    const another = box(new MemoryDisk(), testRandom(2));
    another.start();
    const wrong: readonly [string, Buffer | null, string][] = [
      ['none', null, 'key_missing'],
      ['of another box', another.disk.read(KEY), 'wrong_key'],
      [
        'mistyped',
        Buffer.from(
          another.disk
            .read(KEY)
            .toString()
            .replace(/[0-9a-f] /, 'x '),
        ),
        'wrong_key',
      ],
      ['empty', Buffer.alloc(0), 'wrong_key'],
    ];
    for (const [, bytes, code] of wrong) {
      const { disk, start } = made();
      disk.remove(KEY);
      if (bytes !== null) disk.put(KEY, bytes);
      const before = everything(disk);
      expect(() => start()).toThrow(expect.objectContaining({ code }));
      expect(everything(disk)).toBe(before);
    }
  });

  test('no new keys are made where the master keys are gone and records are there', () => {
    const { disk, start } = made();
    for (const copy of ['masters.1', 'masters.2']) disk.remove(`${DATA}/keys/${copy}`);
    const before = everything(disk);
    expect(() => start()).toThrow(expect.objectContaining({ code: 'key_missing' }));
    expect(everything(disk)).toBe(before);
  });

  test('one bit anywhere in one copy of the master keys is made good from the other; in both, it is said', () => {
    const whole = made();
    const names = ['masters.1', 'masters.2'].map((copy) => `${DATA}/keys/${copy}`);
    const [first = ''] = names;
    const bytes = whole.disk.read(first);
    for (let at = 0; at < bytes.length; at += 1) {
      const { disk, start } = box(whole.disk.copy());
      disk.put(first, flip(bytes, at));
      start();
      expect(disk.read(first)).toEqual(bytes);
      for (const name of names) disk.put(name, flip(bytes, at));
      const before = everything(disk);
      expect(() => start()).toThrow(expect.objectContaining({ code: 'key_missing' }));
      expect(everything(disk)).toBe(before);
    }
  });

  test('cut short at every length, both copies: said, nothing is changed', () => {
    const whole = made();
    const names = ['masters.1', 'masters.2'].map((copy) => `${DATA}/keys/${copy}`);
    const bytes = whole.disk.read(names[0] ?? '');
    for (let length = 0; length < bytes.length; length += 1) {
      const { disk, start } = box(whole.disk.copy());
      for (const name of names) disk.put(name, bytes.subarray(0, length));
      const before = everything(disk);
      expect(() => start()).toThrow(expect.objectContaining({ code: 'key_missing' }));
      expect(everything(disk)).toBe(before);
    }
  });
});

describe('porter key rotate', () => {
  test('gives new keys; what stands on either side of it is read, and the old key opens nothing any more', async () => {
    const one = box();
    record(one.disk, one.start().masters, 'before');
    const old = one.disk.read(KEY);
    expect(await one.command('rotate')).toBe(0);
    const after = one.start().masters;
    expect(after.all.length).toBe(2);
    record(one.disk, after, 'after');
    expect(recordsIn(one.disk, after)).toEqual(['before', 'after']);
    one.disk.put(KEY, old);
    expect(() => one.start()).toThrow(expect.objectContaining({ code: 'wrong_key' }));
    expect(one.disk.list().filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  test('puts the new key beside the data folder where the old one is a credential that cannot be written to', async () => {
    const one = box();
    const credential = '/run/credentials/porter.key';
    one.start();
    one.disk.put(credential, one.disk.read(KEY));
    one.disk.remove(KEY);
    const old = one.disk.read(credential);
    expect(await one.command('rotate', '', { keyFiles: [credential, KEY] })).toBe(0);
    expect(one.disk.read(credential)).toEqual(old);
    expect(one.start({ keyFiles: [credential, KEY] }).masters.all.length).toBe(2);
    expect(one.printed.join('')).toContain(credential);
  });

  test('cut off at any step, the key file that is there opens everything, and the next rotation goes through', async () => {
    const whole = box();
    record(whole.disk, whole.start().masters, 'before');
    const { below } = seeded(seed);
    console.log(`seed ${seed}`);
    for (let steps = 0; steps < 60; steps += 1) {
      const one = box(whole.disk.copy(), testRandom(seed + steps));
      one.disk.operationsLeft = steps;
      await one.command('rotate');
      one.disk.cutPower(() => below(1000) / 1000);
      expect(recordsIn(one.disk, one.start().masters)).toEqual(['before']);
      expect(await one.command('rotate')).toBe(0);
      expect(recordsIn(one.disk, one.start().masters)).toEqual(['before']);
    }
  });
});

describe('the recovery key', () => {
  test('gives a new key file where the old one is lost, and stays good', async () => {
    const one = box();
    const { masters, recoveryKey } = one.start();
    record(one.disk, masters, 'kept');
    for (let times = 0; times < 2; times += 1) {
      one.disk.remove(KEY);
      expect(await one.command('recover', (recoveryKey ?? '').toLowerCase().replace(/-/g, ' '))).toBe(0);
      expect(recordsIn(one.disk, one.start().masters)).toEqual(['kept']);
    }
  });

  test('that is mistyped in one symbol, or swapped in two, is told from one that is not of this box', async () => {
    const key = recoveryKeyText(testRandom(5)(16));
    const symbols = key.replace(/-/g, '');
    for (let at = 0; at < symbols.length; at += 1) {
      for (const symbol of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
        const typed = symbols.slice(0, at) + symbol + symbols.slice(at + 1);
        if (typed !== symbols) expect(readRecoveryKey(typed)).toBeNull();
      }
      const swapped = symbols.slice(0, at) + (symbols[at + 1] ?? '') + (symbols[at] ?? '') + symbols.slice(at + 2);
      if (at + 1 < symbols.length && swapped !== symbols) expect(readRecoveryKey(swapped)).toBeNull();
    }
    expect(readRecoveryKey(key.replace(/0/g, 'o').replace(/1/g, 'l'))).not.toBeNull();

    const one = box();
    one.start();
    one.disk.remove(KEY);
    const before = everything(one.disk);
    for (const [typed, words] of [
      [`${symbols}0`, 'no recovery key'],
      [key, 'not of these records'],
    ] as const) {
      expect(await one.command('recover', typed)).toBe(1);
      expect(one.printed.join('')).toContain(words);
      expect(everything(one.disk)).toBe(before);
    }
  });

  test('overwrites no key file that is there', async () => {
    const one = box();
    const { recoveryKey } = one.start();
    const before = everything(one.disk);
    expect(await one.command('recover', recoveryKey ?? '')).toBe(1);
    expect(everything(one.disk)).toBe(before);
  });

  test('is made anew, and the one before it opens nothing any more', async () => {
    const one = box();
    const { recoveryKey } = one.start();
    expect(await one.command('new-recovery')).toBe(0);
    const fresh = shown(one.printed);
    one.disk.remove(KEY);
    expect(await one.command('recover', recoveryKey ?? '')).toBe(1);
    expect(await one.command('recover', fresh)).toBe(0);
  });

  test('cut off at any step while it recovers, recovers the next time', async () => {
    const whole = box();
    const { masters, recoveryKey } = whole.start();
    record(whole.disk, masters, 'kept');
    whole.disk.remove(KEY);
    const { below } = seeded(seed);
    for (let steps = 0; steps < 40; steps += 1) {
      const one = box(whole.disk.copy(), testRandom(seed + steps));
      one.disk.operationsLeft = steps;
      await one.command('recover', recoveryKey ?? '');
      one.disk.cutPower(() => below(1000) / 1000);
      if (!one.disk.list().includes(KEY)) expect(await one.command('recover', recoveryKey ?? '')).toBe(0);
      expect(recordsIn(one.disk, one.start().masters)).toEqual(['kept']);
    }
  });
});

describe('porter key check', () => {
  test('says whether the key fits, and tells a copy that is damaged', async () => {
    const one = box();
    record(one.disk, one.start().masters, 'kept');
    expect(await one.command('check')).toBe(0);
    expect(one.printed.join('')).toContain('The key fits.');
    one.disk.put(`${DATA}/keys/masters.2`, Buffer.from('spoilt'));
    expect(await one.command('check')).toBe(1);
    one.disk.remove(KEY);
    expect(await one.command('check')).toBe(1);
    expect(one.printed.at(-1)).toContain(`there is no ${KEY}`);
  });

  test('says whether the keys of pupils and of photos open, and changes nothing', async () => {
    for (const [what, copies] of [
      ['pupil-keys', ['journal/pupil-keys.1', 'journal/pupil-keys.2']],
      ['photos', ['photos/.keys.1', 'photos/.keys.2']],
    ] as const) {
      const one = box();
      const { masters } = one.start();
      record(one.disk, masters, 'kept');
      const photoKeys = JSON.stringify({
        v: 1,
        generation: 1,
        days: { '2026-11-23': { key: '', photos: { visit: '' } } },
      });
      const seal = fileSeal(() => masters, one.random);
      for (const name of ['.keys.1', '.keys.2']) {
        one.disk.put(`${DATA}/photos/${name}`, withCheck(seal.seal(name, Buffer.from(photoKeys))));
      }
      expect(await one.command('check')).toBe(0);
      expect(one.printed.join('')).toMatch(/keys of 0 pupils open[^]*keys of 1 photos open/);
      const [first, second] = copies.map((name) => `${DATA}/${name}`);
      one.disk.put(first ?? '', Buffer.from('spoilt'));
      expect(await one.command('check')).toBe(1);
      expect(one.printed.at(-1)).toMatch(new RegExp(`${what}.* is damaged: the next`));
      one.disk.put(second ?? '', Buffer.from('spoilt'));
      const before = everything(one.disk);
      expect(await one.command('check')).toBe(1);
      expect(one.printed.at(-1)).toMatch(new RegExp(`${what}.*LOST`));
      expect(everything(one.disk)).toBe(before);
    }
  });
});

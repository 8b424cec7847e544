import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codesOf } from '../../device/domain/codes.ts';
import { fileSeal } from '../../device/journal/sealed-file.ts';
import { enterToken, enteredOver } from '../../device/settings/entered-token.ts';
import { problemText } from '../../device/settings/problem.ts';
import { type LoadedSettings, loadSettings, readSettingsFile } from '../../device/settings/store.ts';
import { testMasters } from '../support/keys.ts';

const good = '[school]\nname = "Hill View School"\n[mis]\nconnector = "none"\n';
const other = good.replace('Hill View', 'Mill Lane');
const bad = good.replace('name', 'nmae');

let folder: string;
let configPath: string;
let dataDir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porter-settings-'));
  mkdirSync(join(folder, 'config'));
  configPath = join(folder, 'config', 'porter.toml');
  dataDir = join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Ready = LoadedSettings & { readonly state: 'ready' };
const load = (path: string | null = configPath) => loadSettings({ configPath: path, dataDir });
function ready(loaded: LoadedSettings): Ready {
  if (loaded.state !== 'ready') throw new Error(`not ready but ${JSON.stringify(loaded)}`);
  return loaded;
}
const school = (loaded: LoadedSettings) => ready(loaded).settings.school.name;
const write = (toml: string | Uint8Array) => writeFileSync(configPath, toml);

describe('which settings are in force', () => {
  it('those of the file, when it is right', () => {
    write(good);
    expect(load()).toMatchObject({ state: 'ready', from: 'file', problems: [], warnings: [], missing: [] });
  });

  it('none, when the file that was named is not there: an error, never demo, also where there were good ones', () => {
    expect(load().state).toBe('missing');
    write(good);
    load();
    rmSync(configPath);
    expect(load().state).toBe('missing');
    expect(load(join(folder, 'config', 'porter.toml', 'x')).state).toBe('missing');
  });

  it('demo, when there is neither a file nor settings that were good', () => {
    expect(load(null)).toEqual({ state: 'demo' });
  });

  it('the last good ones, when no file is named', () => {
    write(good);
    load();
    expect(school(load(null))).toBe('Hill View School');
    expect(ready(load(null)).from).toBe('last-good');
  });

  it('the last good ones, when a new file is wrong, and what is wrong is told beside them', () => {
    write(good);
    load();
    write(bad);
    const loaded = ready(load());
    expect(loaded.from).toBe('last-good');
    expect(loaded.settings.school.name).toBe('Hill View School');
    expect(loaded.problems.map(problemText).join('\n')).toContain(`${configPath}, line 2, school.nmae: `);
    write(other);
    expect(school(load())).toBe('Mill Lane School');
    expect(school(load(null))).toBe('Mill Lane School');
  });

  it('none, when the first file ever is wrong', () => {
    write(bad);
    expect(load().state).toBe('wrong');
    expect(load(null).state).toBe('demo');
  });

  it.each([
    ['a folder', () => mkdirSync(configPath)],
    ['a file that is far too large', () => write('#'.repeat(300 * 1024))],
    ['a file in another encoding', () => write(Buffer.from(`\ufeff${good}`, 'utf16le'))],
    ['an empty file', () => write('')],
  ])('the last good ones, when the file is %s', (_, spoil) => {
    write(good);
    load();
    rmSync(configPath);
    spoil();
    expect(school(load())).toBe('Hill View School');
    expect(ready(load()).problems.length).toBeGreaterThan(0);
  });

  it('still the same after the law has changed its codes: only a new file is held against them', () => {
    const reason = '[[reason]]\nid = "a"\nkind = "leave"\nlabel = { en = "A" }\nlater_session_code = "M"\n';
    const then = (nation: 'england' | 'wales') => codesOf(nation, '2026-11-23');
    const later = (nation: 'england' | 'wales') => new Map([...then(nation)].filter(([code]) => code !== 'M'));
    write(good + reason);
    expect(loadSettings({ configPath, dataDir, codes: then }).state).toBe('ready');
    const loaded = ready(loadSettings({ configPath, dataDir, codes: later }));
    expect(loaded.from).toBe('last-good');
    expect(loaded.problems).toHaveLength(1);
  });
});

describe('what is kept of the last good file', () => {
  it('is only for the owner of the box to read, and written only when something changed', () => {
    write(good);
    load();
    const kept = readdirSync(dataDir).map((name) => join(dataDir, name));
    expect(kept.map((path) => statSync(path).mode & 0o077)).toEqual(kept.map(() => 0));
    const before = kept.map((path) => statSync(path).ino);
    load();
    expect(kept.map((path) => statSync(path).ino)).toEqual(before);
  });

  it('damaged as a whole: said, never demo', () => {
    write(good);
    load();
    for (const name of readdirSync(dataDir)) writeFileSync(join(dataDir, name), 'garbage');
    expect(load(null)).toMatchObject({ state: 'wrong', problems: [{ found: 'a damaged file' }] });
    expect(load(null)).toMatchObject({ state: 'wrong', problems: [{ found: 'a damaged file' }] });
  });

  it('damaged, with the one before it whole: that one is used, and said', () => {
    write(good);
    load();
    write(other);
    load();
    writeFileSync(join(dataDir, 'last-good-settings.json'), 'garbage');
    const loaded = ready(load(null));
    expect(loaded.settings.school.name).toBe('Hill View School');
    expect(loaded.warnings).toHaveLength(1);
  });

  it('finds the files beside the technician file where it was', () => {
    write(good);
    load();
    expect(ready(load(null)).settings.roster.csv).toBe(join(folder, 'config', 'roster.csv'));
  });

  it('that no card takes is a warning: the settings are in force', () => {
    write(good);
    writeFileSync(dataDir, 'a file in the place of the folder');
    const loaded = ready(load());
    expect(loaded.from).toBe('file');
    expect(loaded.warnings.map(({ expected }) => expected)).toEqual(['room to keep the last good settings']);
  });
});

describe('secrets kept elsewhere', () => {
  const seal = fileSeal(
    () => testMasters,
    (count) => randomBytes(count),
  );
  const wonde = (token: string) => `[school]\nname = "x"\n[mis]\nconnector = "wonde"\nschool_id = "A1"\n${token}\n`;
  const token = (loaded: LoadedSettings) => {
    const { mis } = ready(loaded).settings;
    return mis.connector === 'wonde' ? mis.token : null;
  };

  it('come from the data folder, or are told to be missing', () => {
    write(wonde('token = "(stored)"'));
    expect(ready(load()).missing).toEqual(['mis.token']);
    expect(token(load())).toBe('');
    const loaded = loadSettings({ configPath, dataDir, secret: (key) => `kept ${key}` });
    expect(token(loaded)).toBe('kept mis.token');
    expect(ready(loaded).missing).toEqual([]);
  });

  it('come from a token file, read anew at each start', () => {
    write(wonde('token_file = "token"'));
    expect(ready(load()).missing).toEqual(['mis.token']);
    writeFileSync(join(folder, 'config', 'token'), 'first\n');
    expect(token(load())).toBe('first');
    writeFileSync(join(folder, 'config', 'token'), 'second');
    expect(token(load(null))).toBe('second');
  });

  it('a token that staff entered lies over the technician’s until that is another', () => {
    const now = () => loadSettings({ configPath, dataDir, enteredToken: (given) => enteredOver(given, dataDir, seal) });
    const enter = (entered: string) => {
      enterToken(entered, token(now()) ?? '', dataDir, seal);
    };
    write(wonde('token = "first"'));
    expect(token(now())).toBe('first');
    enter('second');
    expect(token(now())).toBe('second');
    enter('third');
    expect(token(now())).toBe('third');
    expect(readFileSync(join(dataDir, 'entered-token.json')).toString('latin1')).not.toContain('third');
    write(wonde('token = "fourth"'));
    expect(token(now())).toBe('fourth');
    enter('fifth');
    expect(token(now())).toBe('fifth');
    for (const file of readdirSync(dataDir).filter((name) => name.startsWith('entered-token')))
      writeFileSync(join(dataDir, file), 'garbage');
    expect(token(now())).toBe('fourth');
  });

  it('one that was entered where there was none is not missing any more', () => {
    write(wonde('token_file = "token"'));
    load();
    enterToken('entered', '', dataDir, seal);
    const loaded = loadSettings({ configPath, dataDir, enteredToken: (given) => enteredOver(given, dataDir, seal) });
    expect([token(loaded), ready(loaded).missing]).toEqual(['entered', []]);
  });

  it('are missing when the token file holds something else', () => {
    write(wonde('token_file = "token"'));
    for (const text of ['', 'two words', 'x'.repeat(10_000)]) {
      writeFileSync(join(folder, 'config', 'token'), text);
      expect(ready(load()).missing).toEqual(['mis.token']);
    }
  });
});

it('a file can be checked by itself, without anything being kept', () => {
  write(good);
  expect(readSettingsFile(configPath, {}).state).toBe('good');
  write(bad);
  expect(readSettingsFile(configPath, {}).state).toBe('wrong');
  expect(readSettingsFile(join(folder, 'nowhere.toml'), {}).state).toBe('missing');
  expect(readdirSync(folder)).toEqual(['config']);
});

/** A box is backed up while it runs, and restored: whole or not at all, as another journal, and whoever was erased stays erased. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takenAtConsole } from '../../device/copies/backup.ts';
import { finishRestore } from '../../device/copies/restore.ts';
import { Porter } from '../support/porter.ts';

const program = join(import.meta.dirname, '../../dist/porter.js');
const password = 'three plain words';
let porter: Porter;
let folder: string;
let file: string;
const pupils: string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'porter-backup-'));
  file = join(folder, 'box.porter-backup');
  porter = await Porter.start({ clock: '2026-11-23T08:38', settings: '' });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  const kiosk = await porter.kiosk();
  const names = await kiosk.emitWithAck('names', { visit: 'list', flow: 'late', yearGroup: 'Year 9', month: 3 });
  if (!names.ok) throw new Error(JSON.stringify(names.error));
  pupils.push(...names.value.pupils.map(({ pupil }) => pupil));
  kiosk.close();
  for (const pupil of pupils.slice(0, 2)) {
    await porter.tell('record-for', { pupil, at: { minute: '08:30' }, what: { kind: 'late', reason: 'bus' } });
  }
});
afterAll(async () => {
  await porter.stop();
  rmSync(folder, { recursive: true });
});

const data = (): string => join(porter.folder, 'data');
type Ran = Promise<{ readonly exit: number; readonly said: string }>;
const run = (typed: string, ...args: readonly string[]): Ran => runProgram(process.execPath, typed, program, ...args);
async function runProgram(name: string, typed: string, ...args: readonly string[]): Ran {
  const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  child.stdin.on('error', () => undefined); // it wanted nothing
  child.stdin.end(`${typed}\n`);
  const exit = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  return { exit, said };
}
interface Told {
  readonly type: string;
  readonly pupil?: string;
  readonly follows?: string;
}
async function records(of = data()): Promise<readonly Told[]> {
  const { said } = await run('', 'journal', 'export', '--data', of, '--key', `${data()}.key`);
  return said.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Told]));
}

test('while it runs, it is written to a file; the password opens it, and nothing else', async () => {
  expect(await run('short', 'backup', 'create', file, '--data', data())).toMatchObject({ exit: 1 });
  expect(existsSync(file)).toBe(false);
  const made = await run(
    password,
    'backup',
    'create',
    file,
    '--data',
    data(),
    '--config',
    join(porter.folder, 'porter.toml'),
  );
  expect(made).toMatchObject({ exit: 0, said: expect.stringContaining('Written') as string });
  expect(Date.now() - (takenAtConsole(data()) ?? 0)).toBeLessThan(60_000);
  expect((await run(password, 'backup', 'create', file, '--data', data())).said).toContain('is there already');
  expect((await run(password, 'backup', 'check', file)).said).toMatch(
    /Whole: \d+ files, \d+ bytes, of Hill View School, Main reception/,
  );
  expect(await run('another password', 'backup', 'check', file)).toMatchObject({ exit: 1 });
});

describe('to a stick that', () => {
  const stick = (): string => join(folder, 'stick');
  /** As the kernel says it when this call comes. */
  async function failing(call: string, error: string): Ran {
    mkdirSync(stick(), { recursive: true });
    const inject = ['-f', '-qq', '-o', '/dev/null', '-P', `${stick()}/it.part`, '-e', `inject=${call}:error=${error}`];
    const create = [program, 'backup', 'create', join(stick(), 'it'), '--data', data()];
    return runProgram('strace', password, ...inject, process.execPath, ...create);
  }

  test.each([
    ['is full', 'write,writev,pwrite64,pwritev', 'ENOSPC', 'there is no room for it there'],
    ['is write-protected', 'openat,open', 'EROFS', 'write-protected'],
    ['is pulled out in the middle', 'write,writev,pwrite64,pwritev', 'EIO', 'a stick that was taken out'],
    ['is pulled out at the end', 'fsync', 'EIO', 'a stick that was taken out'],
  ])('%s: it is said, and nothing there looks like a backup', async (_, call, error, words) => {
    const made = await failing(call, error);
    expect(made).toMatchObject({ exit: 1, said: expect.stringContaining(words) as string });
    expect(readdirSync(stick())).toEqual([]);
  });
});

describe('restored', () => {
  test('into an empty folder it holds every record, and no photo, identity or key of the spine', async () => {
    const other = join(folder, 'other');
    expect(await run(password, 'backup', 'restore', file, '--data', other)).toMatchObject({ exit: 0 });
    const there = readdirSync(other, { recursive: true, encoding: 'utf8' });
    expect(there).toContain('roster.json');
    expect(takenAtConsole(other)).toBeNull();
    expect(there.filter((name) => /photos|spine-key|journal.id$|checkpoint/.test(name))).toEqual([]);
    const moved = (await records(other)).filter(({ type }) => type === 'movement');
    expect(moved.map(({ pupil }) => pupil)).toEqual(pupils.slice(0, 2));
  });

  test('not into a folder that is in use, nor from half a file; the folder stays as it was', async () => {
    expect((await run(password, 'backup', 'restore', file, '--data', data())).said).toMatch(
      /runs already|in use|locked|another/i,
    );
    const half = join(folder, 'half');
    const bytes = readFileSync(file);
    writeFileSync(half, bytes.subarray(0, bytes.length - 9));
    const target = join(folder, 'empty');
    expect(await run(password, 'backup', 'restore', half, '--data', target)).toMatchObject({
      ...{ exit: 1, said: expect.stringContaining('Nothing was changed') as string },
    });
    expect(readdirSync(folder).filter((name) => name.startsWith('empty'))).toEqual([]);
  });

  test('over the box it goes on under another identity, and forgets whom it had erased since', async () => {
    const [erased = '', other = ''] = pupils;
    const before = (await records()).length;
    await porter.tell('erase', { pupil: erased, second: 'Mr Shah', why: 'asked for in writing', by: 'Ms Reed' });
    await porter.kill('SIGTERM');
    const id = readFileSync(join(data(), 'journal/id'), 'latin1');
    expect((await run(password, 'backup', 'restore', file, '--data', data())).said).toContain('is not empty');
    const done = await run(password, 'backup', 'restore', file, '--data', data(), '--replace');
    expect(done).toMatchObject({ exit: 0, said: expect.stringContaining(`${data()}.before-1`) as string });
    expect(done.said).not.toContain('cannot be read');
    await porter.run();
    await porter.until('it serves', (state) => state.roster.pupils > 1000);
    expect(readFileSync(join(data(), 'journal/id'), 'latin1')).not.toBe(id);
    const now = await records();
    expect(now.length).toBeGreaterThan(before - 10);
    expect(now.filter(({ type }) => type === 'movement').map(({ pupil }) => pupil)).toEqual([other]);
    expect(now.some(({ type }) => type === 'erased')).toBe(true);
    expect(now.some(({ type, follows }) => type === 'run' && follows !== undefined)).toBe(true);
    expect(existsSync(join(data(), 'erased-before-restore.json'))).toBe(false);
    expect(await run('', 'journal', 'verify', '--data', data())).toMatchObject({ exit: 0 });
  });

  test('cut off at any instant, the records of before or those restored are in force, and the next start says which', async ({
    skip,
  }) => {
    await porter.kill('SIGTERM');
    const idIn = (of: string): string | null => {
      const path = join(of, 'journal/id');
      return existsSync(path) ? readFileSync(path, 'latin1') : null;
    };
    const before = idIn(data());
    const cutAt = async (rename: number): Promise<void> => {
      const inject = ['-f', '-e', 'trace=rename', '-e', `inject=rename:signal=KILL:when=${String(rename)}`];
      const restore = [program, 'backup', 'restore', file, '--data', data(), '--replace'];
      const { said } = await runProgram('strace', password, ...inject, process.execPath, ...restore);
      if (said.includes('Restored:')) skip('strace may not trace here');
      expect(said).toContain('killed by SIGKILL');
    };
    // Unpacked; then ready; then with the old one aside.
    await cutAt(1);
    expect(existsSync(`${data()}.restoring`)).toBe(true);
    expect([finishRestore(data()), idIn(data())]).toEqual([expect.stringContaining('before it is in force'), before]);
    await cutAt(2);
    expect(existsSync(`${data()}.restored`)).toBe(true);
    expect([finishRestore(data()), idIn(data())]).toEqual([expect.stringContaining('before it is in force'), before]);
    await cutAt(3);
    expect(existsSync(data())).toBe(false);
    await porter.run();
    const { faults } = await porter.until('it serves', (state) => state.roster.pupils > 1000);
    expect(faults).toContainEqual(expect.stringContaining('the restored records are in force'));
    expect(idIn(data())).not.toBe(before);
    expect(idIn(`${data()}.before-2`)).toBe(before);
    expect(finishRestore(data())).toBeNull();
  });
});

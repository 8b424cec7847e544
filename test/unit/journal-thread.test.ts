import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeded } from '../../device/demo/random.ts';
import type { Recorded } from '../../device/domain/record.ts';
import { openJournal } from '../../device/journal/journal.ts';
import type { Journal } from '../../device/journal/journal.ts';
import { SystemClock } from '../../device/system/clock.ts';
import { machineLog, machineRandom, machineTimers } from '../../device/system/outside.ts';
import { testMasters } from '../support/keys.ts';

const place = mkdtempSync(join(tmpdir(), 'porter-journal-'));
const threadFile = resolve(import.meta.dirname, '../../dist/journal-thread.js');
const writer = join(place, 'writer.cjs');
const clock = new SystemClock({ trust: 'system', offsetMs: 0, builtAt: 0, hasMis: false });
const outside = {
  clock,
  timers: machineTimers,
  random: machineRandom,
  log: machineLog,
  build: 'test',
  masters: testMasters,
};
const open = (folder: string): Promise<Journal> => openJournal({ ...outside, folder, threadFile });

beforeAll(() => {
  buildSync({
    entryPoints: [resolve(import.meta.dirname, '../support/journal-writer.ts')],
    bundle: true,
    platform: 'node',
    outfile: writer,
  });
});
afterAll(() => rmSync(place, { recursive: true }));

/** Runs a writer and kills it once it was promised so many records. Answers what it was promised. */
function writeAndKill(folder: string, name: string, promises: number): Promise<readonly string[]> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [writer, folder, threadFile, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      if (told.split('\n').length > promises) child.kill('SIGKILL');
    });
    child.on('error', failed);
    child.on('close', () => done(told.split('\n').slice(0, -1)));
  });
}

async function replayed(journal: Journal): Promise<readonly Recorded[]> {
  const all: Recorded[] = [];
  for await (const records of journal.replay()) all.push(...records);
  return all;
}
const note = (detail: string) =>
  ({ type: 'note', v: 1, kind: 'conflict', urgent: false, visit: null, pupil: null, detail }) as const;

describe('the journal on its thread and a real disk', () => {
  it('holds after SIGKILL every record that was promised before it', async () => {
    const seed = Math.floor(clock.now() % 1_000_000);
    console.log(`seed ${seed}`);
    const { below } = seeded(seed);
    const folder = join(place, 'killed');
    const promised: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      promised.push(...(await writeAndKill(folder, `round-${round}`, 1 + below(300))));
    }
    expect(promised.length).toBeGreaterThan(5);
    const journal = await open(folder);
    const all = await replayed(journal);
    await journal.close();
    const lines = new Set(all.map((record) => `${record.ref} ${record.type === 'note' ? record.detail : record.type}`));
    expect(promised.filter((line) => !lines.has(line))).toEqual([]);
    expect(new Set(all.map(({ ref }) => ref)).size).toBe(all.length);
    expect(journal.opened.faults).toEqual([]);
    expect(all.filter(({ type }) => type === 'run').length).toBe(6);
  });

  it('goes on after a clean stop, and says so', async () => {
    const folder = join(place, 'clean');
    const first = await open(folder);
    await Promise.all(Array.from({ length: 200 }, (_, n) => first.commit([note(String(n))]).durable));
    expect(first.state()).toMatchObject({ kind: 'ok', oldestWaitMs: 0 });
    await first.close();
    const second = await open(folder);
    expect(second.opened).toEqual({ faults: [], cleanStop: true });
    expect((await replayed(second)).map(({ n }) => n)).toEqual(Array.from({ length: 202 }, (_, n) => n + 1));
    await second.close();
  });

  it('tells who else is using the folder, and lets nobody in but itself read it', async () => {
    const folder = join(place, 'locked');
    const journal = await open(folder);
    await expect(open(folder)).rejects.toMatchObject({ code: 'locked' });
    await expect(open(folder)).rejects.toThrow(folder);
    await expect(open(folder)).rejects.toThrow(`process ${process.pid}`);
    await journal.commit([note('still writing')]).durable;
    await journal.close();
    await (await open(folder)).close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o600]));
  });

  it('fails, and does not hang, when its thread cannot be started', async () => {
    await expect(
      openJournal({ ...outside, folder: join(place, 'none'), threadFile: join(place, 'none.js') }),
    ).rejects.toMatchObject({
      code: 'failed',
    });
    await expect(open(join(writer, 'journal'))).rejects.toMatchObject({ code: 'failed' });
  });
});

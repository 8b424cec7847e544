/** A box whose card was last in a newer version: pupils sign in, nothing is decided or sent, and staff are told why (durability.md 3). */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { LateAnswer, NamesAnswer } from '../../device/contract/kiosk.ts';
import type { Ack, Result } from '../../device/contract/result.ts';
import type { Body } from '../../device/domain/record.ts';
import { openJournal } from '../../device/journal/journal.ts';
import { openKeys, realDisks } from '../../device/journal/key-folder.ts';
import { machineRandom, machineTimers } from '../../device/system/outside.ts';
import { silent } from '../support/box.ts';
import { Porter } from '../support/porter.ts';
import { steeredTime } from '../support/steered-time.ts';

const porter = await Porter.start({
  clock: '2026-11-23T08:50',
  settings: '[late]\nhold_seconds = 0\n[clock]\ntrust = "system"\n',
});
afterAll(() => porter.stop());

/** What a newer version might have written: of a type that this one does not know, and must. */
async function writeAsNewer(): Promise<void> {
  const dataFolder = join(porter.folder, 'data');
  const places = { dataFolder, keyFiles: [`${dataFolder}.key`], newKeyFile: `${dataFolder}.key`, disks: realDisks };
  const { masters } = openKeys(places, (count) => machineRandom.bytes(count));
  const journal = await openJournal({
    ...{ clock: steeredTime(Date.parse('2026-11-23T08:50Z')).clock, random: machineRandom, timers: machineTimers },
    ...{ log: silent, build: 'newer', masters, folder: join(dataFolder, 'journal') },
    threadFile: join(import.meta.dirname, '../../dist/journal-thread.js'),
  });
  const newer: unknown = { type: 'excused', v: 1, must: true, pupil: 'all' };
  await journal.commit([newer as Body]).durable;
  await journal.close();
}

async function signIn(birthMonth: number): Promise<LateAnswer> {
  const kiosk = await porter.kiosk();
  const ask = async <T>(run: (ack: Ack<T>) => void): Promise<T> => {
    const result = await new Promise<Result<T>>(run);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value;
  };
  const visit = `visit-${String(birthMonth)}`;
  const about = { visit, flow: 'late', yearGroup: 'Year 9', month: birthMonth } as const;
  const names = await ask<NamesAnswer>((ack) => kiosk.emit('names', about, ack));
  const input = { visit, pupil: names.pupils[0]?.pupil ?? '', reason: 'bus', touchAgoMs: 1_000 };
  const answer = await ask<LateAnswer>((ack) => kiosk.emit('late', { commandId: visit, ageMs: 0, input }, ack));
  kiosk.disconnect();
  return answer;
}

test('a record that must be understood: pupils sign in, nothing more is decided or sent, the fault says why', async () => {
  await porter.until('the roster is there', ({ roster }) => roster.pupils > 1000);
  expect((await signIn(5)).outcome).toBe('late');
  await porter.until('the first mark is there', ({ sum }) => sum.confirmed === 1);
  await porter.kill('SIGTERM');
  await writeAsNewer();
  await porter.run();
  expect((await signIn(6)).outcome).toBe('to-be-confirmed');
  // A second sign-in, and what the watch does every few seconds, find nothing to decide either.
  await signIn(7);
  await new Promise((resolve) => setTimeout(resolve, 5_000)); // longer than the first mark took
  const state = await porter.state();
  expect(state.clockTrusted).toBe(true); // so it is not the time that is not known
  expect(state.sum).toEqual({ recorded: 3, confirmed: 1, waiting: 2, needsPerson: 0 });
  expect(state.marks.map((mark) => mark.state)).toEqual(['confirmed']);
  expect(state.faults.join()).toMatch(/number \d+ was written by a newer version.*no mark is decided or sent/);
  expect(await porter.mis.control.writebacks()).toHaveLength(1);
});

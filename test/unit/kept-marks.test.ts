/** Today's marks over a restart: for the evacuation list after a power cut, with the network down. */
import { expect, test } from 'vitest';
import { KeptMarks, noMarks, readMarks } from '../../device/mis/kept-marks.ts';
import type { MarksData } from '../../device/mis/kept-marks.ts';
import type { SessionName } from '../../device/domain/settings.ts';

/** A disk, and runs of the box on it. */
function box() {
  const disk = { data: noMarks, writes: 0, isFull: false };
  const day = { date: '2026-11-23', isKnown: true };
  const start = () => {
    const read = new Map<string, { readonly code: string | null; readonly at: number }>();
    const of = (pupil: string, date: string, session: SessionName) => read.get(`${pupil} ${date} ${session}`);
    const kept = new KeptMarks({
      marks: {
        get data() {
          return disk.data;
        },
        write: (next: MarksData) => {
          if (disk.isFull) return Promise.reject(new Error('no room'));
          disk.data = readMarks(JSON.parse(JSON.stringify(next))) ?? noMarks;
          disk.writes += 1;
          return Promise.resolve();
        },
      },
      registers: {
        lastCode: (...at) => of(...at)?.code ?? null,
        readAt: (...at) => of(...at)?.at ?? null,
      },
      pupils: () => ['amara', 'ben', 'cai'].map((key) => ({ key })),
      today: () => day.date,
      clock: { trusted: () => day.isKnown },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    const sees = (pupil: string, code: string | null, at: number, session: SessionName = 'AM') =>
      read.set(`${pupil} ${day.date} ${session}`, { code, at });
    const shows = (pupil: string, session: SessionName = 'AM') => [
      kept.code(pupil, day.date, session),
      kept.readAt(pupil, day.date, session),
    ];
    return { kept, sees, shows };
  };
  return { disk, day, start };
}

test('after a restart everybody has the mark that was read last, none younger than it is', async () => {
  const { disk, start } = box();
  const first = start();
  first.sees('amara', '/', 1000);
  first.sees('ben', null, 2000);
  first.sees('amara', 'C', 3000, 'PM');
  await first.kept.keep();
  const again = start();
  expect([again.shows('amara'), again.shows('ben'), again.shows('cai'), again.shows('amara', 'PM')]).toEqual([
    ['/', 1000],
    [null, 1000],
    [null, null],
    ['C', 3000],
  ]);
  await again.kept.keep();
  expect(disk.writes).toBe(1);
  again.sees('ben', 'L', 9000);
  expect([again.shows('amara'), again.shows('ben')]).toEqual([
    ['/', 1000],
    ['L', 9000],
  ]);
});

test('whose mark alone is read again has it kept; what is the same is not written again', async () => {
  const { disk, start } = box();
  const first = start();
  first.sees('amara', '/', 1000);
  first.sees('ben', null, 1000);
  await first.kept.keep();
  first.sees('ben', 'L', 9000); // of Amara the MIS says nothing any more
  await first.kept.keep();
  first.sees('ben', 'L', 9500);
  await first.kept.keep();
  expect(start().shows('ben')).toEqual(['L', 1000]);
  expect(disk.writes).toBe(2);
});

test('of a day that is over nothing stays, once it is known that it is over', async () => {
  const { disk, day, start } = box();
  const first = start();
  first.sees('amara', '/', 1000);
  await first.kept.keep();
  Object.assign(day, { date: '2026-11-24', isKnown: false });
  const again = start();
  await again.kept.keep();
  expect(again.shows('amara')).toEqual([null, null]);
  expect(disk.data.date).toBe('2026-11-23');
  day.isKnown = true;
  await again.kept.keep();
  expect(disk.data).toEqual(noMarks);
});

test('who is erased is kept no more, and a full card is no harm', async () => {
  const { disk, start } = box();
  const first = start();
  first.sees('amara', '/', 1000);
  first.sees('ben', '/', 1000);
  disk.isFull = true;
  await first.kept.keep();
  disk.isFull = false;
  await first.kept.keep();
  await first.kept.forget(new Set(['amara']));
  expect(JSON.stringify(disk.data)).not.toContain('amara');
  expect(start().shows('ben')).toEqual(['/', 1000]);
});

test('what is no such table is none', () => {
  expect([readMarks(null), readMarks({ date: 1 }), readMarks({ ...noMarks, AM: { at: 'x', codes: {} } })]).toEqual([
    null,
    null,
    null,
  ]);
});

/** Keys that were lost: staff see it after every start, until somebody says that they know. */
import { expect, test } from 'vitest';
import { Losses } from '../../device/desk/losses.ts';
import { openDay, refusal, restart, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

/** The desk that looks after them, over a vault whose keys are lost or not. */
async function lossesOf(day: Day, photos = { lost: false }): Promise<Losses> {
  const losses = new Losses({
    ...day.box,
    photos: {
      keysLost: () => Promise.resolve(photos.lost),
      lossSeen: () => Promise.resolve(void (photos.lost = false)),
    },
  });
  await losses.begin();
  return losses;
}
const faults = (day: Day): readonly string[] => day.box.journal.opened.faults.map(({ kind }) => kind);

test('of the keys of pupils: told at each start, and by whom it was taken note of; what is lost later is told again', async () => {
  let day = await openDay();
  value(await day.late('amara'));
  const spoil = async (): Promise<void> => {
    await day.box.journal.close();
    for (const name of ['pupil-keys.1', 'pupil-keys.2']) day.box.disk.put(name, Buffer.from('spoilt'));
    day = await openDay({ ...day.options, time: day.time, disk: day.box.disk });
  };
  expect(refusal(await (await lossesOf(day)).seen('Ms Reed'))).toBe('wrong_state');
  await spoil();
  for (let starts = 0; starts < 2; starts += 1) {
    expect(faults(day)).toEqual(['keys-lost']);
    day = await restart(day);
  }
  value(await (await lossesOf(day)).seen('Ms Reed'));
  expect(day.records.at(-1)).toMatchObject({ type: 'set-aside-seen', by: 'Ms Reed' });
  expect(faults(day)).toEqual([]);
  day = await restart(day);
  expect(faults(day)).toEqual([]);
  value(await day.late('ben'));
  await spoil();
  expect(faults(day)).toEqual(['keys-lost']);
});

test('of the keys of photos', async () => {
  const day = await openDay();
  const photos = { lost: true };
  const losses = await lossesOf(day, photos);
  expect(losses.words()).toHaveLength(1);
  value(await losses.seen('Ms Reed'));
  expect([losses.words(), photos.lost]).toEqual([[], false]);
});

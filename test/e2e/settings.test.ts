/** What staff change of the settings holds at once, on every screen and in every decision, and after a restart (product.md 6). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KioskSnapshot } from '../../device/contract/kiosk.ts';
import { Porter } from '../support/porter.ts';

let porter: Porter;
beforeAll(async () => {
  porter = await Porter.start({ clock: '2026-11-23T08:50', settings: '' });
});
afterAll(() => porter.stop());

async function lateReasons(): Promise<readonly string[]> {
  const kiosk = await porter.kiosk();
  const snapshot = await new Promise<KioskSnapshot>((resolve, reject) => {
    kiosk.emit('hello', { protocol: 1 }, (answer) => {
      if (answer.ok) resolve(answer.value);
      else reject(new Error(JSON.stringify(answer.error)));
    });
  });
  kiosk.close();
  return snapshot.lateReasons.map(({ id }) => id);
}
const taxi = { set: { label: { en: 'Taxi', cy: 'Tacsi' }, icon: 'car' } };
const change = (place: string, said: unknown, from: string | null = null) =>
  porter.tell('change-setting', { place, change: said, from });

test('a new reason is a tile at once, stays over a kill, and goes when it is undone', async () => {
  const before = await lateReasons();
  const { setting } = (await change('reason.late.taxi', taxi)) as { readonly setting: string };
  const after = await lateReasons();
  expect(after).toEqual([...before.slice(0, -1), 'taxi', 'tell-staff']);
  await porter.kill('SIGKILL');
  await porter.run();
  expect(await lateReasons()).toEqual(after);
  await porter.tell('undo-setting', { setting });
  expect(await lateReasons()).toEqual(before);
});

test('one that comes later is not there yet', async () => {
  const before = await lateReasons();
  await change('reason.late.taxi', taxi, '2026-12-01');
  expect(await lateReasons()).toEqual(before);
});

test.each([
  [
    'a code that the nation does not have',
    'reason.late.taxi',
    { set: { ...taxi.set, code: { after_close: 'QQ' } } },
    /after_close: found .{1,2}QQ/,
  ],
  ['a day that is over', 'late.hold_seconds', { set: 5 }, /from today on/],
  ['what belongs to the technician', 'mis.token', { set: 'x' }, /technician file only/],
  ['a number out of its range', 'late.hold_seconds', { set: -1 }, /expected a whole number from 0 to 3600/],
])('%s is refused in words, and nothing changes', async (what, place, said, words) => {
  const from = what === 'a day that is over' ? '2026-11-22' : null;
  await expect(change(place, said, from)).rejects.toThrow(words);
});

/** Photos of pupils who sign out: kept while there is a use for them, and no longer (product.md 10). */
import { describe, expect, test } from 'vitest';
import { Photos } from '../../device/desk/photos.ts';
import type { Camera } from '../../device/camera/port.ts';
import type { PhotoVault } from '../../device/journal/photo-vault.ts';
import { silent } from '../support/box.ts';
import { openDay, refusal, restart, school, value } from '../support/desk-day.ts';
import type { Day, DayOptions } from '../support/desk-day.ts';

/** Keeps photos as long as it is let. */
function vault(): PhotoVault {
  const kept = new Map<string, Uint8Array>();
  return {
    put: (visit, jpeg) => Promise.resolve(void kept.set(visit, jpeg)),
    get: (visit) => Promise.resolve(kept.get(visit) ?? null),
    destroy: (visit) => Promise.resolve(void kept.delete(visit)),
    list: () => Promise.resolve([...kept.keys()]),
  };
}
const camera = (take: Camera['take']): Camera => ({
  kind: 'simulated',
  status: () => ({ state: 'ready', words: 'Ready' }),
  take,
  live: () => {
    throw new Error('nobody watches');
  },
  close: () => undefined,
});
const works = camera(() => Promise.resolve(new Uint8Array([1, 2, 3])));

function studio(day: Day, photos = vault(), eye = works) {
  const keeper = new Photos({
    school: day.box.school,
    desk: day.box.desk,
    camera: eye,
    photos,
    timers: day.time.timers,
    log: silent,
  });
  day.box.desk.onDurable((records) => void keeper.destroyUnwanted(records));
  return { keeper, photos };
}
async function open(options: DayOptions = {}) {
  const day = await openDay({ at: '10:40', ...options });
  return { day, ...studio(day) };
}

describe('taking one', () => {
  test('kept under the visit; gone when the visit goes Home without signing out', async () => {
    const { day, keeper, photos } = await open();
    const [visit, other] = [day.visit(), day.visit()];
    expect(value(await keeper.take(visit))).toEqual({ url: `/photo/${visit}` });
    await keeper.take(other);
    await day.early('amara', { visit: other, photo: 'taken' });
    await keeper.drop(visit);
    await keeper.drop(other);
    expect(await photos.list()).toEqual([other]);
  });

  test('"I don’t want a photo", said after one was taken: none is kept', async () => {
    const { day, keeper, photos } = await open();
    const visit = day.visit();
    await keeper.take(visit);
    value(await day.early('amara', { visit, photo: 'declined' }));
    await keeper.drop(visit);
    expect(await photos.list()).toEqual([]);
  });

  test('asked for at the next look where a power cut came before', async () => {
    const day = await openDay({ at: '10:40' });
    const photos = vault();
    const visit = day.visit();
    await photos.put(visit, new Uint8Array([1]), '2026-11-23');
    value(await day.early('amara', { visit, photo: 'declined' }));
    await studio(await restart(day), photos).keeper.destroyOld();
    expect(await photos.list()).toEqual([]);
  });

  test.each([
    ['"I don’t want a photo"', 'early'],
    ['Start again', 'drop'],
  ] as const)('%s while the camera takes its time: none is kept', async (_, how) => {
    const day = await openDay({ at: '10:40' });
    let flash: (jpeg: Uint8Array) => void = () => undefined;
    const slow = camera(() => new Promise((resolve) => (flash = resolve)));
    const { keeper, photos } = studio(day, vault(), slow);
    const visit = day.visit();
    const taken = keeper.take(visit);
    if (how === 'drop') await keeper.drop(visit);
    else value(await day.early('amara', { visit, photo: 'declined' }));
    flash(new Uint8Array([1]));
    expect(refusal(await taken)).toBe('wrong_state');
    expect(await photos.list()).toEqual([]);
  });

  test('a camera that fails, or hangs, is said', async () => {
    const { day } = await open();
    const broken = studio(
      day,
      vault(),
      camera(() => Promise.reject(new Error('no frame'))),
    ).keeper;
    expect(refusal(await broken.take('v'))).toBe('camera_failed');
    const hanging = camera(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('late')))),
    );
    const taken = studio(day, vault(), hanging).keeper.take('v');
    await day.pass(6_000);
    expect(refusal(await taken)).toBe('camera_failed');
  });
});

describe('how long it stays', () => {
  test('a no destroys it; so does nobody’s answer by the next day; let go keeps it', async () => {
    const { day, keeper, photos } = await open();
    const [no, nobody, yes] = [day.visit(), day.visit(), day.visit()];
    for (const [visit, who] of [
      [no, 'eli'],
      [nobody, 'amara'],
      [yes, 'ben'],
    ] as const) {
      await keeper.take(visit);
      await day.early(who, { visit, reason: 'unwell', photo: 'taken' });
    }
    await day.answer(no, 'no');
    await day.answer(yes, 'let-go');
    expect(await photos.list()).toEqual([nobody, yes]);
    await day.pass(24 * 3_600_000);
    await day.watch();
    expect(await photos.list()).toEqual([yes]);
  });

  test('a no that a power cut kept from destroying it: at the next look', async () => {
    const day = await openDay({ at: '10:40' });
    const photos = vault();
    const visit = day.visit();
    await photos.put(visit, new Uint8Array([1]), '2026-11-23');
    await day.early('eli', { visit, photo: 'taken' });
    await day.answer(visit, 'no');
    await studio(await restart(day), photos).keeper.destroyOld();
    expect(await photos.list()).toEqual([]);
  });

  test.each([
    ['next-school-day', 'Friday 27 is an INSET day: from Thursday until Monday', 5],
    ['same-day', 'until midnight', 1],
  ] as const)('%s: %s', async (photosKept, _, days) => {
    const { day, keeper, photos } = await open({
      at: '2026-11-26T10:40',
      settings: { ...school, keep: { ...school.keep, photos: photosKept } },
    });
    const visit = day.visit();
    await keeper.take(visit);
    await day.early('amara', { visit, photo: 'taken' });
    await day.backByName('amara');
    for (let passed = 0; passed < days; passed += 1) {
      await keeper.destroyOld();
      expect([passed, await photos.list()]).toEqual([passed, [visit]]);
      expect(await keeper.get(visit)).not.toBeNull();
      await day.pass(24 * 3_600_000);
    }
    // Locked at once, destroyed when the box has run for a day since (durability.md 15).
    expect(await keeper.get(visit)).toBeNull();
    await keeper.destroyOld();
    expect([await keeper.get(visit), await photos.list()]).toEqual([null, [visit]]);
    await day.pass(23 * 3_600_000);
    await keeper.destroyOld();
    expect(await photos.list()).toEqual([visit]);
    await day.pass(2 * 3_600_000);
    await keeper.destroyOld();
    expect(await photos.list()).toEqual([]);
    expect(day.ledger.expiring.size).toBe(0);
  });

  test('never while the pupil is out, and never by a clock that cannot be trusted', async () => {
    const { day, keeper, photos } = await open();
    const [out, back] = [day.visit(), day.visit()];
    for (const visit of [out, back]) await keeper.take(visit);
    await day.early('amara', { visit: out, photo: 'taken' });
    await day.early('ben', { visit: back, photo: 'taken' });
    await day.backByName('ben');
    await day.pass(72 * 3_600_000);
    day.time.set({ trusted: false });
    await keeper.destroyOld();
    expect(await photos.list()).toEqual([out, back]);
    expect(await keeper.get(back)).not.toBeNull();
    day.time.set({ trusted: true });
    await keeper.destroyOld();
    expect([await keeper.get(back), await photos.list()]).toEqual([null, [out, back]]);
    await day.pass(25 * 3_600_000);
    await keeper.destroyOld();
    expect(await photos.list()).toEqual([out]);
  });

  test('a clock that steps back opens it again: it was wrong, and nothing is destroyed by it', async () => {
    const { day, keeper, photos } = await open();
    const visit = day.visit();
    await keeper.take(visit);
    await day.early('amara', { visit, photo: 'taken' });
    await day.backByName('amara');
    day.time.set({ now: day.time.clock.now() + 30 * 24 * 3_600_000 });
    await keeper.destroyOld();
    expect(await keeper.get(visit)).toBeNull();
    day.time.set({ now: day.time.clock.now() - 30 * 24 * 3_600_000 });
    await day.late('ben');
    await day.pass(23 * 3_600_000);
    await keeper.destroyOld();
    expect([await keeper.get(visit), await photos.list()]).toEqual([new Uint8Array([1, 2, 3]), [visit]]);
  });

  test('a hold for safeguarding keeps it, for as long as that is open', async () => {
    const { day, keeper, photos } = await open();
    const visit = day.visit();
    await keeper.take(visit);
    await day.early('amara', { visit, photo: 'taken' });
    await day.backByName('amara');
    const movement = day.ledger.visits.get(visit) ?? '';
    const hold = { movement, days: 10, why: 'another pupil says it was not them', by: 'Ms Reed' };
    value(await day.box.staff.holdMovement(day.box.command(hold), hold));
    await day.pass(8 * 24 * 3_600_000);
    await keeper.destroyOld();
    expect(await keeper.get(visit)).not.toBeNull();
    await day.pass(4 * 24 * 3_600_000);
    await keeper.destroyOld();
    await day.pass(25 * 3_600_000);
    await keeper.destroyOld();
    expect(await photos.list()).toEqual([]);
  });

  test('a hold stays with it when staff say that it was another pupil', async () => {
    const { day, keeper, photos } = await open();
    const visit = day.visit();
    await keeper.take(visit);
    await day.early('amara', { visit, photo: 'taken' });
    await day.backByName('amara');
    const hold = { movement: day.ledger.visits.get(visit) ?? '', days: 20, why: 'it was not me', by: 'Ms Reed' };
    value(await day.box.staff.holdMovement(day.box.command(hold), hold));
    value(await day.correct(hold.movement, 'ben'));
    for (let looks = 0; looks < 4; looks += 1) {
      await day.pass(25 * 3_600_000);
      await keeper.destroyOld();
    }
    expect(await photos.list()).toEqual([visit]);
  });

  test('what belongs to no visit is destroyed when it is an hour old, or left by an earlier run: before, it may be on its way', async () => {
    const { day, keeper, photos } = await open();
    await keeper.take(day.visit());
    await day.pass(59 * 60_000);
    await keeper.destroyOld();
    expect(await photos.list()).toHaveLength(1);
    await day.pass(60_000);
    await keeper.destroyOld();
    expect(await photos.list()).toEqual([]);
    await keeper.take(day.visit());
    await studio(await restart(day), photos).keeper.destroyOld();
    expect(await photos.list()).toEqual([]);
  });
});

/** What the kiosk is shown: settings and counts, never a pupil. */
import { describe, expect, test } from 'vitest';
import { kioskSnapshot } from '../../device/web/present-kiosk.ts';
import { badgeOf, monday, openDay, pupils, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const kioskSees = (day: Day) =>
  kioskSnapshot(day.box.school, day.ledger, {
    runId: 'run-1',
    revision: 7,
    accepting: day.box.picker.accepting(),
    demo: false,
    firstUse: null,
    camera: true,
  });
const hold = async (day: Day): Promise<void> => {
  const input = { hold: { reason: 'bus', agoMs: 5 * 60_000 }, by: 'Ms Reed' };
  value(await day.box.staff.holdArrivals(day.box.command(input), input));
};

describe('the kiosk', () => {
  test('never sees a pupil, whoever is late, out, back, waiting or noted', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    badgeOf(await day.early('ben'));
    const badge = badgeOf(await day.early('cai'));
    await day.type(badge);
    await day.early('eli', { photo: 'taken' });
    await day.backByName('ben');
    await hold(day);
    const sent = JSON.stringify(kioskSees(day));
    for (const { key, misId, forename, surname } of pupils) {
      for (const part of [`"${key}"`, misId, forename, surname])
        expect(sent).not.toContain(part === 'Nursery' ? '"Nursery"' : part);
    }
    for (const { record } of day.ledger.badges.values()) {
      expect(sent).not.toContain(record.id);
      expect(sent).not.toContain(record.token);
    }
  });

  test('the years of the roster in school order, without those kept off it; the reasons; the clock', async () => {
    const day = await openDay({ at: '09:02' });
    expect(kioskSees(day)).toMatchObject({
      runId: 'run-1',
      revision: 7,
      school: 'Hill View School',
      yearGroups: ['Year 4', 'Year 7', 'Year 9', 'Year 10', 'Year 13'],
      lateReasons: [{ id: 'bus' }, { id: 'appointment' }, { id: 'tell-staff' }],
      leaveReasons: [
        { id: 'medical', back: 'ask' },
        { id: 'unwell' },
        { id: 'lunch', back: { minutes: 60 } },
        { id: 'home' },
      ],
      nowMs: Date.parse(`${monday}T09:02Z`),
      clockTrusted: true,
      accepting: { state: 'open' },
      approvalsWaiting: 0,
      heldArrival: null,
    });
  });

  test('how many wait, and the time that is held, while it holds', async () => {
    const day = await openDay({ at: '09:02' });
    await day.early('eli');
    await hold(day);
    expect(kioskSees(day)).toMatchObject({ approvalsWaiting: 1, heldArrival: { reason: 'bus', time: '08:57' } });
    await day.until('13:20');
    expect(kioskSees(day).heldArrival).toBeNull();
  });
});

/** Sign out early: straight away, or after a member of staff has said yes. */
import { describe, expect, test } from 'vitest';
import { badgeOf, instant, openDay, refusal, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

/** Asks to leave and waits; the visit. */
async function ask(day: Day, who = 'eli', reason = 'medical'): Promise<string> {
  const visit = day.visit();
  expect(value(await day.early(who, { visit, reason, photo: 'taken', withWhom: 'grown-up' })).state).toBe('waiting');
  return visit;
}

describe('an older pupil leaves straight away', () => {
  test('departure, what follows for the register and the badge are one commit; no mark changes', async () => {
    const day = await openDay({ at: '10:40' });
    const answer = value(await day.early('amara', { touchAgoMs: 25_000 }));
    expect(answer).toMatchObject({ state: 'departed', forename: 'Amara', printing: true });
    expect(day.records.map(({ type }) => type)).toEqual(['movement', 'decided', 'badge']);
    expect(new Set(day.records.map(({ command }) => command?.id)).size).toBe(1);
    const [departure] = day.ledger.movementsOf('amara');
    expect(departure?.record.touch.earliest).toBe(instant('10:39:35'));
    expect(departure?.decided[0]).toMatchObject({ outcome: 'left', session: 'AM', want: { kind: 'none' } });
    expect(day.out()).toEqual(['amara']);
    expect(day.ledger.marks.size).toBe(0);
  });

  test('without paper the number is to be written down', async () => {
    const day = await openDay({ at: '10:40' });
    day.box.state.printerReady = false;
    expect(value(await day.early('amara'))).toMatchObject({ state: 'departed', printing: false });
  });

  test('every pupil gets a number of eight digits of their own, beginning with the box', async () => {
    const day = await openDay({ at: '10:40' });
    const badges = [
      badgeOf(await day.early('amara')),
      badgeOf(await day.early('ben')),
      badgeOf(await day.early('cai')),
    ];
    expect(new Set(badges).size).toBe(3);
    for (const badge of badges) expect(badge).toMatch(/^1\d{7}$/);
  });

  test('already out: said after the name, and not possible twice, not at once either', async () => {
    const day = await openDay({ at: '10:40' });
    const both = await Promise.all([day.early('amara'), day.early('amara')]);
    expect(both.map((one) => one.ok)).toEqual([true, false]);
    expect(value(day.choose('early', 'amara'))).toEqual({ next: 'already-out', forename: 'Amara' });
    expect(refusal(await day.early('amara'))).toBe('wrong_state');
    expect(day.ledger.badges.size).toBe(1);
  });

  test('who left on an earlier day and was never closed may sign in and leave again', async () => {
    const day = await openDay({ at: '14:00' });
    badgeOf(await day.early('amara', { back: 'not-today' }));
    await day.pass(19 * 3_600_000); // 09:00 the next morning
    expect(value(day.choose('late', 'amara')).next).toBe('ask');
    expect(value(await day.late('amara')).outcome).toBe('late');
    expect(value(day.choose('early', 'amara')).next).toBe('ask');
    const badge = badgeOf(await day.early('amara'));
    expect(value(await day.type(badge)).state).toBe('welcome-back');
    // Nothing closes in silence: yesterday's departure waits for a named person.
    expect(day.out()).toEqual(['amara']);
  });

  test('the reason says itself when the pupil comes back, whatever the page sends beside it', async () => {
    const day = await openDay({ at: '10:40' });
    await day.early('amara', { reason: 'lunch', back: 'not-today' });
    await day.early('ben', { reason: 'home', back: 'before-lunch' });
    expect(day.ledger.movementsOf('amara')[0]?.record.leave).toMatchObject({ back: null, minutes: 60 });
    expect(day.ledger.movementsOf('ben')[0]?.record.leave).toMatchObject({ back: 'not-today', minutes: null });
  });

  test('a no-photo pupil is not asked for one, and none is noted as taken', async () => {
    const day = await openDay({ at: '10:40' });
    expect(value(day.choose('early', 'dina'))).toMatchObject({ next: 'ask', photo: false });
    expect(value(day.choose('early', 'cai'))).toMatchObject({ photo: true });
    await day.early('dina', { photo: 'taken' });
    await day.early('cai', { photo: 'declined' });
    expect([...day.photosOf('dina'), ...day.photosOf('cai')]).toEqual(['none', 'declined']);
  });

  test('no such pupil, no such reason: refused', async () => {
    const day = await openDay({ at: '10:40' });
    expect(refusal(await day.early('nobody'))).toBe('not_found');
    expect(refusal(await day.early('amara', { reason: 'dragon' }))).toBe('invalid_input');
    expect(day.records).toEqual([]);
  });
});

describe('who needs a yes', () => {
  test('by the year or by the reason; the page is told which reasons before it asks', async () => {
    const day = await openDay({ at: '10:40' });
    expect(value(day.choose('early', 'eli'))).toMatchObject({
      approvalReasons: ['medical', 'unwell', 'lunch', 'home'],
    });
    expect(value(day.choose('early', 'amara'))).toMatchObject({ approvalReasons: ['unwell'] });
    expect(value(await day.early('amara', { reason: 'unwell' }))).toEqual({ state: 'waiting', forename: 'Amara' });
    expect(value(await day.early('eli'))).toEqual({ state: 'waiting', forename: 'Eli' });
    expect(day.out()).toEqual([]);
    expect(day.ledger.badges.size).toBe(0);
  });

  test('let go: out from that moment, with the adult and the badge, and by whom', async () => {
    const day = await openDay({ at: '10:40' });
    const visit = await ask(day);
    await day.pass(7 * 60_000);
    value(await day.answer(visit, 'let-go', 'Ms Reed', 'Mrs Stone (mother)'));
    const [departure] = day.ledger.movementsOf('eli');
    expect(departure?.record).toMatchObject({
      by: 'Ms Reed',
      touch: { earliest: instant('10:47') },
      leave: { adult: 'Mrs Stone (mother)', withWhom: 'grown-up', photo: 'taken' },
    });
    expect(day.records.slice(-4).map(({ type }) => type)).toEqual(['answer', 'movement', 'decided', 'badge']);
    expect(day.out()).toEqual(['eli']);
    expect(day.ledger.waitingRequests()).toEqual([]);
  });

  test('no: not out, no badge, and free to ask again', async () => {
    const day = await openDay({ at: '10:40' });
    const visit = await ask(day);
    value(await day.answer(visit, 'no'));
    expect(day.out()).toEqual([]);
    expect(day.ledger.badges.size).toBe(0);
    expect(day.ledger.requests.get(visit)?.answer).toMatchObject({ answer: 'no', by: 'Ms Reed' });
    await ask(day);
  });

  test('two members of staff at once: the first answer counts, whatever it is', async () => {
    for (const first of ['let-go', 'no'] as const) {
      const day = await openDay({ at: '10:40' });
      const visit = await ask(day);
      const second = first === 'no' ? 'let-go' : 'no';
      const both = await Promise.all([day.answer(visit, first, 'Ms Reed'), day.answer(visit, second, 'Mr Hall')]);
      expect(both[0].ok).toBe(true);
      expect(both[1]).toMatchObject({ ok: false, error: { code: 'wrong_state' } });
      expect(day.out()).toEqual(first === 'no' ? [] : ['eli']);
    }
  });

  test('nobody is let go whom nobody asked for, nor twice', async () => {
    const day = await openDay({ at: '10:40' });
    expect(refusal(await day.answer('no-such-visit', 'let-go'))).toBe('not_found');
    const visit = await ask(day);
    value(await day.answer(visit, 'let-go'));
    expect(refusal(await day.answer(visit, 'let-go'))).toBe('wrong_state');
    expect(day.ledger.badges.size).toBe(1);
  });

  test('who waits cannot ask a second time, for another reason either', async () => {
    const day = await openDay({ at: '10:40' });
    await ask(day);
    expect(refusal(await day.early('eli', { reason: 'unwell' }))).toBe('wrong_state');
    expect(day.ledger.waitingRequests()).toHaveLength(1);
  });
});

describe('nobody answers', () => {
  test('it is never a yes: the pupil is not out, however long it takes', async () => {
    const day = await openDay({ at: '10:40' });
    await ask(day);
    await day.until('18:30');
    await day.watch();
    expect(day.out()).toEqual([]);
    expect(day.ledger.waitingRequests()).toHaveLength(1);
  });

  test('the next day it is closed as a no, staff are told once, and it can no longer be answered', async () => {
    const day = await openDay({ at: '10:40' });
    const visit = await ask(day);
    await day.pass(22 * 3_600_000);
    expect(refusal(await day.answer(visit, 'let-go'))).toBe('wrong_state'); // also before the box has looked
    await day.watch();
    await day.watch();
    expect(day.ledger.waitingRequests()).toEqual([]);
    expect(day.ledger.requests.get(visit)?.answer).toMatchObject({ answer: 'no', by: 'nobody' });
    const notes = [...day.ledger.notes.values()];
    expect(notes.map(({ kind, pupil, detail }) => [kind, pupil, detail])).toEqual([
      ['not-answered', 'eli', '2026-11-23'],
    ]);
    await ask(day);
  });

  test('not while the clock cannot be trusted', async () => {
    const day = await openDay({ at: '10:40' });
    await ask(day);
    await day.pass(22 * 3_600_000);
    day.time.set({ trusted: false });
    await day.watch();
    expect(day.ledger.waitingRequests()).toHaveLength(1);
  });
});

describe('the MIS says that the pupil is not here', () => {
  test.each(['I', 'M', 'E', 'V', 'N'])('%s: please see reception, with an urgent note', async (code) => {
    const day = await openDay({
      at: '10:40',
      observed: (who, _, session) => (who === 'amara' && session === 'AM' ? code : null),
    });
    expect(value(day.choose('early', 'amara'))).toEqual({ next: 'see-reception' });
    expect(value(day.choose('early', 'ben')).next).toBe('ask');
    expect(value(day.choose('late', 'amara')).next).toBe('ask'); // who arrives is always taken in
    const input = { visit: day.visit(), kind: 'see-reception', pupil: 'amara', touchAgoMs: 0 } as const;
    value(await day.box.picker.note(day.box.command(input), input));
    expect([...day.ledger.notes.values()]).toMatchObject([
      { kind: 'see-reception', urgent: true, pupil: 'amara', detail: `the MIS says ${code}` },
    ]);
  });

  test('but whom this box has signed in today is here, whatever an older read says', async () => {
    const day = await openDay({ at: '09:02', observed: () => 'N' });
    await day.late('amara');
    await day.until('10:40');
    expect(value(day.choose('early', 'amara')).next).toBe('ask');
    const badge = badgeOf(await day.early('amara'));
    await day.until('11:00');
    await day.type(badge);
    expect(value(day.choose('early', 'amara')).next).toBe('ask');
    await day.pass(24 * 3_600_000);
    expect(value(day.choose('early', 'amara')).next).toBe('see-reception');
  });

  test('a pupil who never appears by name gets no further with the key either', async () => {
    const day = await openDay({ at: '10:40' });
    for (const flow of ['late', 'early'] as const) {
      expect(value(day.choose(flow, 'hid'))).toEqual({ next: 'see-reception' });
    }
  });
});

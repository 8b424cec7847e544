/** Who are you? The lists of names: when they work, who is on them, and that nobody leafs through them. */
import { describe, expect, test } from 'vitest';
import type { Pupil } from '../../device/domain/pupil.ts';
import { openDay, pupils, refusal, school, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const list = (day: Day, visit: string, yearGroup = 'Year 9', month = 5) =>
  day.box.picker.names({ visit, yearGroup, month });
/** A visit that opens a list, chooses nobody and goes Home. */
async function leafThrough(day: Day): Promise<void> {
  const visit = day.visit();
  value(list(day, visit));
  await day.box.picker.ended(visit);
}
const note = (day: Day, visit: string, more: object = {}) => {
  const input = { visit, kind: 'not-on-list', touchAgoMs: 0, ...more } as const;
  return day.box.picker.note(day.box.command(input), input);
};

describe('when the lists work', () => {
  test.each([
    ['07:29', 'closed'],
    ['07:30', 'open'],
    ['17:59', 'open'],
    ['18:00', 'closed'],
    ['2026-11-28T10:00', 'closed'],
    ['2026-11-27T10:00', 'closed'],
  ] as const)('%s: %s', async (at, state) => {
    const day = await openDay({ at });
    expect(day.box.picker.accepting()).toEqual({ state });
    const answers = [list(day, day.visit()), day.choose('late', 'amara')];
    for (const answer of answers) {
      if (state === 'open') expect(answer.ok).toBe(true);
      else expect(refusal(answer)).toBe('closed');
    }
  });

  test('not without a roster, and not when nothing can be stored', async () => {
    const day = await openDay();
    day.box.state.pupils = [];
    expect(day.box.picker.accepting()).toEqual({ state: 'no-roster' });
    expect(refusal(list(day, day.visit()))).toBe('closed');
    day.box.state.storageWorks = false;
    expect(day.box.picker.accepting()).toEqual({ state: 'storage-failed' });
    expect(refusal(list(day, day.visit()))).toBe('storage_failed');
  });
});

describe('who is on a list', () => {
  test('the pupils of that year and month by forename, hidden ones not; nobody in an empty month', async () => {
    const day = await openDay();
    expect(value(list(day, day.visit()))).toEqual({
      pupils: [
        { pupil: 'amara', label: 'Amara O' },
        { pupil: 'ben', label: 'Ben L' },
      ],
      someHidden: false,
    });
    expect(value(list(day, day.visit(), 'Year 9', 6))).toEqual({ pupils: [], someHidden: false });
  });

  test('a year that is kept off the kiosk has no list, even for a page that asks', async () => {
    const day = await openDay();
    expect(value(list(day, day.visit(), 'Nursery')).pupils).toEqual([]);
  });

  test('two of the same name: told apart by the registration group, else both go to reception', async () => {
    const sam = (key: string, registrationGroup: string): Pupil => ({
      key,
      misId: key,
      forename: 'Sam',
      surname: 'Okafor',
      yearGroup: 'Year 9',
      registrationGroup,
      birthMonth: 6,
      flags: [],
    });
    const day = await openDay({ pupils: [sam('one', '9A'), sam('two', '9B'), sam('three', '9B')] });
    expect(value(list(day, day.visit(), 'Year 9', 6))).toEqual({
      pupils: [{ pupil: 'one', label: 'Sam Okafor 9A' }],
      someHidden: true,
    });
  });

  test('nobody is chosen who is not there', async () => {
    const day = await openDay();
    expect(refusal(day.choose('late', 'nobody'))).toBe('not_found');
  });
});

describe('three visits that open a list and choose nobody', () => {
  test('pause the lists for a minute, with a note; then they work again', async () => {
    const day = await openDay();
    for (let visits = 0; visits < 3; visits += 1) {
      expect(day.box.picker.accepting()).toEqual({ state: 'open' });
      await leafThrough(day);
    }
    expect(day.box.picker.accepting()).toEqual({ state: 'paused', retryInMs: 60_000 });
    expect(refusal(list(day, day.visit()))).toBe('paused');
    expect(day.notes()).toEqual(['lists-opened']);
    await day.pass(60_000);
    expect(day.box.picker.accepting()).toEqual({ state: 'open' });
    await leafThrough(day);
    expect(day.box.picker.accepting()).toEqual({ state: 'open' });
  });

  test('not over more than five minutes', async () => {
    const day = await openDay();
    for (let visits = 0; visits < 6; visits += 1) {
      await leafThrough(day);
      await day.pass(151_000);
    }
    expect(day.notes()).toEqual([]);
  });

  test('not when somebody was chosen, said that they are not on the list, or opened none', async () => {
    const day = await openDay();
    for (let visits = 0; visits < 5; visits += 1) {
      const [chose, said, none] = [day.visit(), day.visit(), day.visit()];
      value(list(day, chose));
      value(day.box.picker.choose({ visit: chose, flow: 'late', pupil: 'amara' }));
      value(list(day, chose)); // "That's not me"
      value(list(day, said));
      value(await note(day, said));
      for (const visit of [chose, said, none]) await day.box.picker.ended(visit);
    }
    expect(day.box.picker.accepting()).toEqual({ state: 'open' });
  });

  test('signing back in goes on while they are paused', async () => {
    const day = await openDay({ at: '10:40' });
    await day.early('amara');
    for (let visits = 0; visits < 3; visits += 1) await leafThrough(day);
    expect(value(await day.backByName('amara')).state).toBe('welcome-back');
  });
});

describe('notes', () => {
  test('say what the pupil said, for reception; only “see reception” is urgent', async () => {
    const day = await openDay();
    value(await note(day, day.visit(), { yearGroup: 'Year 9', month: 3 }));
    value(await note(day, day.visit(), { kind: 'not-sure-year' }));
    value(await note(day, day.visit(), { kind: 'see-reception', pupil: 'amara' }));
    expect(
      [...day.ledger.notes.values()].map(({ kind, urgent, pupil, detail }) => [kind, urgent, pupil, detail]),
    ).toEqual([
      ['not-on-list', false, null, 'Year 9, month 3'],
      ['not-sure-year', false, null, null],
      ['see-reception', true, 'amara', null],
    ]);
  });

  test('a pupil without a year group or birth month is on no list, and reception is told', async () => {
    const lost = { ...pupils[0], key: 'lost', misId: 'lost', forename: 'Lost', surname: 'Boy', flags: [] };
    const base = { yearGroup: null, registrationGroup: null, birthMonth: null };
    const day = await openDay({ pupils: [...pupils, { ...lost, ...base }] });
    const visit = day.visit();
    const years = new Set(pupils.flatMap(({ yearGroup }) => yearGroup ?? []));
    for (const yearGroup of years) {
      for (let month = 1; month <= 12; month += 1) {
        const shown = value(list(day, visit, yearGroup, month)).pupils.map(({ pupil }) => pupil);
        expect(shown).not.toContain('lost');
      }
    }
    value(await note(day, visit, { yearGroup: 'Year 9', month: 5 }));
    expect(day.notes()).toEqual(['not-on-list']);
    await day.box.picker.ended(visit);
    expect(day.box.picker.accepting()).toEqual({ state: 'open' });
    expect(school.roster.offKiosk).toEqual(['Nursery']);
  });
});

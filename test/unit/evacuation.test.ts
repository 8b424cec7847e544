/** Evacuation: who is looked for, by marks and movements that may contradict each other; the paper and the file for phones. */
import { describe, expect, test } from 'vitest';
import type { EvacuationView, Where } from '../../device/contract/staff-evacuation.ts';
import { listPages, pagesMax, rowsOfPage } from '../../device/domain/list-page.ts';
import type { ListRow } from '../../device/domain/list-page.ts';
import type { Pupil } from '../../device/domain/pupil.ts';
import { evacuationFile } from '../../device/web/staff/evacuation-file.ts';
import { evacuationPaper } from '../../device/web/staff/evacuation-paper.ts';
import { evacuationView, evacuees } from '../../device/web/staff/views/evacuation.ts';
import {
  badgeOf,
  badgeOfBox,
  instant,
  monday,
  openDay,
  pupils,
  refusal,
  restart,
  school,
  value,
} from '../support/desk-day.ts';
import type { Day, DayOptions } from '../support/desk-day.ts';

/** Marks by pupil and session, as the MIS held them at the last read; who is not named was not read. */
type Marks = Readonly<Record<string, { readonly AM?: string | null; readonly PM?: string | null }>>;
function dayWith(marks: Marks, options: DayOptions & { readonly readAt?: string } = {}): Promise<Day> {
  const codeOf = (who: string, session: 'AM' | 'PM') => marks[who]?.[session];
  return openDay({
    ...options,
    observed: (who, date, session) => (date === monday ? (codeOf(who, session) ?? null) : null),
    observedAt: (who, date, session) =>
      date === monday && codeOf(who, session) !== undefined ? instant(options.readAt ?? '09:00') : null,
  });
}
const everybody = (code: string | null, session: 'AM' | 'PM' = 'AM'): Marks =>
  Object.fromEntries(pupils.map(({ key }) => [key, { [session]: code }]));
const view = (day: Day): EvacuationView => evacuationView(day.box.school, day.ledger);
const ask = (day: Day, more: object = {}) =>
  evacuees(day.box.school, day.ledger, { group: null, where: null, text: '', ...more });
function placeOf(day: Day, forename: string): readonly [Where, string] {
  const row = ask(day).rows.find(({ pupil }) => pupil.startsWith(forename));
  if (row === undefined) throw new Error(`${forename} is not on the list`);
  return [row.where, row.words];
}
const drill = (day: Day, on: boolean, by = 'Mr Flint') =>
  day.box.staff.drill(day.box.command({ on, at: day.time.clock.mono() }), { on, by });

describe('five groups', () => {
  test('marks say who is in school, who is away, and whom nobody knows of', async () => {
    const day = await dayWith(
      {
        amara: { AM: '/' },
        ben: { AM: 'N' },
        cai: { AM: 'I' },
        dina: { AM: 'V' },
        eli: { AM: null },
        fay: { AM: 'U' },
        zara: { AM: '?' },
      },
      { at: '10:00' },
    );
    expect(placeOf(day, 'Amara')).toEqual(['in-school', '']);
    expect(placeOf(day, 'Ben')).toEqual(['not-known', 'Not at registration']);
    expect(placeOf(day, 'Cai')).toEqual(['out', 'Marked absent']);
    expect(placeOf(day, 'Dina')).toEqual(['out', 'Marked off site']);
    expect(placeOf(day, 'Eli')).toEqual(['not-known', 'No mark']);
    expect(placeOf(day, 'Fay')).toEqual(['in-school', '']);
    expect(placeOf(day, 'Zara')).toEqual(['not-known', 'A mark of the school’s own']);
    expect(placeOf(day, 'Hidden')).toEqual(['not-known', 'Mark not read']);
    expect(view(day).counts).toEqual({ 'in-school': 2, late: 0, back: 0, out: 2, 'not-known': 5 });
  });

  test('movements of the box stand over the marks of that register', async () => {
    const day = await dayWith(everybody('N'), { at: '08:35' });
    value(await day.late('fay')); // before it opens: on time, so no exception on paper
    await day.until('09:02');
    await day.late('amara');
    await day.until('10:42');
    const badge = badgeOf(await day.early('ben'));
    badgeOf(await day.early('cai'));
    await day.until('11:10');
    value(await day.type(badge));
    expect(placeOf(day, 'Amara')).toEqual(['late', 'Came 09:02']);
    expect(placeOf(day, 'Ben')).toEqual(['back', 'Back 11:10']);
    expect(placeOf(day, 'Cai')).toEqual(['out', 'Left 10:42']);
    // The register that opened five minutes later does not have her.
    expect(placeOf(day, 'Fay')).toEqual(['not-known', 'Came 08:35, then not at registration']);
  });

  test('on time at the box, and present in the register: in school', async () => {
    const day = await dayWith(everybody('/'), { at: '08:35' });
    value(await day.late('fay'));
    expect(placeOf(day, 'Fay')).toEqual(['in-school', 'Came 08:35']);
  });

  test('an undone movement never was', async () => {
    const day = await dayWith(everybody('/'), { at: '10:42' });
    badgeOf(await day.early('cai'));
    await day.correct(day.ledger.movementsOf('cai')[0]?.record.ref ?? '');
    expect(placeOf(day, 'Cai')).toEqual(['in-school', '']);
  });

  test('a register taken after the movement that says otherwise: nobody knows', async () => {
    const afternoon = { amara: { PM: '\\' }, ben: { PM: 'N' }, cai: { PM: 'M' }, dina: { PM: '\\' } };
    const day = await dayWith({ ...everybody(null, 'PM'), ...afternoon }, { at: '09:02' });
    for (const who of ['amara', 'ben', 'cai', 'fay']) await day.late(who);
    badgeOf(await day.early('dina', { back: 'not-today' }));
    await day.until('14:00');
    expect(placeOf(day, 'Amara')).toEqual(['late', 'Came 09:02']);
    expect(placeOf(day, 'Ben')).toEqual(['not-known', 'Came 09:02, then not at registration']);
    expect(placeOf(day, 'Cai')).toEqual(['not-known', 'Came 09:02, then marked absent']);
    expect(placeOf(day, 'Dina')).toEqual(['not-known', 'Left 09:02, then marked present']);
    expect(placeOf(day, 'Fay')).toEqual(['late', 'Came 09:02']);
  });

  test('a blank of a register that is still being taken says nothing: the morning’s mark stands in until it closes', async () => {
    const marks = { ...everybody('/'), amara: { AM: '/', PM: null }, ben: { AM: '/', PM: 'M' } };
    const day = await dayWith(marks, { at: '12:30', readAt: '12:10' });
    expect(placeOf(day, 'Ben')).toEqual(['in-school', '']); // the afternoon's has not opened
    await day.until('13:20');
    expect(placeOf(day, 'Amara')).toEqual(['in-school', '']);
    expect(placeOf(day, 'Ben')).toEqual(['out', 'Marked absent']);
    await day.until('13:45');
    expect(placeOf(day, 'Amara')).toEqual(['not-known', 'No mark']);
  });

  test('who came back with another box’s badge counts without a name', async () => {
    const day = await dayWith(everybody('/'), { at: '11:00' });
    value(await day.type(badgeOfBox(2)));
    const [row] = ask(day, { where: 'back' }).rows;
    expect(row).toMatchObject({ registrationGroup: null, words: 'Back 11:00' });
    expect(row?.pupil).toMatch(/^Badge \d{4} \d{4} of another box$/);
    expect(view(day).counts.back).toBe(1);
  });

  test('who left yesterday and was never closed is judged by the marks of today', async () => {
    const day = await dayWith(everybody('/'), { at: '2026-11-20T14:00' });
    badgeOf(await day.early('cai'));
    await day.pass(instant('10:00') - day.time.clock.now());
    expect(placeOf(day, 'Cai')).toEqual(['in-school', '']);
  });
});

describe('the age of the data', () => {
  const words = (day: Day) => view(day).age;
  test('how old the marks are, from when on that is too old, and that they were not read at all', async () => {
    const day = await dayWith(everybody('/'), { at: '09:12' });
    expect(words(day)).toEqual({
      words: 'Marks are 12 min old',
      detail: 'The morning register, read at 09:00. Movements at this box are of this moment.',
      old: false,
    });
    await day.until('11:30');
    expect(words(day)).toMatchObject({ words: 'Marks are 2 h 30 min old', old: true });
    const unread = await dayWith({}, { at: '09:12' });
    expect(words(unread)).toMatchObject({ words: 'Marks not read', old: true });
    const some = await dayWith({ amara: { AM: '/' } }, { at: '09:12' });
    expect(words(some).detail).toContain(`${String(pupils.length - 1)} pupils were not in it.`);
  });

  test('on a day without school, and after it', async () => {
    const saturday = await openDay({ at: '2026-11-28T10:00' });
    expect(words(saturday)).toMatchObject({ words: 'No register today', old: true });
    const evening = await dayWith(everybody('\\', 'PM'), { at: '16:00', readAt: '15:10' });
    expect(words(evening).detail).toContain('School has ended: marks do not say who has gone home.');
  });
});

describe('1,200 pupils', () => {
  const many: readonly Pupil[] = Array.from({ length: 1_200 }, (_, n) => ({
    ...(pupils[0] as Pupil),
    key: `p${String(n)}`,
    forename: `Forename${String(n)}`,
    surname: `Surname${String(n % 400)}`,
    registrationGroup: `${String(7 + (n % 5))}${'ABCDEFGH'.charAt(Math.floor(n / 5) % 8)}`,
  }));

  test('what is pushed is bounded, and those who moved are in it; the rest is asked for by group', async () => {
    const day = await openDay({ at: '09:02', pupils: many });
    for (const n of [3, 700, 1_199]) await day.late(`p${String(n)}`);
    const { rows, more, counts, groups } = view(day);
    expect(counts).toEqual({ 'in-school': 0, late: 3, back: 0, out: 0, 'not-known': 1_197 });
    expect(rows.length + more).toBe(1_200);
    expect(rows.filter(({ where }) => where === 'late')).toHaveLength(3);
    expect(JSON.stringify(view(day)).length).toBeLessThan(60_000);
    expect(groups).toHaveLength(40);
    expect(ask(day, { group: '7A' }).rows).toHaveLength(30);
    expect(ask(day, { text: 'forename70 7' }).rows.map(({ pupil }) => pupil)).toContain('Forename700 Surname300');
    expect(ask(day)).toMatchObject({ more: 800 });
  });

  test('a register that nobody took is one line on paper, and the paper has an end', async () => {
    const day = await openDay({ at: '09:02', pupils: many });
    await day.late('p3');
    const rows = evacuationPaper(day.box.school, day.ledger).flatMap((page) => page.rows);
    expect(rows.filter(({ kind }) => kind === 'pupil')).toEqual([
      { kind: 'pupil', text: 'Forename3 Surname3', end: 'Came 09:02' },
    ]);
    expect(rows.filter(({ text }) => text === 'No marks: 30 pupils not known')).toHaveLength(39);
    const absent = Object.fromEntries(many.map(({ key }) => [key, { AM: 'I' }]));
    const away = await dayWith(absent, { at: '09:02', pupils: many });
    const pages = evacuationPaper(away.box.school, away.ledger);
    expect(pages).toHaveLength(pagesMax);
    expect(Math.max(...pages.map((page) => page.rows.length))).toBeLessThanOrEqual(rowsOfPage + 2);
    const named = pages.flatMap((page) => page.rows).filter(({ kind }) => kind === 'pupil').length;
    expect(pages.at(-1)?.rows.at(-2)?.text).toBe(
      `${String(1_200 - named)} more: see the staff page, or the file for phones.`,
    );
  });
});

test('no registration group’s name stands alone at the foot of a page, and each page says which it is', () => {
  const rows = Array.from({ length: 200 }, (_, n): ListRow => ({
    kind: n % 7 === 0 ? 'group' : 'pupil',
    text: String(n),
  }));
  const pages = listPages(rows, { band: null, foot: '09:41', left: String });
  for (const page of pages) expect(page.rows.at(-2)?.kind).not.toBe('group');
  expect(pages.map((page) => page.rows.at(-1)?.text)).toEqual(
    pages.map((_, i) => `09:41 · ${String(i + 1)} of ${String(pages.length)}`),
  );
  expect(pages.flatMap((page) => page.rows.slice(0, -1))).toEqual(rows);
});

describe('a drill', () => {
  test('a person begins and ends it, once; a restart does not; everything says DRILL meanwhile', async () => {
    const day = await dayWith(everybody('/'), { at: '10:00' });
    expect(view(day).drill).toBeNull();
    expect(refusal(await drill(day, false))).toBe('wrong_state');
    value(await drill(day, true));
    expect(refusal(await drill(day, true, 'Ms Reed'))).toBe('wrong_state');
    await day.pass(60_000);
    const again = await restart(day);
    expect(view(again).drill).toEqual({ since: '10:00', by: 'Mr Flint' });
    for (const page of evacuationPaper(again.box.school, again.ledger)) expect(page.band).toBe('DRILL');
    const file = evacuationFile(again.box.school, again.ledger, 'Mr Flint');
    expect(file.name).toBe('DRILL-evacuation-2026-11-23-1001.html');
    expect(file.html).toMatch(/<title>DRILL · [^<]+<\/title>/);
    expect(file.html).toContain('<p class="drill">DRILL</p>');
    value(await drill(again, false, 'Ms Reed'));
    expect(view(again).drill).toBeNull();
    expect(evacuationFile(again.box.school, again.ledger, 'Mr Flint').html).not.toContain('DRILL');
  });

  test('pupils come and go meanwhile, as always', async () => {
    const day = await dayWith(everybody('N'), { at: '09:02' });
    value(await drill(day, true));
    await day.late('amara');
    expect(day.marks('amara')).toEqual([`${monday} AM waiting L 22`]);
  });
});

describe('the file for phones', () => {
  test('everybody once under the registration group, no script, nothing loaded, dated, with its age and when it is to go', async () => {
    const odd: readonly Pupil[] = [
      {
        ...(pupils[0] as Pupil),
        key: 'odd',
        forename: '<script>alert(1)</script>',
        surname: '"&',
        registrationGroup: '9A',
      },
      ...pupils,
    ];
    const day = await dayWith({ ...everybody('/'), cai: { AM: 'I' } }, { at: '09:12', pupils: odd });
    const { html, name } = evacuationFile(day.box.school, day.ledger, 'Mr <b>Flint');
    expect(name).toBe('evacuation-2026-11-23-0912.html');
    expect(html).not.toMatch(/<script|<b>Flint|\bon\w+=|https?:|url\(|src=/);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/<input type="checkbox">/g)).toHaveLength(odd.length);
    expect(html).toContain('Marks are 12 min old at 09:12');
    expect(html).toContain('Pupils only: no staff, no visitors.');
    expect(html).toContain('Taken by Mr &#60;b&#62;Flint');
    expect(html).toContain('Delete this file when 2026-11-23 is over.');
    expect(html).toContain(`of ${String(odd.length - 1)} to find`);
    // Nothing but what a warden needs.
    expect(html).not.toMatch(/photo|birth|illness/i);
    expect(html).toContain('Marked absent');
  });
});

test('with an MIS that nothing is read from, it says so', async () => {
  const day = await openDay({ at: '09:12', settings: school });
  expect(view(day).age.detail).toContain('This box reads no marks from an MIS.');
});

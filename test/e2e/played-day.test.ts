/**
 * A school day with the staff page open: 60 late, 25 out, 20 back, four conflicts, the token revoked once, the printer out of paper
 * twice. Every number on the page is then the one that the journal adds up to, as `porter journal export` gives it.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EarlyAnswer, NameEntry, ReturnAnswer } from '../../device/contract/kiosk.ts';
import type { Result } from '../../device/contract/result.ts';
import type { MarkStateName } from '../../device/contract/staff.ts';
import type { OutRow } from '../../device/contract/staff-rows.ts';
import { bucketOf, stateOf } from '../../device/domain/mark.ts';
import type { Recorded } from '../../device/domain/record.ts';
import { Bookkeeper } from '../support/bookkeeper.ts';
import { launchChromium } from '../support/chromium.ts';
import { Porter } from '../support/porter.ts';
import type { KioskClient } from '../support/porter.ts';

const date = '2026-11-23';
const soon = { timeout: 90_000, interval: 200 };
let browser: Browser;
let porter: Porter;
let kiosk: KioskClient;
beforeAll(async () => {
  browser = await launchChromium();
  porter = await Porter.start({ clock: `${date}T08:52`, settings: '[late]\nhold_seconds = 0\n' });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  kiosk = await porter.kiosk();
});
afterAll(async () => {
  kiosk.close();
  await browser.close();
  await porter.stop();
});

let ids = 0;
const visit = (): string => `v${String((ids += 1))}`;
const command = <T>(input: T) => ({ commandId: `day-${String((ids += 1))}`, ageMs: 0, input });
function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Pupils who may leave without approval, from the kiosk's own lists. */
async function pupils(count: number): Promise<readonly NameEntry[]> {
  const found: NameEntry[] = [];
  for (const yearGroup of ['Year 8', 'Year 9', 'Year 10', 'Year 11'])
    for (let month = 1; month <= 12 && found.length < count; month += 1) {
      const of = { visit: visit(), flow: 'late', yearGroup, month } as const;
      const some = value(await kiosk.emitWithAck('names', of)).pupils;
      found.push(...some);
      // Choosing keeps the lists from pausing.
      if (some[0] !== undefined)
        value(await kiosk.emitWithAck('choose', { visit: of.visit, flow: 'late', pupil: some[0].pupil }));
    }
  return found.slice(0, count);
}

async function late({ pupil }: NameEntry): Promise<void> {
  value(await kiosk.emitWithAck('late', command({ visit: visit(), pupil, reason: 'bus', touchAgoMs: 0 })));
}
/** The badge's number. */
async function early({ pupil }: NameEntry): Promise<string> {
  const leave = { reason: 'medical', back: 'after-lunch', withWhom: null, photo: 'none' } as const;
  const input = { visit: visit(), pupil, ...leave, touchAgoMs: 0 };
  const answer: EarlyAnswer = value(await kiosk.emitWithAck('early', command(input)));
  if (answer.state !== 'departed') throw new Error('an older pupil needs no approval');
  return answer.badge;
}
async function back(badge: string): Promise<void> {
  const input = { visit: visit(), by: 'typed', badge, touchAgoMs: 0 } as const;
  const answer: ReturnAnswer = value(await kiosk.emitWithAck('return', command(input)));
  expect(answer.state).toBe('welcome-back');
}

/** The number beside the heading of a card. */
async function numberAt(page: Page, title: string): Promise<number> {
  const card = page.getByRole('region', { name: title, exact: true });
  return Number(await card.locator('header .count').first().textContent());
}
const sumAt = async (page: Page): Promise<readonly number[]> =>
  (await page.getByLabel('The sum').locator('b').allTextContents()).map(Number);

const printed = (out: readonly OutRow[]): ReadonlySet<string | null | undefined> =>
  new Set(out.flatMap(({ badge, badgeState }) => (badgeState === 'printed' ? [badge] : [])));

/** What the records say, held against nothing of the box's own but its export. */
function recount() {
  const data = join(porter.folder, 'data');
  const program = join(import.meta.dirname, '../../dist/porter.js');
  const text = execFileSync(process.execPath, [program, 'journal', 'export', '--data', data], { maxBuffer: 1e9 });
  const records = text
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
  const books = new Bookkeeper();
  for (const record of records) books.take(record);
  const of = (kind: string) => records.flatMap((one) => (one.type === 'movement' && one.kind === kind ? [one] : []));
  const undone = new Set(records.flatMap((one) => (one.type === 'correction' ? [one.movement] : [])));
  const stands = (kind: string) => of(kind).filter(({ ref }) => !undone.has(ref));
  const isBack = new Set(stands('return').map(({ pupil }) => pupil));
  const states = [...books.ledger.marks.values()].map(stateOf);
  const inBucket = (bucket: (typeof bucketOf)[MarkStateName]): number =>
    states.filter((state) => bucketOf[state] === bucket).length;
  return {
    late: stands('late-arrival').length,
    out: stands('early-departure').filter(({ pupil }) => !isBack.has(pupil)).length,
    back: stands('return').length,
    sum: [states.length, inBucket('confirmed'), inBucket('waiting'), inBucket('needsPerson')],
    conflicts: states.filter((state) => state === 'conflict').length,
  };
}

test('every number on the page is the one that the journal adds up to', { timeout: 300_000 }, async () => {
  const people = await pupils(85);
  expect(people).toHaveLength(85);
  const [latecomers, leavers] = [people.slice(0, 60), people.slice(60)];
  const open = async (): Promise<readonly [Page, Page]> => {
    const pages = [
      await porter.staffPage(browser, 'reception'),
      await porter.staffPage(browser, 'attendance'),
    ] as const;
    await pages[1].getByRole('link', { name: /^Marks/ }).click();
    return pages;
  };
  let [now, marks] = await open();
  /** Both pages show what the journal says, once nothing is under way any more. */
  const same = async (): Promise<ReturnType<typeof recount>> => {
    await expect
      .poll(async () => {
        const said = recount();
        const shown = {
          late: await numberAt(now, 'Late today'),
          out: await numberAt(now, 'Out now'),
          back: await numberAt(now, 'Back'),
          sum: await sumAt(marks),
          conflicts: await marks.getByRole('listitem').filter({ hasText: 'Conflict' }).count(),
        };
        return { ...said, is: JSON.stringify(shown) === JSON.stringify(said) ? 'shown' : shown };
      }, soon)
      .toMatchObject({ is: 'shown' });
    return recount();
  };

  for (const pupil of latecomers.slice(0, 30)) await late(pupil);
  expect(await same()).toMatchObject({ late: 30, out: 0, back: 0 });

  // None is on its way when the line goes down: that one would be in doubt for a quarter of an hour.
  await porter.until('the first are sent', ({ sum }) => sum.confirmed === 30);

  // Teachers have said otherwise of four, while the line was down.
  await porter.mis.control.offline();
  const students = await porter.mis.control.pupils();
  for (const pupil of latecomers.slice(30, 45)) await late(pupil);
  for (const { pupil } of latecomers.slice(30, 34)) {
    const student = students.find((one) => Object.values(one).includes(pupil))?.id ?? '';
    await porter.mis.control.teacher({ student, date, session: 'AM', code: 'C' });
  }
  await porter.mis.control.online();
  await porter.until('four conflicts', (state) => state.conflicts.length === 4, 120_000);
  await porter.until('the others are sent', ({ sum }) => sum.confirmed === 41, 120_000);
  expect(await same()).toMatchObject({ late: 45, conflicts: 4 });

  // The token is revoked: said in words, nothing is lost, and a new one brings it all.
  await porter.mis.control.fault('401');
  for (const pupil of latecomers.slice(45)) await late(pupil);
  await marks.getByText('MIS refuses').first().waitFor({ timeout: 90_000 });
  await marks
    .getByText(/enters it under Box\. Since/)
    .first()
    .waitFor();
  expect((await same()).sum.slice(0, 1)).toEqual([60]);
  // A technician puts a new one in and starts the box, which signs everybody out.
  await porter.mis.control.clearFaults('401');
  await porter.kill('SIGTERM');
  for (const page of [now, marks]) await page.context().close();
  await porter.run();
  [now, marks] = await open();
  await kiosk.emitWithAck('names', { visit: visit(), flow: 'late', yearGroup: 'Year 9', month: 1 });

  const badges: string[] = [];
  for (const [index, leaver] of leavers.entries()) {
    if (index === 5 || index === 15) await porter.tell('simulate', { part: 'printer', fault: 'paper-out' });
    badges.push(await early(leaver));
    if (index === 7 || index === 17) await porter.tell('simulate', { part: 'printer', fault: null });
    // More than twenty badges never wait for the printer.
    if (index === 19) await porter.until('the queue is printed', ({ out }) => printed(out).has(badges[19]), 60_000);
  }
  expect(new Set(badges).size).toBe(25);
  for (const badge of badges.slice(0, 20)) await back(badge);
  await porter.until('all are sent', ({ sum }) => sum.confirmed === 56 && sum.waiting === 0, 120_000);
  expect(await same()).toEqual({ late: 60, out: 5, back: 20, sum: [60, 56, 0, 4], conflicts: 4 });
  await porter.until('every badge is printed', ({ out }) => printed(out).size === 5, 60_000);

  // And the MIS holds what the page says that it holds.
  const held = (await porter.mis.control.marks()).filter(({ writes }) => writes > 0);
  expect(held.map(({ code, writes }) => `${String(code)} ${String(writes)}`)).toEqual(Array(56).fill('L 1'));
  for (const page of [now, marks]) await page.context().close();
});

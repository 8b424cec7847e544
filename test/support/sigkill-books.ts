/** What pages were told, what Porter says, and what the MIS holds, held against each other. */
import { isDeepStrictEqual } from 'node:util';
import type { EarlyAnswer, LateAnswer, ReturnAnswer } from '../../device/contract/kiosk.ts';
import type { StaffSnapshot } from '../../device/contract/staff.ts';
import type { SimMark } from '../../device/demo/mis-control.ts';
import type { Porter } from './porter.ts';
import { valueOf } from './sigkill-page.ts';
import type { Order, Page, Tally, Verb } from './sigkill-page.ts';

const registerOpens = 8 * 60 + 40;

export async function compared(porter: Porter, all: readonly Page[], tally: Tally): Promise<void> {
  const kiosk = await porter.kiosk();
  for (const page of all) await page.repeatSome(kiosk, tally, page.orders);
  kiosk.close();
  const wrong = (words: string): void => void tally.wrong.push(words);
  const state = await porter.state();
  const orders = all.flatMap((page) => page.orders);
  const done = (verb: Verb): Order[] => orders.filter((order) => order.verb === verb && order.answer?.ok === true);

  const movements = done('late').map((order) => (valueOf(order) as LateAnswer).movement);
  if (new Set(movements).size !== movements.length) wrong('a journal number was given to two arrivals');
  const badges = done('early').flatMap((order) => {
    const answer = valueOf(order) as EarlyAnswer;
    return answer.state === 'departed' ? [answer.badge] : [];
  });
  if (new Set(badges).size !== badges.length) wrong('a badge ID was given twice');
  for (const order of done('return')) {
    if ((valueOf(order) as ReturnAnswer).state !== 'welcome-back')
      wrong(`${order.id}: ${JSON.stringify(order.answer)}`);
  }
  const out = all.flatMap((page) => [...page.out.values()].map((order) => valueOf(order) as EarlyAnswer));
  const outBadges = out.flatMap((answer) => (answer.state === 'departed' ? [answer.badge] : []));
  if (!isDeepStrictEqual(state.out.map(({ badge }) => badge).sort(), outBadges.sort()))
    wrong('who is out is not who left');

  const kept = new Map(all.flatMap((page) => [...page.kept]));
  const marks = await porter.mis.control.marks();
  compareMarks(kept, marks, state, tally);
  const written = new Set(marks.filter(({ writes }) => writes > 0).map(({ upi }) => upi));
  const undone = all.flatMap((page) => page.undoneInTime());
  for (const pupil of undone) if (written.has(pupil)) wrong(`an undone arrival was sent (${pupil})`);
  tally.undoneUnsent = undone.length;

  const { sum } = state;
  if (sum.recorded !== sum.confirmed + sum.waiting + sum.needsPerson) wrong(`the sum: ${JSON.stringify(sum)}`);
  if (sum.confirmed !== kept.size - tally.unsure) wrong(`${String(sum.confirmed)} confirmed of ${String(kept.size)}`);
  const said = porter.said.split('\n').filter((line) => /journal-fault|broken/.test(line));
  if (said.length > 0) wrong(`Porter said: ${said.slice(0, 3).join(' ')}`);
  if (state.faults.length > 0) wrong(`faults: ${state.faults.join(' ')}`);
}

/** Each pupil who came late and stayed so: one mark, written once, with the minutes that the pupil was told. */
function compareMarks(
  kept: ReadonlyMap<string, Order>,
  marks: readonly SimMark[],
  state: StaffSnapshot,
  tally: Tally,
): void {
  const unsure = new Set(
    state.marks.filter((row) => row.state === 'unknown').map(({ key }) => key.split('|')[0] ?? ''),
  );
  const byPupil = new Map(marks.map((mark) => [mark.upi, mark]));
  if (byPupil.size !== marks.length) tally.wrong.push('a pupil has two marks');
  for (const [pupil, order] of kept) {
    const mark = byPupil.get(pupil);
    const { time } = valueOf(order) as LateAnswer;
    const [hour = 0, minute = 0] = (time ?? '').split(':').map(Number);
    const minutes = hour * 60 + minute - registerOpens;
    if (mark === undefined && unsure.has(pupil)) tally.unsure += 1;
    else if (mark?.code !== 'L' || mark.writes !== 1 || mark.minutes_late !== minutes) {
      const held = mark && [mark.code, mark.minutes_late, mark.writes].join(' ');
      tally.wrong.push(`${order.id}: the MIS holds ${held ?? 'nothing'} where L ${String(minutes)} 1 is due`);
    } else tally.marks += 1;
  }
}

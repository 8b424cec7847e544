/** The network to the MIS is cut, the box works on, is killed in the middle, and brings the MIS up to date when it is back. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  ChooseAnswer,
  EarlyAnswer,
  LateAnswer,
  NameEntry,
  NamesAnswer,
  ReturnAnswer,
} from '../../device/contract/kiosk.ts';
import type { Ack, Result } from '../../device/contract/result.ts';
import type { StaffSnapshot } from '../../device/contract/staff.ts';
import { Porter } from '../support/porter.ts';
import type { KioskClient } from '../support/porter.ts';

let porter: Porter;

beforeAll(async () => {
  porter = await Porter.start({ clock: '2026-11-23T08:52', settings: '[late]\nhold_seconds = 0\n' });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
});
afterAll(async () => {
  await porter.stop();
});

let ids = 0;
const command = <T>(input: T) => ({ commandId: `e2e-${String((ids += 1))}`, ageMs: 0, input });

async function value<T>(run: (ack: Ack<T>) => void): Promise<T> {
  const result = await new Promise<Result<T>>((resolve) => {
    run(resolve);
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Older pupils, who may leave without approval, month by month. */
async function pupils(kiosk: KioskClient, count: number): Promise<readonly NameEntry[]> {
  const found: NameEntry[] = [];
  for (const yearGroup of ['Year 8', 'Year 9', 'Year 10', 'Year 11']) {
    for (let month = 1; month <= 12 && found.length < count; month += 1) {
      const visit = `list-${yearGroup.slice(5)}-${String(month)}`;
      const names = await value<NamesAnswer>((ack) =>
        kiosk.emit('names', { visit, flow: 'late', yearGroup, month }, ack),
      );
      found.push(...names.pupils);
      const [first] = names.pupils;
      // Choosing keeps the lists from pausing.
      if (first !== undefined)
        await value<ChooseAnswer>((ack) => kiosk.emit('choose', { visit, flow: 'late', pupil: first.pupil }, ack));
    }
  }
  return found.slice(0, count);
}

const addsUp = ({ sum }: StaffSnapshot): void => {
  expect(sum.recorded).toBe(sum.confirmed + sum.waiting + sum.needsPerson);
};

test('sixty late, ten out, five back, all without the MIS and over a SIGKILL: every mark arrives once', async () => {
  let kiosk = await porter.kiosk();
  const people = await pupils(kiosk, 70);
  expect(people).toHaveLength(70);
  await porter.mis.control.offline();

  const late = async ({ pupil }: NameEntry, visit: string): Promise<LateAnswer> =>
    value((ack) => kiosk.emit('late', command({ visit, pupil, reason: 'bus', touchAgoMs: 1000 }), ack));
  for (const [index, pupil] of people.slice(0, 30).entries()) {
    const answer = await late(pupil, `late-${String(index)}`);
    expect(answer.outcome).toBe('late');
  }
  const before = await porter.state();
  addsUp(before);
  expect(before.sum).toMatchObject({ recorded: 30, confirmed: 0, waiting: 30 });

  const badges: string[] = [];
  for (const [index, { pupil }] of people.slice(60).entries()) {
    const input = {
      visit: `out-${String(index)}`,
      pupil,
      reason: 'medical',
      back: 'after-lunch',
      withWhom: null,
      photo: 'none',
      touchAgoMs: 0,
    } as const;
    const answer = await value<EarlyAnswer>((ack) => kiosk.emit('early', command(input), ack));
    if (answer.state !== 'departed') throw new Error('an older pupil needs no approval');
    badges.push(answer.badge);
  }
  expect(new Set(badges).size).toBe(10);

  // The plug is pulled while sign-ins run.
  const flying = people.slice(30, 45).map((pupil, index) => late(pupil, `fly-${String(index)}`).catch(() => null));
  await flying[4];
  expect(await porter.kill('SIGKILL')).toBe('SIGKILL');
  kiosk.close();
  await porter.run();
  kiosk = await porter.kiosk();

  const afterKill = await porter.state();
  addsUp(afterKill);
  expect(afterKill.sum.recorded).toBeGreaterThanOrEqual(35);
  expect(afterKill.out).toHaveLength(10);

  // Whoever got no answer signs in again: already in, or in now, never twice.
  for (const [index, pupil] of people.slice(30, 60).entries()) {
    const chosen = await value<ChooseAnswer>((ack) =>
      kiosk.emit('choose', { visit: `again-${String(index)}`, flow: 'late', pupil: pupil.pupil }, ack),
    );
    if (chosen.next === 'ask') await late(pupil, `again-${String(index)}`);
    else expect(chosen.next).toBe('already-signed-in');
  }
  for (const [index, badge] of badges.slice(0, 5).entries()) {
    const input = { visit: `back-${String(index)}`, by: 'typed', badge, touchAgoMs: 0 } as const;
    expect(await value<ReturnAnswer>((ack) => kiosk.emit('return', command(input), ack))).toMatchObject({
      state: 'welcome-back',
    });
  }
  const [first] = badges;
  const again = { visit: 'used', by: 'typed', badge: first ?? '', touchAgoMs: 0 } as const;
  expect(await value<ReturnAnswer>((ack) => kiosk.emit('return', command(again), ack))).toEqual({ state: 'used' });

  const full = await porter.state();
  addsUp(full);
  expect(full.sum).toEqual({ recorded: 60, confirmed: 0, waiting: 60, needsPerson: 0 });
  expect(full.out).toHaveLength(5);
  expect(full.lights).toMatchObject({ green: 'steady', amber: 'slow', red: 'off' });

  await porter.mis.control.forgetRequests();
  await porter.mis.control.online();
  const done = await porter.until(
    'all marks confirmed',
    (state) => {
      addsUp(state);
      return state.sum.confirmed === 60;
    },
    90_000,
  );
  expect(done.sum).toEqual({ recorded: 60, confirmed: 60, waiting: 0, needsPerson: 0 });
  const marks = await porter.mis.control.marks();
  expect(marks).toHaveLength(60);
  expect(marks.every(({ code, writes }) => code === 'L' && writes === 1)).toBe(true);
  expect(marks.every(({ minutes_late: minutes }) => minutes !== null && minutes >= 11 && minutes <= 16)).toBe(true);
  expect(new Set(marks.map(({ comment }) => comment)).size).toBe(60);

  const requests = await porter.mis.control.requests();
  const posts = requests.log.filter(({ method, status }) => method === 'POST' && status === 200);
  expect(posts).toHaveLength(2);

  // What the day left on the card says nothing of it to whoever has no key.
  await porter.kill('SIGTERM');
  const secrets = [porter.mis.token, ...badges, ...people.flatMap(({ pupil, label }) => [pupil, ...longWords(label)])];
  expect(filesWith(secrets, join(porter.folder, 'data'))).toEqual([]);
}, 180_000);

/** Short ones stand in any megabyte of random bytes. */
const longWords = (text: string): readonly string[] => text.split(' ').filter((word) => word.length >= 6);

/** Names of the files below `folder` in which one of `words` stands. */
function filesWith(words: readonly string[], folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name));
  expect(paths.some((path) => path.endsWith('.pj'))).toBe(true);
  return paths.filter((path) => {
    const bytes = readFileSync(path);
    return words.some((word) => bytes.includes(word));
  });
}

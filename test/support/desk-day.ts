/** A day at a made-up school's box, told in short words: who comes, who leaves, what they are answered. */
import { createHmac } from 'node:crypto';
import type {
  ChooseAnswer,
  EarlyAnswer,
  EarlyInput,
  Flow,
  LateAnswer,
  LateInput,
  ReturnAnswer,
  ReturnInput,
} from '../../device/contract/kiosk.ts';
import type { Result } from '../../device/contract/result.ts';
import { watch } from '../../device/desk/watch.ts';
import { issue } from '../../device/domain/badge-id.ts';
import type { Mark } from '../../device/domain/mark.ts';
import { stateOf, wishOf } from '../../device/domain/mark.ts';
import type { Pupil } from '../../device/domain/pupil.ts';
import type { Recorded } from '../../device/domain/record.ts';
import type { Settings } from '../../device/domain/settings.ts';
import { hillView, hillViewWith } from '../unit/hill-view.ts';
import { openBox } from './box.ts';
import type { BoxOptions } from './box.ts';
import { steeredTime } from './steered-time.ts';
import type { SteeredTime } from './steered-time.ts';

export const monday = '2026-11-23';
/** Local time in winter is UTC. */
export const instant = (time: string, date = monday): number => Date.parse(`${date}T${time}Z`);

const pupil = (
  key: string,
  forename: string,
  surname: string,
  yearGroup: string,
  more: Partial<Pupil> = {},
): Pupil => ({
  key,
  misId: `mis-${key}`,
  forename,
  surname,
  yearGroup,
  registrationGroup: null,
  birthMonth: 5,
  flags: [],
  ...more,
});
export const pupils: readonly Pupil[] = [
  pupil('amara', 'Amara', 'Okafor', 'Year 9'),
  pupil('ben', 'Ben', 'Lowe', 'Year 9'),
  pupil('cai', 'Cai', 'Price', 'Year 10'),
  pupil('dina', 'Dina', 'Rahman', 'Year 10', { flags: ['no-photo'] }),
  pupil('eli', 'Eli', 'Stone', 'Year 4'),
  pupil('fay', 'Fay', 'Stone', 'Year 7'),
  pupil('zara', 'Zara', 'Iqbal', 'Year 13'),
  pupil('hid', 'Hidden', 'Person', 'Year 9', { flags: ['do-not-display'] }),
  pupil('nur', 'Nursery', 'Child', 'Nursery'),
];

/** Hill View, with approval up to Year 6 and for "unwell", and reasons that say themselves when a pupil comes back. */
export const school: Settings = {
  ...hillViewWith({ leave: { approval: { yearGroups: ['Year 4'], reasons: ['unwell'] } } }),
  leaveReasons: [
    ...hillView.leaveReasons,
    { kind: 'leave', id: 'lunch', label: { en: 'Lunch' }, icon: null, laterSessionCode: null, back: { minutes: 60 } },
    { kind: 'leave', id: 'home', label: { en: 'Going home' }, icon: null, laterSessionCode: null, back: 'not-today' },
  ],
};

/** Steered, with boots of the machine: a clock that is not trusted bounds nothing from above. */
export function bootableTime(start: number): SteeredTime & { boot(name: string): void } {
  const time = steeredTime(start);
  let name = 'first-boot';
  return {
    ...time,
    boot: (next) => {
      name = next;
    },
    clock: {
      ...time.clock,
      get boot() {
        return name;
      },
      reading: (agoMs) => {
        const reading = time.clock.reading(agoMs);
        return { ...reading, boot: name, latest: time.clock.trusted() ? reading.latest : null };
      },
    },
  };
}

export interface DayOptions extends Partial<Omit<BoxOptions, 'time'>> {
  /** `09:02` on Monday, or `2026-11-28T09:02`. */
  readonly at?: string;
  readonly time?: ReturnType<typeof bootableTime>;
}
export type Day = Awaited<ReturnType<typeof openDay>>;

let runs = 0;

export async function openDay(options: DayOptions = {}) {
  const { at = '09:02' } = options;
  const start = at.includes('T') ? instant(at.slice(11), at.slice(0, 10)) : instant(at);
  const time = options.time ?? bootableTime(start);
  // Each run with chance of its own: two runs never share their id.
  const box = await openBox({ settings: school, pupils, seed: (runs += 1), ...options, time });
  const records: Recorded[] = [];
  box.desk.onDurable((some) => records.push(...some));
  let visits = 0;
  const visit = (): string => `${box.journal.run.slice(0, 6)}-visit-${String((visits += 1))}`;
  const ledger = box.desk.durable;
  /** In steps, so that the journal's questions to the disk are answered before their deadline of a minute. */
  const pass = (ms: number): Promise<void> => time.passSlowly(ms, 30_000);
  return {
    box,
    time,
    options,
    ledger,
    /** What this run of the box has put on the disk. */
    records,
    visit,
    pass,
    /** Lets it be that time of the same day. */
    until: (clock: string): Promise<void> => {
      const date = new Date(time.clock.now()).toISOString().slice(0, 10);
      return pass(instant(clock, date) - time.clock.now());
    },
    watch: () => watch(box.school, box.desk),
    late: (who: string, more: Partial<LateInput> = {}): Promise<Result<LateAnswer>> => {
      const input = { visit: visit(), pupil: who, reason: 'bus', touchAgoMs: 0, ...more };
      return box.arrivals.late(box.command(input), input);
    },
    undo: (ofVisit: string, movement: string): Promise<Result<null>> => {
      const input = { visit: ofVisit, movement };
      return box.arrivals.undo(box.command(input), input);
    },
    early: (who: string, more: Partial<EarlyInput> = {}): Promise<Result<EarlyAnswer>> => {
      const input: EarlyInput = {
        visit: visit(),
        pupil: who,
        reason: 'medical',
        back: 'after-lunch',
        withWhom: null,
        photo: 'none',
        touchAgoMs: 0,
        ...more,
      };
      return box.departures.early(box.command(input), input);
    },
    answer: (ofVisit: string, answer: 'let-go' | 'no', by = 'Ms Reed', adult: string | null = null) => {
      const input = { visit: ofVisit, answer, adult, by };
      return box.departures.answer(box.command(input), input);
    },
    type: (badge: string): Promise<Result<ReturnAnswer>> => back({ visit: visit(), by: 'typed', badge, touchAgoMs: 0 }),
    scan: (code: string): Promise<Result<ReturnAnswer>> => back({ visit: visit(), by: 'qr', code, touchAgoMs: 0 }),
    backByName: (who: string): Promise<Result<ReturnAnswer>> =>
      back({ visit: visit(), by: 'name', pupil: who, touchAgoMs: 0 }),
    choose: (flow: Flow, who: string): Result<ChooseAnswer> => box.picker.choose({ visit: visit(), flow, pupil: who }),
    correct: (movement: string, to: string | null = null, by = 'Ms Reed') => {
      const correction = to === null ? ({ how: 'undo' } as const) : ({ how: 'another-pupil', pupil: to } as const);
      const input = { movement, correction, why: null, by };
      return box.staff.correct(box.command(input), input);
    },
    /** The pupil's marks in words: `2026-11-23 AM waiting L 22`. */
    marks: (who: string): readonly string[] =>
      [...ledger.marks.values()].filter((mark) => mark.pupil === who).map(markWords),
    notes: (): readonly string[] => [...ledger.notes.values()].map(({ kind, urgent }) => (urgent ? `${kind}!` : kind)),
    /** Pupils who are out. */
    out: (): readonly (string | null)[] =>
      [...ledger.out].map((ref) => ledger.movements.get(ref)?.record.pupil ?? null),
    photosOf: (who: string) => ledger.movementsOf(who).map(({ record }) => record.leave?.photo),
  };

  function back(input: ReturnInput): Promise<Result<ReturnAnswer>> {
    return box.returns.back(box.command(input), input);
  }
}

/** Stops the box and starts it again on the same disk; with `boot` the machine, too. */
export async function restart(day: Day, boot?: string): Promise<Day> {
  await day.box.journal.close();
  if (boot !== undefined) day.time.boot(boot);
  return openDay({ ...day.options, time: day.time, disk: day.box.disk });
}

export function markWords(mark: Mark): string {
  const wish = wishOf(mark);
  const code = wish.kind === 'none' ? [] : [wish.code ?? 'no code', ...(wish.minutes === null ? [] : [wish.minutes])];
  return [mark.date, mark.session, stateOf(mark), ...code].join(' ');
}

/** The answer, or the test fails with the refusal. */
export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}
/** Why it was refused, or the test fails. */
export function refusal(result: Result<unknown>): string {
  if (result.ok) throw new Error(`not refused: ${JSON.stringify(result.value)}`);
  return result.error.code;
}

/** A straight departure: its badge. */
export function badgeOf(result: Result<EarlyAnswer>): string {
  const answer = value(result);
  if (answer.state !== 'departed') throw new Error('waits for an answer');
  return answer.badge;
}

/** As another box of the school issues it: same key, other digit. */
export function badgeOfBox(box: number, date = monday): string {
  const hash = (text: string): Uint8Array => createHmac('sha256', 'test key').update(text).digest();
  return issue({ school: school.school.name, date, box, serial: 7, hash, usedRecently: () => false })?.id ?? '';
}

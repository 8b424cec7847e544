/** Staff change settings (product.md 6): checked by what checks the technician file, dated, told beforehand, taken back. */
import type { Result } from '../contract/result.ts';
import { decideArrival } from '../domain/attendance.ts';
import type { Decision } from '../domain/attendance.ts';
import { codesOf } from '../domain/codes.ts';
import type { Actor, Ref, SettingBody, SettingChange } from '../domain/record.ts';
import type { SettingChanges, Tried } from '../domain/setting-changes.ts';
import { weekdayOf } from '../domain/school-day.ts';
import type { IsoDate, MinuteOfDay, Settings } from '../domain/settings.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { lateReason, reasonLabel } from './school.ts';
import type { School } from './school.ts';
import { enteredTime, today } from './when.ts';

type Nation = Settings['school']['nation'];
type Codes = ReturnType<typeof codesOf>;

/** The technician file with changes over it: `settings/book.ts`. */
export interface Book {
  try(changes: SettingChanges, body: SettingBody, codes: (nation: Nation) => Codes): Tried;
}

export interface SettingChanged {
  readonly place: string;
  readonly change: SettingChange;
  /** Null: from today on. */
  readonly from: IsoDate | null;
  readonly why: string | null;
  readonly by: Actor;
}
/** An arrival to try a change on. */
export interface Example {
  readonly date: IsoDate;
  readonly minute: MinuteOfDay;
  readonly yearGroup: string;
  readonly reason: string;
}

export interface SettingsDesk {
  change(command: DeskCommand, input: SettingChanged): Promise<Result<{ readonly setting: Ref }>>;
  undo(command: DeskCommand, input: { readonly setting: Ref; readonly by: Actor }): Promise<Result<null>>;
  /** A sentence: what such an arrival would come to with this change, or with the settings as they are. */
  preview(change: Omit<SettingChanged, 'by' | 'why'> | null, example: Example): Result<string>;
}

/** Changes that lie over the file at the same time. */
const changesMax = 400;
/** Characters of one change as JSON; a year's overrides are some 2,000. */
const changeMax = 8_000;

export interface SettingsPorts {
  readonly school: School;
  readonly desk: Desk;
  readonly book: Book;
  /** Codes that the school's MIS has; null: it does not tell now. */
  readonly misCodes: () => Promise<ReadonlySet<string> | null>;
}

export function settingsDesk({ school, desk, book, misCodes }: SettingsPorts): SettingsDesk {
  const bodyOf = ({ place, change, from, why, by }: SettingChanged): SettingBody => ({
    ...{ type: 'setting', v: 1, place, change, why, by },
    from: from ?? today(school),
  });
  const codesOn = (date: IsoDate, mis: ReadonlySet<string> | null) => (nation: Nation) =>
    new Map([...codesOf(nation, date)].filter(([code]) => mis === null || mis.has(code)));

  return {
    async change(command, input) {
      const mis = input.place.startsWith('reason.') ? await misCodes() : null;
      return desk.execute(
        command,
        (ahead) => {
          const body = bodyOf(input);
          if (body.from < today(school))
            throw new Refused('invalid_input', 'a change holds from today on, or from later');
          if (ahead.settings.size >= changesMax) throw new Refused('wrong_state', 'too many changes: undo some first');
          if (JSON.stringify(input.change).length > changeMax) throw new Refused('invalid_input', 'too long');
          const tried = book.try(ahead.settings, body, codesOn(body.from, mis));
          if (!tried.ok) throw new Refused('invalid_input', tried.problems.join('; '));
          return [body];
        },
        ({ ref }) => ({ setting: ref }),
      );
    },
    undo: (command, { setting, by }) =>
      desk.execute(
        command,
        (ahead) => {
          if (!ahead.settings.has(setting)) throw new Refused('not_found', 'no such change, or undone already');
          return [{ type: 'setting-undone', v: 1, setting, by }];
        },
        () => null,
      ),
    preview(change, example) {
      const { settings } = desk.durable;
      let inForce = school.settings;
      if (change !== null) {
        const body = bodyOf({ ...change, why: null, by: '' });
        const tried = book.try(settings, body, codesOn(body.from, null));
        if (!tried.ok) return { ok: false, error: { code: 'invalid_input', detail: tried.problems.join('; ') } };
        inForce = tried.settings;
      }
      return { ok: true, value: told({ ...school, settings: inForce }, example) };
    },
  };
}

function told(school: School, { date, minute, yearGroup, reason }: Example): string {
  const { settings } = school;
  const at = enteredTime(school, date, minute);
  const decision = decideArrival({ at, yearGroup, reason: lateReason(settings, reason), settings });
  const [hours, minutes] = [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0'));
  const who = `A ${yearGroup} pupil arriving ${weekdayNames[weekdayOf(date)]} ${hours ?? ''}:${minutes ?? ''}`;
  const label = reasonLabel(settings, 'late', reason) ?? reason;
  return decision === 'undecided' ? `${who}: not to be told.` : `${who} for ${label} ${wordsOf(decision)}.`;
}

function wordsOf({ want, outcome }: Decision): string {
  switch (want.kind) {
    case 'mark':
      return `gets ${want.code}${want.minutes === null ? '' : `, ${minutesWords(want.minutes)} late`}`;
    case 'proposal':
      return want.code === null
        ? 'waits for staff to say which code, if any'
        : `waits for staff to decide: ${want.code} is proposed`;
    case 'none':
      return outcome === 'on-time' ? 'is on time: no mark' : 'gets no mark: there is no register for them then';
  }
}
const minutesWords = (minutes: number): string => (minutes === 1 ? '1 minute' : `${String(minutes)} minutes`);

const weekdayNames = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
} as const;

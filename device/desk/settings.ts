/** Staff change settings (product.md 6): checked by what checks the technician file, dated, told beforehand, taken back. */
import type { Result } from '../contract/result.ts';
import type { SettingPreview } from '../contract/staff-settings.ts';
import { codesOf } from '../domain/codes.ts';
import type { CodeTable } from '../domain/codes.ts';
import type { Actor, Ref, SettingBody, SettingChange } from '../domain/record.ts';
import { standing } from '../domain/setting-changes.ts';
import type { SettingChanges, Tried } from '../domain/setting-changes.ts';
import type { IsoDate, Settings } from '../domain/settings.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import type { School } from './school.ts';
import { exampleWords } from './setting-examples.ts';
import type { Example } from './setting-examples.ts';
import { today } from './when.ts';

type Nation = Settings['school']['nation'];

/** The technician file with changes over it: `settings/book.ts`. */
export interface Book {
  on(changes: SettingChanges, date: IsoDate): { readonly settings: Settings };
  try(changes: SettingChanges, body: SettingBody, codes: (nation: Nation) => CodeTable): Tried;
}

export interface SettingChanged {
  readonly place: string;
  readonly change: SettingChange;
  /** Null: from today on. */
  readonly from: IsoDate | null;
  readonly why: string | null;
  readonly by: Actor;
}
export interface SettingsDesk {
  change(command: DeskCommand, input: SettingChanged): Promise<Result<{ readonly setting: Ref }>>;
  undo(command: DeskCommand, input: { readonly setting: Ref; readonly by: Actor }): Promise<Result<null>>;
  /** Sentences: what the example comes to with the settings of its day, and with this change among them. */
  preview(change: Omit<SettingChanged, 'by' | 'why'>, example: Example): Result<SettingPreview>;
  /** What a reason may name on that date. `asked`: the MIS told which of them it has. */
  codes(date: IsoDate): Promise<{ readonly codes: CodeTable; readonly asked: boolean }>;
}

/** Places that are changed at the same time. */
const placesMax = 400;
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
          const places = new Set(standing(ahead.settings).map(({ place }) => place));
          if (places.size >= placesMax && !places.has(body.place))
            throw new Refused('wrong_state', 'too many changes: undo some first');
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
          const said = ahead.settings.get(setting);
          if (said === undefined || said.undoneBy !== undefined)
            throw new Refused('not_found', 'no such change, or undone already');
          return [{ type: 'setting-undone', v: 1, setting, by }];
        },
        () => null,
      ),
    preview(change, example) {
      const { settings } = desk.durable;
      const body = bodyOf({ ...change, why: null, by: '' });
      const codes = codesOn(body.from, null);
      const tried = book.try(settings, body, codes);
      if (!tried.ok) return { ok: false, error: { code: 'invalid_input', detail: tried.problems.join('; ') } };
      const now = book.on(settings, example.date).settings;
      // On the day of the example: other changes may have come by then, and this one may not.
      const holds = body.from <= example.date ? book.try(settings, { ...body, from: example.date }, codes) : null;
      const then = holds?.ok === true ? holds.settings : now;
      const words = (inForce: Settings): string => exampleWords({ ...school, settings: inForce }, example);
      return { ok: true, value: { now: words(now), then: words(then) } };
    },
    async codes(date) {
      const mis = await misCodes();
      const codes = codesOn(date, mis)(school.settings.school.nation);
      return { codes: new Map([...codes].filter(([, { kiosk }]) => kiosk !== 'never')), asked: mis !== null };
    },
  };
}

/** Bounded reads for the staff page, by name: what a view does not push. Nothing is recorded by them. */
import * as v from 'valibot';
import type { Result } from '../../contract/result.ts';
import type { EraseDesk } from '../../desk/erasing.ts';
import type { School } from '../../desk/school.ts';
import type { StaffDesk } from '../../desk/staff.ts';
import type { Ledger } from '../../domain/ledger.ts';
import type { SettingsDesk } from '../../desk/settings.ts';
import { parse } from '../parse.ts';
import { correction, date, onBehalf, settingChange, text } from '../staff-inputs.ts';
import { daySheet } from './views/day-sheet.ts';
import { foreseen } from './views/foreseen.ts';
import { markPage } from './views/mark-page.ts';
import { pupilsPage } from './views/pupils.ts';
import { search } from './views/search.ts';

export interface QueryPorts {
  readonly eraseDesk: Pick<EraseDesk, 'receipt'>;
  readonly staffDesk: Pick<StaffDesk, 'foresee'>;
  readonly school: School;
  readonly ledger: () => Ledger;
  readonly settingsDesk: Pick<SettingsDesk, 'preview'>;
}
export type Queries = Readonly<Record<string, (input: unknown) => Promise<Result<unknown>>>>;
export type QueryName = keyof ReturnType<typeof queries>;

const group = v.nullable(v.pipe(v.string(), v.maxLength(200)));
const pupilsWanted = v.object({
  text: v.pipe(v.string(), v.maxLength(60)),
  yearGroup: group,
  group,
  flag: v.nullable(v.picklist(['no-photo', 'see-reception', 'do-not-display'])),
  from: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000)),
});
const plan = v.variant('plan', [
  v.object({ plan: v.literal('record'), ...onBehalf.entries }),
  v.object({ plan: v.literal('correct'), movement: text, correction }),
]);

export function queries({ eraseDesk, staffDesk, settingsDesk, school, ledger }: QueryPorts) {
  const on = <T>(
    schema: v.GenericSchema<unknown, T>,
    run: (value: T) => Result<unknown> | Promise<Result<unknown>>,
  ) => {
    return async (input: unknown): Promise<Result<unknown>> => {
      const parsed = parse(schema, input);
      return parsed.ok ? run(parsed.value) : parsed;
    };
  };
  return {
    receipt: on(v.object({ record: text }), ({ record }) => eraseDesk.receipt(record)),
    search: on(v.object({ text: v.pipe(v.string(), v.maxLength(60)) }), (input) =>
      ok(search(school, ledger(), input.text)),
    ),
    pupils: on(pupilsWanted, (input) => ok(pupilsPage(school, ledger(), input))),
    mark: on(v.object({ key: text }), ({ key }): Result<unknown> => {
      const page = markPage(school, ledger(), key);
      return page === null ? { ok: false, error: { code: 'not_found', detail: 'no such mark' } } : ok(page);
    }),
    'day-sheet': on(v.object({ date, session: v.nullable(v.picklist(['AM', 'PM'])) }), (input) =>
      ok(daySheet(school, ledger(), input.date, input.session)),
    ),
    /** By the same rules as the command, and nothing is recorded. */
    foresee: on(plan, (input) => {
      const said = staffDesk.foresee(input);
      return said.ok ? ok(foreseen(said.value)) : said;
    }),
    'preview-setting': on(
      v.object({
        change: v.nullable(v.object(settingChange)),
        example: v.object({
          date,
          minute: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1439)),
          yearGroup: text,
          reason: text,
        }),
      }),
      ({ change, example }) => settingsDesk.preview(change, example),
    ),
  } satisfies Queries;
}

const ok = <T>(value: T): Result<T> => ({ ok: true, value });

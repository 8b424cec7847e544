/** Bounded reads for the staff page, by name: what a view does not push. Nothing is recorded by them. */
import * as v from 'valibot';
import type { Result } from '../../contract/result.ts';
import { everywhere } from '../../contract/staff-evacuation.ts';
import type { ChainAnswer, PupilAnswer, TextFile } from '../../contract/staff-views.ts';
import type { Me, Role } from '../../contract/staff.ts';
import type { PupilRecords } from '../../desk/about-pupil.ts';
import type { EraseDesk } from '../../desk/erasing.ts';
import { logKinds, logPage } from '../../desk/log.ts';
import type { Photos } from '../../desk/photos.ts';
import type { School } from '../../desk/school.ts';
import type { StaffDesk } from '../../desk/staff.ts';
import type { Ledger } from '../../domain/ledger.ts';
import { samePerson } from '../../domain/prune.ts';
import type { SettingsDesk } from '../../desk/settings.ts';
import type { Journal } from '../../journal/journal.ts';
import { parse } from '../parse.ts';
import { correction, date, onBehalf, settingChange, text } from '../staff-inputs.ts';
import { daySheet } from './views/day-sheet.ts';
import { evacuees } from './views/evacuation.ts';
import { foreseen } from './views/foreseen.ts';
import { logShown } from './views/log.ts';
import { markPage } from './views/mark-page.ts';
import { pupilPage } from './views/pupil.ts';
import { pupilsPage } from './views/pupils.ts';
import { latePupils, report } from './views/reports.ts';
import { reasonsOf } from './views/rows.ts';
import { search } from './views/search.ts';
import { codeChoices } from './views/settings.ts';
import type { StaffSituation } from './views/situation.ts';

export interface QueryPorts {
  readonly eraseDesk: Pick<EraseDesk, 'preview' | 'receipt'>;
  readonly staffDesk: Pick<StaffDesk, 'foresee'>;
  readonly school: School;
  readonly ledger: () => Ledger;
  readonly settingsDesk: Pick<SettingsDesk, 'preview' | 'codes'>;
  readonly pupilRecords: Pick<PupilRecords, 'read'>;
  readonly photos: Pick<Photos, 'kept'>;
  readonly waitsForPrinter: StaffSituation['waitsForPrinter'];
  readonly papers: () => TextFile;
  readonly journal: Pick<Journal, 'before' | 'closed' | 'place'>;
  readonly chain: () => Promise<ChainAnswer>;
}
/** Who asks: answers may differ by role. */
export type Asker = Pick<Me, 'role'>;
export type Queries = Readonly<Record<string, (input: unknown, asker: Asker) => Promise<Result<unknown>>>>;
export type QueryName = keyof ReturnType<typeof queries>;

const group = v.nullable(v.pipe(v.string(), v.maxLength(200)));
const pupilsWanted = v.object({
  text: v.pipe(v.string(), v.maxLength(60)),
  yearGroup: group,
  group,
  flag: v.nullable(v.picklist(['no-photo', 'see-reception', 'do-not-display'])),
  from: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000)),
});
const times = v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(100));
const logWanted = v.object({
  kind: v.nullable(v.picklist(logKinds)),
  by: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(80))),
  staffOnly: v.boolean(),
  from: v.nullable(date),
  to: v.nullable(date),
  before: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
});
const plan = v.variant('plan', [
  v.object({ plan: v.literal('record'), ...onBehalf.entries }),
  v.object({ plan: v.literal('correct'), movement: text, correction }),
]);

/** Who is nobody in particular is told as little as anybody. */
const anybody: Asker = { role: 'fire-warden' };

function on<T>(
  schema: v.GenericSchema<unknown, T>,
  run: (value: T, asker: Asker) => Result<unknown> | Promise<Result<unknown>>,
) {
  return async (input: unknown, asker: Asker = anybody): Promise<Result<unknown>> => {
    const parsed = parse(schema, input);
    return parsed.ok ? run(parsed.value, asker) : parsed;
  };
}

/** Also of a box that is out of service: the alarm may go then too. */
export const askEvacuees = (school: () => School, ledger: () => Ledger) =>
  on(
    v.object({
      group: v.nullable(text),
      where: v.nullable(v.picklist(everywhere)),
      text: v.pipe(v.string(), v.maxLength(60)),
    }),
    (input) => ok(evacuees(school(), ledger(), input)),
  );

export function queries(ports: QueryPorts) {
  const { eraseDesk, staffDesk, settingsDesk, school, ledger } = ports;
  return {
    receipt: on(v.object({ record: text }), ({ record }) => eraseDesk.receipt(record)),
    'erase-preview': on(v.object({ pupil: text }), ({ pupil }) => eraseDesk.preview(pupil)),
    log: on(logWanted, async ({ before, ...wanted }) => ok(logShown(school, await logPage(ports, wanted, before)))),
    chain: on(v.object({}), async () => ok(await ports.chain())),
    search: on(v.object({ text: v.pipe(v.string(), v.maxLength(60)) }), (input) =>
      ok(search(school, ledger(), input.text)),
    ),
    pupils: on(pupilsWanted, (input) => ok(pupilsPage(school, ledger(), input))),
    pupil: on(v.object({ key: text, earlier: v.boolean() }), (input, { role }) => aboutPupil(ports, input, role)),
    mark: on(v.object({ key: text }), ({ key }): Result<unknown> => {
      const page = markPage(school, ledger(), key);
      return page === null ? { ok: false, error: { code: 'not_found', detail: 'no such mark' } } : ok(page);
    }),
    'day-sheet': on(v.object({ date, session: v.nullable(v.picklist(['AM', 'PM'])) }), async (input) => {
      const { seen, head } = await ports.journal.place();
      return ok({ ...daySheet(school, ledger(), input.date, input.session), chain: { upTo: seen, head } });
    }),
    report: on(v.object({ from: date, to: date }), ({ from, to }) => ok(report(school, ledger(), from, to))),
    'late-pupils': on(v.object({ from: date, to: date, times }), (input) =>
      ok(latePupils(school, ledger(), input.from, input.to, input.times)),
    ),
    papers: on(v.object({}), () => ok(ports.papers())),
    evacuees: askEvacuees(() => school, ledger),
    /** By the same rules as the command, and nothing is recorded. */
    foresee: on(plan, (input) => {
      const said = staffDesk.foresee(input);
      return said.ok ? ok(foreseen(said.value)) : said;
    }),
    'preview-setting': on(
      v.object({
        change: v.object(settingChange),
        example: v.object({
          kind: v.picklist(['late', 'leave']),
          date,
          minute: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1439)),
          yearGroup: text,
          reason: text,
        }),
      }),
      ({ change, example }) => settingsDesk.preview(change, example),
    ),
    'setting-codes': on(v.object({ date }), async (input) => ok(codeChoices(await settingsDesk.codes(input.date)))),
  } satisfies Queries;
}

async function aboutPupil(
  { school, ledger, pupilRecords, photos, waitsForPrinter }: QueryPorts,
  { key, earlier }: { readonly key: string; readonly earlier: boolean },
  role: Role,
): Promise<Result<unknown>> {
  const known = earlier ? await pupilRecords.read(key) : { ledger: ledger(), person: samePerson(ledger(), key) };
  const look = { key, person: known.person, role, photos: await photos.kept(), waitsForPrinter, isWhole: earlier };
  const page = pupilPage(school, known.ledger, look);
  if (page === null) return { ok: false, error: { code: 'not_found', detail: 'nobody is known by this name' } };
  // Not what other boxes have recorded, nor days that have left the lists.
  const here = ledger().movements;
  const standing = page.movements.filter(({ movement, undone }) => !undone && here.has(movement));
  const answer: PupilAnswer = { ...page, correctable: standing.map(({ movement }) => movement), ...reasonsOf(school) };
  return ok(answer);
}

const ok = <T>(value: T): Result<T> => ({ ok: true, value });

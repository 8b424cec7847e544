/** Why this mark? Everything behind it on one page (product.md 6). */
import type { MarkPage } from '../../../contract/staff-views.ts';
import { journalNumber } from '../../../domain/badge.ts';
import { isTrusted } from '../../../domain/clock-trust.ts';
import type { Ledger, Movement } from '../../../domain/ledger.ts';
import { standingClaim, stateOf } from '../../../domain/mark.ts';
import type { Mark } from '../../../domain/mark.ts';
import type { DecidedBody, Instant } from '../../../domain/record.ts';
import { explain } from '../../../domain/rules.ts';
import { reasonLabel } from '../../../desk/school.ts';
import type { School } from '../../../desk/school.ts';
import { faceOf, shownTime, timeOf } from '../../../desk/when.ts';
import { localTime } from '../../../domain/school-day.ts';
import { markRow, standingCode } from './mark-words.ts';
import { staffOf } from './rows.ts';

type Fact = MarkPage['facts'][number];
const fact = (name: string, words: string): Fact => ({ name, words });

/** Null: there is no such mark. */
export function markPage(school: School, ledger: Ledger, key: string): MarkPage | null {
  const mark = ledger.mark(key);
  if (mark === undefined) return null;
  const row = markRow(school, mark);
  const decided = standingClaim(mark)?.decided ?? mark.claims.at(-1)?.decided;
  const movement = ledger.movements.get(decided?.movement ?? '');
  return {
    row,
    pupilKey: mark.pupil,
    facts: [
      ...(movement === undefined ? [] : touchFacts(school, movement)),
      ...(decided === undefined ? [] : ruleFacts(school, decided)),
      ...(mark.said === null ? [] : [fact('Decided by', row.history.findLast(isSaid)?.words ?? 'a person')]),
      fact('Before', beforeWords(mark)),
      fact('Now in the MIS', standingCode(school, mark) ?? 'not known, or no mark'),
      fact('State', stateOf(mark)),
    ],
  };
}

const isSaid = ({ words }: { readonly words: string }): boolean => / (chose|kept) /.test(words);

const kinds = { 'late-arrival': 'Sign in late', 'early-departure': 'Sign out early', return: 'Sign back in' } as const;

function touchFacts(school: School, movement: Movement): readonly Fact[] {
  const { settings } = school;
  const { kind, by, n, reason, touch } = movement.record;
  const at = timeOf(school, movement);
  const { date, msOfDay } = localTime(shownTime(at), settings.school.timeZone);
  const label = kind === 'return' ? null : reasonLabel(settings, kind === 'late-arrival' ? 'late' : 'leave', reason);
  const who = staffOf(by) ?? 'the pupil at the box';
  return [
    fact('Touch', `${kinds[kind]}, ${date} ${faceOf({ msOfDay })}, by ${who}${label === null ? '' : `: ${label}`}`),
    fact('Journal number', journalNumber(settings.box.id, n)),
    fact('Clock', clockWords(touch, at)),
    ...(movement.cancelled ? [fact('Undone', 'This movement was undone later.')] : []),
  ];
}

function clockWords(touch: Instant, at: Instant): string {
  if (!isTrusted(at)) return 'The time is not sure yet, so nothing is sent.';
  const widthMs = at.latest - at.earliest;
  if (!isTrusted(touch)) return `Not known at the touch, known later: to ${widthWords(widthMs)}.`;
  return `Known at the touch, to ${widthWords(widthMs)}.`;
}

const widthWords = (ms: number): string => (ms < 1000 ? 'a second' : `${String(Math.ceil(ms / 1000))} seconds`);

function ruleFacts(school: School, { rule, settings, comment, session, date }: DecidedBody): readonly Fact[] {
  return [
    fact('Register', `${date} ${session ?? ''}`.trim()),
    fact('Rule', explain(rule)),
    fact(
      'Settings',
      settings === school.settings.version ? `Version ${settings}, those in force` : `Version ${settings}, of then`,
    ),
    ...(comment === null ? [] : [fact('Comment', comment)]),
  ];
}

function beforeWords({ history, ours, writes }: Mark): string {
  const read = history.find(({ what }) => what === 'read');
  if (read === undefined && ours === null) return 'not read yet';
  return (ours?.before ?? writes[0]?.before ?? read?.code) || 'no mark';
}

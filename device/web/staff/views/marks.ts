/** Every mark accounted for: what needs a person first, each with what to do and what may be said (product.md 4 and 6). */
import type { Choice, DecisionRow, MarksView, Offer } from '../../../contract/staff-views.ts';
import { codesOf } from '../../../domain/codes.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import { bucketOf, standingClaim, stateOf, writeWish } from '../../../domain/mark.ts';
import type { Mark } from '../../../domain/mark.ts';
import { explain } from '../../../domain/rules.ts';
import type { School } from '../../../desk/school.ts';
import { today } from '../../../desk/when.ts';
import { frozenWords, markFace, markRow, misShown, writesBack } from './mark-words.ts';
import { rowsMax } from './rows.ts';
import type { StaffSituation } from './situation.ts';

export function marksView(school: School, ledger: Ledger, { mis }: StaffSituation): MarksView {
  const date = today(school);
  const all = { needsPerson: [] as Mark[], waiting: [] as Mark[], done: [] as Mark[] };
  for (const mark of ledger.marks.values()) {
    const bucket = bucketOf[stateOf(mark)];
    if (bucket === 'confirmed' || bucket === null) {
      if (mark.date === date) all.done.push(mark);
    } else all[bucket].push(mark);
  }
  const { needsPerson, waiting, done } = all;
  const urgentFirst = [...needsPerson.filter(isUrgent), ...needsPerson.filter((mark) => !isUrgent(mark))];
  const shown = [urgentFirst.slice(0, rowsMax), waiting.slice(0, rowsMax), done.slice(-rowsMax)] as const;
  return {
    date,
    sum: ledger.sum(),
    mis: misShown(school, ledger, mis),
    writesBack: writesBack(school.settings),
    frozen: ledger.frozen === null ? null : frozenWords[ledger.frozen.why],
    needsPerson: shown[0].map((mark) => decisionRow(school, mark)),
    waiting: shown[1].map((mark) => markRow(school, mark)),
    done: shown[2].map((mark) => markRow(school, mark)).reverse(),
    more: needsPerson.length + waiting.length + done.length - shown.reduce((sum, rows) => sum + rows.length, 0),
    codes: codeChoices(school, date),
  };
}

/** Those that a kiosk's reason could name: the others belong to the school's own registers. */
function codeChoices({ settings }: School, date: string): readonly Choice[] {
  return [...codesOf(settings.school.nation, date)]
    .filter(([, { kiosk }]) => kiosk !== 'never')
    .map(([id, { meaning }]) => ({ id, label: `${id}: ${meaning}` }));
}

/** Suspended, and in school all the same. */
const isUrgent = (mark: Mark): boolean => stateOf(mark) === 'conflict' && mark.settled?.seen === 'E';

function decisionRow(school: School, mark: Mark): DecisionRow {
  const row = markRow(school, mark);
  const seen = mark.settled?.seen ?? null;
  const mayChoose = row.state === 'proposed' || row.state === 'conflict';
  return {
    ...row,
    urgent: isUrgent(mark),
    todo: todo(mark, seen),
    offers: offers(mark, row.code, row.minutes, seen),
    anyCode: mayChoose ? { seen: row.state === 'conflict' ? seen : null } : null,
  };
}

function todo(mark: Mark, seen: string | null): string {
  const why = mark.settled?.why ?? null;
  switch (stateOf(mark)) {
    case 'proposed':
      return `${explain(standingClaim(mark)?.decided.rule ?? '')} Decide which mark the MIS gets.`;
    case 'conflict':
      if (isUrgent(mark)) return 'The MIS says suspended, and the pupil signed in. Find the pupil first, then decide.';
      return `${why ?? `The MIS shows ${seen ?? 'no mark'}, entered by somebody at the school.`} Keep theirs, or use ours.`;
    case 'rejected':
      return `${why ?? 'The MIS refused this mark.'} Try again, or enter it there by hand and tick it off.`;
    case 'expired':
      return `${why ?? 'The MIS did not take it on five school days.'} Enter it there by hand and tick it off, or try again.`;
    case 'clear-by-hand':
      return `Our ${mark.ours?.code ?? 'mark'} stands in the MIS and is no longer right: take it out there, then tick it off.`;
    case 'undecided':
    case 'waiting':
    case 'sending':
    case 'unknown':
    case 'accepted':
    case 'confirmed':
    case 'withdrawn':
      return '';
  }
}

function offers(mark: Mark, code: string | null, minutes: number | null, seen: string | null): readonly Offer[] {
  const ours = markFace({ code, minutes }) ?? '';
  const keep = (words: string): Offer => ({ words, verdict: { kind: 'keep-theirs' } });
  const withdraw: Offer = { words: 'Give ours up', verdict: { kind: 'withdraw' } };
  const retry: Offer = { words: 'Try again', verdict: { kind: 'retry' } };
  const write = (words: string, over: string | null): readonly Offer[] =>
    code === null ? [] : [{ words, verdict: { kind: 'write', code, minutes, seen: over } }];
  switch (stateOf(mark)) {
    case 'proposed':
      return [...write(`Write ${ours}`, null), keep('Write nothing')];
    case 'conflict':
      return [keep(`Keep ${seen ?? 'theirs'}`), ...write(`Use ours: ${ours}`, seen)];
    case 'rejected':
      return [retry, ...entered(mark), withdraw];
    case 'expired':
      return [...entered(mark), retry, withdraw];
    case 'clear-by-hand':
      return [
        { words: 'It is cleared', verdict: { kind: 'cleared' } },
        { words: 'Leave it there', verdict: { kind: 'withdraw' } },
      ];
    case 'undecided':
    case 'waiting':
    case 'sending':
    case 'unknown':
    case 'accepted':
    case 'confirmed':
    case 'withdrawn':
      return [];
  }
}

/** Copied into the MIS by a person. */
export function entered(mark: Mark): readonly Offer[] {
  const wish = writeWish(mark);
  if (wish === null) return [];
  const { code, minutes } = wish;
  return [{ words: `I entered ${markFace({ code, minutes }) ?? code}`, verdict: { kind: 'entered', code, minutes } }];
}

/** The view **Marks**: what needs a person first, each with its history in plain words. */
import type { MarkRow, MarksView } from '../../../contract/staff.ts';
import { bucketOf, stateOf, wishOf } from '../../../domain/mark.ts';
import type { HistoryRow, Mark } from '../../../domain/mark.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import { explain, rules } from '../../../domain/rules.ts';
import type { School } from '../../../desk/school.ts';
import { today } from '../../../desk/when.ts';
import { datedFace, nameOf } from './common.ts';

/** Rows shown at once; the sum counts all. */
const marksMax = 500;

export function marksView(school: School, ledger: Ledger): MarksView {
  const marks = marksShown(ledger, today(school)).map((mark) => markRow(school, mark));
  return {
    proposals: marks.filter((row) => row.state === 'proposed'),
    conflicts: marks.filter((row) => row.state === 'conflict'),
    marks,
  };
}

/** What needs a person, oldest first; then what is on its way or of today, as much as there is room for, newest last. */
function marksShown(ledger: Ledger, date: string): readonly Mark[] {
  const needPerson: Mark[] = [];
  const others: Mark[] = [];
  for (const mark of ledger.marks.values()) {
    if (bucketOf[stateOf(mark)] === 'needsPerson') needPerson.push(mark);
    else if (mark.date === date || ledger.unsettled.has(mark.key)) others.push(mark);
  }
  const first = needPerson.slice(0, marksMax);
  return [...first, ...others.slice(Math.max(0, others.length + first.length - marksMax))];
}

function markRow(school: School, mark: Mark): MarkRow {
  const wish = wishOf(mark);
  return {
    key: mark.key,
    ...nameOf(school, mark.pupil),
    date: mark.date,
    session: mark.session,
    state: stateOf(mark),
    code: wish.kind === 'none' ? null : wish.code,
    minutes: wish.kind === 'none' ? null : wish.minutes,
    why: mark.settled?.why ?? null,
    inMis: mark.settled?.seen ?? mark.ours?.code ?? null,
    history: mark.history.map((row) => ({ at: datedFace(school, row.at), words: historyWords(row) })),
  };
}

function historyWords({ what, code }: HistoryRow): string {
  const shown = code ?? 'no mark';
  switch (what) {
    case 'read':
      return `read ${shown}`;
    case 'wrote':
      return `wrote ${shown}`;
    case 'queued':
      return 'MIS accepted';
    case 'seen':
      return `read back ${shown}`;
    case 'lost':
      return 'no clear answer from the MIS';
    case 'held-back':
      return 'not sent';
    case 'put-off':
      return 'the MIS does not take it now';
    case 'not-there':
      return `not in the MIS, ${shown} stands`;
    case 'theirs':
      return `already ${shown} in the MIS`;
    case 'kept':
      return `${shown} stands and is kept`;
    case 'foreign':
      return `${shown} stands: a person decides`;
    case 'changed':
      return `changed by school to ${shown}`;
    case 'refused':
      return 'the MIS refused it';
    case 'expired':
      return 'given up after five school days';
    case 'undone':
      return 'the movement was undone';
    case 'person: write':
      return `a person chose ${shown}`;
    case 'person: keep-theirs':
      return 'a person kept what stands';
    case 'person: retry':
      return 'a person had it tried again';
    case 'adopted':
      return 'a person said that the pupil is enrolled under another key';
    case 'person: withdraw':
      return 'a person withdrew it';
    case 'person: cleared':
      return 'a person cleared it in the MIS';
    default: {
      const words = rules.includes(what) ? explain(what) : what;
      return code === null ? words : `${code}: ${words}`;
    }
  }
}

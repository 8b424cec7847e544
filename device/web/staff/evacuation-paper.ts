/** The evacuation list on badge paper: whom a register on paper has wrong, by registration group (product.md 6). */
import type { EvacueeRow, Where } from '../../contract/staff-evacuation.ts';
import type { Ledger } from '../../domain/ledger.ts';
import { listPages } from '../../domain/list-page.ts';
import type { ListPage, ListRow } from '../../domain/list-page.ts';
import { rollOf } from '../../desk/roll.ts';
import type { School } from '../../desk/school.ts';
import { clockFace } from '../../desk/when.ts';
import { ageOf, evacueesOf } from './views/evacuation.ts';

export function evacuationPaper(school: School, ledger: Ledger): readonly ListPage[] {
  const roll = rollOf(school, ledger);
  const rows = evacueesOf(school, ledger, roll);
  const time = clockFace(school.clock.now(), school.settings.school.timeZone);
  const { words, detail } = ageOf(school, roll);
  const head: readonly ListRow[] = [
    { kind: 'title', text: 'Evacuation' },
    { kind: 'words', text: `${school.settings.school.name}, ${roll.date} ${time}` },
    { kind: 'group', text: words },
    { kind: 'words', text: detail },
    { kind: 'words', text: 'Pupils only: no staff, no visitors. Who is not on this list was marked present.' },
  ];
  return listPages([...head, ...byGroup(rows)], {
    band: ledger.drill === null ? null : 'DRILL',
    foot: `${roll.date} ${time}`,
    left: (pupils) => `${String(pupils)} more: see the staff page, or the file for phones.`,
  });
}

function byGroup(rows: readonly EvacueeRow[]): readonly ListRow[] {
  const groups = new Map<string, EvacueeRow[]>();
  for (const row of rows) {
    const name = row.registrationGroup ?? 'Without a name';
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  const lines = [...groups].flatMap(([group, of]) => groupLines(group, of));
  return lines.length > 0 ? lines : [{ kind: 'group', text: 'Everybody was marked present' }];
}

/** A register that nobody has taken is one line, not thirty names: the register on paper is as good. */
function groupLines(group: string, rows: readonly EvacueeRow[]): readonly ListRow[] {
  const exceptions = rows.filter(({ where }) => where !== 'in-school');
  if (exceptions.length === 0) return [];
  const blank = rows.filter(({ where, words }) => where === 'not-known' && blanks.has(words));
  const isUntaken = blank.length >= untakenFrom && rows.every((row) => row.where !== 'in-school');
  const named = isUntaken ? exceptions.filter((row) => !blank.includes(row)) : exceptions;
  return [
    { kind: 'group', text: group },
    ...(isUntaken ? [{ kind: 'words' as const, text: `No marks: ${String(blank.length)} pupils not known` }] : []),
    ...named.map(({ pupil, where, words }): ListRow => ({ kind: 'pupil', text: pupil, end: words || said[where] })),
  ];
}
const blanks: ReadonlySet<string> = new Set(['No mark', 'Mark not read']);
const untakenFrom = 5;

const said: Readonly<Record<Where, string>> = {
  'in-school': 'In school',
  late: 'Came late',
  back: 'Came back',
  out: 'Out',
  'not-known': 'Not known',
};

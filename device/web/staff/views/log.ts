/** The log: who did what, in plain words, from the records (product.md 6). */
import type { LogPage, LogRow, LogView } from '../../../contract/staff-views.ts';
import { journalNumber } from '../../../domain/badge.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import type { Recorded } from '../../../domain/record.ts';
import { actorOf, kindOf, logKinds } from '../../../desk/log.ts';
import type { LogKind, LogPage as Page } from '../../../desk/log.ts';
import type { School } from '../../../desk/school.ts';
import { shownTime, timeOfTouch, today } from '../../../desk/when.ts';
import { recordWords } from './record-words.ts';
import { dated, nameOf } from './rows.ts';
import type { StaffSituation } from './situation.ts';

const kindWords: Readonly<Record<LogKind, string>> = {
  pupils: 'Pupils and badges',
  marks: 'Marks',
  roster: 'Roster',
  settings: 'Settings',
  people: 'People and sign-ins',
  privacy: 'Keeping and erasing',
  box: 'The box',
};

export function logView(school: School, ledger: Ledger, { people }: StaffSituation): LogView {
  return {
    last: ledger.last,
    names: people.people.map(({ name }) => name),
    kinds: logKinds.map((id) => ({ id, label: kindWords[id] })),
    date: today(school),
  };
}

export const logShown = (school: School, { records, before }: Page): LogPage => ({
  rows: records.map((record) => logRow(school, record, 'named')),
  before,
});

export function logRow(school: School, record: Recorded, pupils: 'named' | 'left-out'): LogRow {
  const who = (key: string): string => (pupils === 'named' ? nameOf(school, key).pupil : 'a pupil');
  const by = actorOf(record);
  return {
    n: record.n,
    number: journalNumber(school.settings.box.id, record.n),
    at:
      record.at.latest === null
        ? 'time not sure'
        : dated(shownTime(timeOfTouch(school, record.at)), school.settings.school.timeZone),
    by: by === null ? 'Porter' : by === 'pupil' ? 'the pupil' : by,
    kind: kindWords[kindOf(record)],
    words: recordWords({ school, who, free: pupils === 'named' }, record),
    receipt: record.type === 'erase' ? record.ref : null,
  };
}

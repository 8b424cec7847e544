/** Every view by its name: pure functions of what the box knows and of the role that looks. */
import type { Role, StaffSnapshot, StaffViews, ViewName } from '../../../contract/staff.ts';
import { out } from '../../../domain/elsewhere.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import { bucketOf, stateOf } from '../../../domain/mark.ts';
import type { Mark } from '../../../domain/mark.ts';
import type { School } from '../../../desk/school.ts';
import { today } from '../../../desk/when.ts';
import { approvalRow, approvalsView } from './approvals.ts';
import { closeView } from './close.ts';
import { boxView } from './box.ts';
import { evacuationView } from './evacuation.ts';
import { logView } from './log.ts';
import { markRow } from './mark-words.ts';
import { marksView } from './marks.ts';
import { nowView } from './now.ts';
import { pupilsView } from './pupils.ts';
import { reportsView } from './reports.ts';
import { inRow, movementsOn, outRow, rowsMax, undecidedRows } from './rows.ts';
import { settingsView } from './settings.ts';
import type { StaffSituation } from './situation.ts';
import { topOf } from './top.ts';

type Present<View> = (school: School, ledger: Ledger, situation: StaffSituation, role: Role) => View;

export const presenters: { readonly [N in ViewName]: Present<StaffViews[N]> } = {
  now: nowView,
  marks: marksView,
  approvals: approvalsView,
  evacuation: evacuationView,
  pupils: pupilsView,
  reports: reportsView,
  box: boxView,
  people: (_school, _ledger, { people }) => people,
  log: logView,
  settings: settingsView,
  close: closeView,
};

/** Marks in one snapshot; the sum counts all. */
const marksMax = 500;

/** What the control socket's `state` tells. */
export function staffSnapshot(school: School, ledger: Ledger, situation: StaffSituation): StaffSnapshot {
  const { counts: _, ...top } = topOf(school, ledger, situation, 'administrator');
  const date = today(school);
  const todays = movementsOn(school, ledger, date, school.clock.now());
  const marks = marksShown(ledger, date).map((mark) => markRow(school, mark));
  return {
    ...top,
    approvals: ledger.waitingRequests().map((request) => approvalRow(school, request)),
    proposals: marks.filter((row) => row.state === 'proposed'),
    conflicts: marks.filter((row) => row.state === 'conflict'),
    out: out(ledger)
      .slice(-rowsMax)
      .flatMap((departure) => outRow(school, ledger, situation, departure)),
    undecided: undecidedRows(school, ledger),
    late: todays.filter(({ record }) => record.kind === 'late-arrival').map((one) => inRow(school, ledger, one)),
    back: todays.filter(({ record }) => record.kind === 'return').map((one) => inRow(school, ledger, one)),
    marks,
    storage: situation.storage,
  };
}

/** What needs a person, oldest first; then what is on its way; then the newest of today that there is room for. */
function marksShown(ledger: Ledger, date: string): readonly Mark[] {
  const needPerson: Mark[] = [];
  const onTheirWay: Mark[] = [];
  const settled: Mark[] = [];
  for (const mark of ledger.marks.values()) {
    if (bucketOf[stateOf(mark)] === 'needsPerson') needPerson.push(mark);
    else if (ledger.unsettled.has(mark.key)) onTheirWay.push(mark);
    else if (mark.date === date) settled.push(mark);
  }
  const first = [...needPerson, ...onTheirWay].slice(0, marksMax);
  return [...first, ...settled.slice(Math.max(0, settled.length + first.length - marksMax))];
}

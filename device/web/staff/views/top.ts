/** Above every view: the sum, lights, MIS, roster, what needs a person. */
import type { Role, StaffTop, ViewName } from '../../../contract/staff.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import { bucketOf, stateOf } from '../../../domain/mark.ts';
import type { School } from '../../../desk/school.ts';
import { daysToClose } from '../../../desk/closing.ts';
import { clockFace, today } from '../../../desk/when.ts';
import { mayWatch, seesPupils } from '../roles.ts';
import { misShown } from './mark-words.ts';
import { notesShown } from './notes.ts';
import { nowCounts } from './now.ts';
import { ageWords, makesNoMark, movementsOn } from './rows.ts';
import type { StaffSituation } from './situation.ts';

export function topOf(school: School, ledger: Ledger, situation: StaffSituation, role: Role): StaffTop {
  const { settings, clock } = school;
  const zone = settings.school.timeZone;
  const now = clock.now();
  const date = today(school);
  const todays = movementsOn(school, ledger, date, now);
  return {
    runId: situation.runId,
    revision: situation.revision,
    school: settings.school.name,
    box: settings.box.name,
    demo: situation.demo,
    now: `${date} ${clockFace(now, zone)}`,
    clockTrusted: clock.trusted(),
    drill: ledger.drill !== null,
    sum: ledger.sum(),
    movementsWithoutMark: todays.filter(makesNoMark).length,
    lights: situation.lights,
    mis: misShown(school, ledger, situation.mis),
    roster: {
      pupils: school.roster.pupils.length,
      age: situation.roster.takenAt === null ? null : ageWords(now - situation.roster.takenAt),
      held: situation.roster.held,
    },
    today: mayWatch.now.includes(role) ? nowCounts(school, ledger, situation, todays) : null,
    counts: countsFor(school, ledger, situation, role),
    faults: situation.faults,
    ...(seesPupils(role) ? notesShown(school, ledger) : { notes: [], moreNotes: 0 }),
  };
}

function countsFor(school: School, ledger: Ledger, { faults, roster }: StaffSituation, role: Role): StaffTop['counts'] {
  const needPerson = [...ledger.marks.values()].filter((mark) => bucketOf[stateOf(mark)] === 'needsPerson').length;
  const shown = (view: ViewName, count: number): number => (mayWatch[view].includes(role) ? count : 0);
  return {
    now: shown('now', seesPupils(role) ? ledger.notes.size : 0),
    marks: shown('marks', needPerson),
    approvals: shown('approvals', ledger.waiting.size),
    evacuation: 0,
    pupils: shown('pupils', roster.held === null ? 0 : 1),
    reports: 0,
    box: shown('box', faults.length),
    people: 0,
    log: 0,
    settings: 0,
    close: shown('close', daysToClose(school, ledger).length),
  };
}

/** Pupils who wait at the kiosk until a member of staff lets them go (product.md 3). */
import type { BackAnswer, WithWhom } from '../../../contract/kiosk.ts';
import type { ApprovalRow } from '../../../contract/staff-rows.ts';
import type { ApprovalsView, WaitingRow } from '../../../contract/staff-views.ts';
import type { Role } from '../../../contract/staff.ts';
import type { Ledger, Request } from '../../../domain/ledger.ts';
import { photoUrl } from '../../../desk/photos.ts';
import { reasonLabel } from '../../../desk/school.ts';
import type { School } from '../../../desk/school.ts';
import { shownTime, timeOfTouch } from '../../../desk/when.ts';
import { desk } from '../role-groups.ts';
import { datedFace, nameOf, shortAge } from './rows.ts';
import type { StaffSituation } from './situation.ts';

export function approvalsView(school: School, ledger: Ledger, { parts }: StaffSituation, role: Role): ApprovalsView {
  const printer = parts.find(({ part }) => part === 'printer');
  const seen = desk.includes(role) ? {} : { photoUrl: null };
  return {
    waiting: ledger.waitingRequests().map((request) => ({ ...waitingRow(school, request), ...seen })),
    canPrint: printer?.ok ?? false,
    printer: printer?.words ?? '',
  };
}

export function approvalRow(school: School, { record }: Request): ApprovalRow {
  const { visit, pupil, reason, leave, touch } = record;
  return {
    visit,
    ...nameOf(school, pupil),
    reason: reasonLabel(school.settings, 'leave', reason) ?? '',
    back: leave.back,
    withWhom: leave.withWhom,
    since: datedFace(school, timeOfTouch(school, touch)),
    photoUrl: leave.photo === 'taken' ? photoUrl(visit) : null,
  };
}

function waitingRow(school: School, request: Request): WaitingRow {
  const { leave, touch } = request.record;
  const since = shownTime(timeOfTouch(school, touch));
  return {
    ...approvalRow(school, request),
    waits: shortAge(school.clock.now() - since),
    backWords: leave.minutes === null ? backWords(leave.back) : `In ${String(leave.minutes)} minutes`,
    withWords: leave.withWhom === null ? '' : withWords[leave.withWhom],
  };
}

const backAnswers: Readonly<Record<BackAnswer, string>> = {
  'before-lunch': 'Before lunch',
  'after-lunch': 'After lunch',
  'not-today': 'Not today',
  unknown: 'Does not know when',
};
export const backWords = (back: BackAnswer | null): string => (back === null ? '' : backAnswers[back]);

export const withWords: Readonly<Record<WithWhom, string>> = {
  'grown-up': 'A grown-up',
  alone: 'Alone',
  staff: 'A member of staff',
};

/** The view **Approvals**: who waits for a member of staff, longest first. */
import type { ApprovalsView } from '../../../contract/staff.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import { photoUrl } from '../../../desk/photos.ts';
import { reasonLabel } from '../../../desk/school.ts';
import type { School } from '../../../desk/school.ts';
import { timeOfTouch } from '../../../desk/when.ts';
import { datedFace, nameOf } from './common.ts';

export function approvalsView(school: School, ledger: Ledger): ApprovalsView {
  const approvals = ledger.waitingRequests().map(({ record: { visit, pupil, reason, leave, touch } }) => ({
    visit,
    ...nameOf(school, pupil),
    reason: reasonLabel(school.settings, 'leave', reason) ?? '',
    back: leave.back,
    withWhom: leave.withWhom,
    since: datedFace(school, timeOfTouch(school, touch)),
    photoUrl: leave.photo === 'taken' ? photoUrl(visit) : null,
  }));
  return { approvals };
}

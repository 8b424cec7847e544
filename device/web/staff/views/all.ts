/** Every view by its name: pure functions of what the box knows and of the role that looks. */
import type { Role, StaffSnapshot, StaffViews, ViewName } from '../../../contract/staff.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import type { School } from '../../../desk/school.ts';
import { approvalsView } from './approvals.ts';
import { boxView } from './box.ts';
import { marksView } from './marks.ts';
import { nowView } from './now.ts';
import { topOf } from './top.ts';
import type { StaffSituation } from './top.ts';

type Present<View> = (school: School, ledger: Ledger, situation: StaffSituation, role: Role) => View;

export const presenters: { readonly [N in ViewName]: Present<StaffViews[N]> } = {
  now: nowView,
  marks: marksView,
  approvals: approvalsView,
  box: (_school, _ledger, situation) => boxView(situation),
  people: (_school, _ledger, { people }) => ({ people }),
};

/** What the control socket's `state` tells. */
export function staffSnapshot(school: School, ledger: Ledger, situation: StaffSituation): StaffSnapshot {
  const { counts: _, ...top } = topOf(school, ledger, situation, 'administrator');
  return {
    ...top,
    ...nowView(school, ledger),
    ...marksView(school, ledger),
    ...approvalsView(school, ledger),
    ...boxView(situation),
  };
}

/** A hold on a movement, as far as the role sees it (product.md 10). */
import type { Role } from '../../../contract/staff.ts';
import type { HoldView } from '../../../contract/staff-views.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import type { Ref } from '../../../domain/record.ts';
import type { School } from '../../../desk/school.ts';
import { today } from '../../../desk/when.ts';
import { holders } from '../role-groups.ts';

/** Null: none, or it is over. */
export function holdShown(school: School, { holds }: Ledger, movement: Ref, role: Role): HoldView | null {
  const hold = holds.get(movement);
  if (hold === undefined || hold.until === null || hold.until < today(school)) return null;
  const seesWhy = role === 'auditor' || holders.includes(role);
  return { until: hold.until, by: hold.by, why: seesWhy ? hold.why : null };
}

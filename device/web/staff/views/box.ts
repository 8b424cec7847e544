/** The view **Box**: how the parts and the card are. */
import type { BoxView } from '../../../contract/staff.ts';
import type { StaffSituation } from './top.ts';

export function boxView({ storage }: StaffSituation): BoxView {
  return { storage };
}

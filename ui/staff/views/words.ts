/** Small words that several views say. */
import type { MarkRow, OutRow } from '../../../device/contract/staff.ts';

export { badgeWords } from '../../../device/contract/staff-rows.ts';

export const spaced = (badge: string): string => `${badge.slice(0, 4)} ${badge.slice(4)}`;

const whom = { 'grown-up': 'a grown-up', alone: 'alone', staff: 'a member of staff' } as const;
export function withWords({ adult, withWhom }: Pick<OutRow, 'adult' | 'withWhom'>): string {
  if (adult !== null) return adult;
  return withWhom === null ? 'not asked' : whom[withWhom];
}

export const outcomeWords: Readonly<Partial<Record<string, string>>> = {
  'on-time': 'On time, no mark',
  'no-register': 'No register, no mark',
  'to-be-confirmed': 'Time to be confirmed',
  back: 'No mark',
};

/** `L 22` */
export const face = ({ code, minutes }: Pick<MarkRow, 'code' | 'minutes'>): string =>
  code === null ? '' : minutes === null ? code : `${code} ${String(minutes)}`;

export const size = (bytes: number): string =>
  bytes < 1e6
    ? `${String(Math.round(bytes / 1000))} kB`
    : bytes < 1e10
      ? `${String(Math.round(bytes / 1e6))} MB`
      : `${String(Math.round(bytes / 1e9))} GB`;

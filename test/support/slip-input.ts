/** What stands on the badge of look.md. */
import type { BadgeWords, SlipInput } from '../../device/domain/badge.ts';

export const english: BadgeWords = {
  out: 'Out',
  back: 'Back',
  beforeLunch: 'Before lunch',
  afterLunch: 'After lunch',
  notToday: 'Not today',
  bring: 'Bring this back to sign back in.',
  timeToBeConfirmed: 'Time to be confirmed',
  reprint: 'REPRINT',
  number: 'no.',
  weekdays: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  months: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
};

/** The badge of look.md. */
export function slipInput(change: Partial<SlipInput> = {}): SlipInput {
  return {
    pupil: { forename: 'Amara', surname: 'Okafor', registrationGroup: '9A' },
    date: '2026-11-23',
    out: '10:42',
    back: { at: '13:30' },
    badgeId: '18391270',
    token: '0123456789abcdef',
    box: 1,
    n: 4217,
    attempt: 1,
    school: 'Hill View School',
    show: { photo: false, schoolName: false, registrationGroup: false },
    words: english,
    ...change,
  };
}

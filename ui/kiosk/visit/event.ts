/** What can happen during a visit. */
import type { BackAnswer, WithWhom } from '../../../device/contract/kiosk.ts';
import type { Reply } from '../device.ts';

/** A person touched something, or pressed the key that does the same. */
export type Tap =
  | { readonly type: 'late' | 'early' | 'return' | 'staff' } // Home's tiles and button
  | { readonly type: 'language' | 'aa' | 'read-aloud' }
  | { readonly type: 'back' | 'start-again' | 'done' | 'more' | 'more-time' }
  | { readonly type: 'year'; readonly yearGroup: string }
  | { readonly type: 'month'; readonly month: number }
  | { readonly type: 'name'; readonly pupil: string }
  | { readonly type: 'not-sure' | 'not-on-list' | 'not-me' }
  | { readonly type: 'for-registration'; readonly yes: boolean }
  | { readonly type: 'reason'; readonly reason: string }
  | { readonly type: 'undo' | 'someone-else' }
  | { readonly type: 'coming-back'; readonly back: BackAnswer }
  | { readonly type: 'with-whom'; readonly withWhom: WithWhom }
  | { readonly type: 'no-photo' }
  | { readonly type: 'digit'; readonly digit: string }
  | { readonly type: 'rub-out' }
  | { readonly type: 'scanned'; readonly text: string } // a scanner that types, and then Enter
  | { readonly type: 'no-badge' }
  | { readonly type: 'earlier-today'; readonly yes: boolean }
  | { readonly type: 'sign-back-in' } // from the screens that say "already out" and "You signed out earlier"
  | { readonly type: 'let-go' | 'refuse'; readonly visit: string }
  | { readonly type: 'self-test' | 'clean' | 'switch-off' | 'switch-off-yes' };

export type VisitEvent =
  | Tap
  /** The time that `waitOf` asked for is over. */
  | { readonly type: 'waited' }
  /** The device was away for so long that nobody can still be standing there. */
  | { readonly type: 'forgotten' }
  | { readonly type: 'reply'; readonly number: number; readonly reply: Reply }
  | { readonly type: 'badge-seen'; readonly visit: string; readonly code: string }
  | { readonly type: 'print-failed'; readonly visit: string };

/** Days whose finished movements have left the ledger: what was of them is in the journal and in the MIS (`domain/prune.ts`). */
import type { Ledger } from '../domain/ledger.ts';
import type { IsoDate } from '../domain/settings.ts';
import { Refused } from './desk.ts';

/** Behind "no such movement". Empty while nothing has gone. */
export function closedWords({ pruned }: Ledger): string {
  return pruned.before === '' ? '' : `: days before ${pruned.before} are closed here, put it right in the MIS`;
}

/** @throws Refused for such a day: what the box knew of it would be decided over */
export function notClosed({ pruned }: Ledger, date: IsoDate): void {
  if (date < pruned.before) {
    throw new Refused('wrong_state', `days before ${pruned.before} are closed here: put it right in the MIS`);
  }
}

/** What recording or correcting would come to, in words, before it is confirmed. */
import type { ForeseeAnswer } from '../../../contract/staff-views.ts';
import type { DecidedBody } from '../../../domain/record.ts';
import { explain } from '../../../domain/rules.ts';
import { markFace } from './mark-words.ts';

export function foreseen(decided: readonly DecidedBody[]): ForeseeAnswer {
  if (decided.length === 0) return [{ words: 'The time is not sure: it is decided when it is.', rule: '' }];
  return decided.map((one) => ({ words: words(one), rule: explain(one.rule) }));
}

function words({ date, session, want }: DecidedBody): string {
  const register = session === null ? date : `${date} ${session}`;
  if (want.kind === 'none') return `${register}: no mark`;
  const face = markFace(want);
  if (want.kind === 'proposal') return `${register}: ${face === null ? 'a person decides' : `${face} is proposed`}`;
  return `${register}: ${face ?? ''}`;
}

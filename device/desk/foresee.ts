/** What recording or correcting would come to, before anybody confirms it: by the same rules, and nothing is recorded. */
import type { Result } from '../contract/result.ts';
import type { DecidedBody } from '../domain/record.ts';
import { correct } from './corrections.ts';
import type { Correction } from './corrections.ts';
import { Refused } from './desk.ts';
import type { Desk } from './desk.ts';
import { recordFor } from './on-behalf.ts';
import type { OnBehalf } from './on-behalf.ts';
import type { School } from './school.ts';

export type Plan =
  | ({ readonly plan: 'record' } & Omit<OnBehalf, 'by'>)
  | ({ readonly plan: 'correct' } & Pick<Correction, 'movement' | 'correction'>);

/** One a register that something follows for; none where the time is not sure. */
export type Foreseen = readonly DecidedBody[];

/** The refusal is the one that the command would get. */
export function foresee(school: School, desk: Desk, plan: Plan): Result<Foreseen> {
  const nobody = { by: 'nobody', why: null };
  const now = { id: 'foreseen', hash: '', ageMs: 0 };
  try {
    const bodies =
      plan.plan === 'record'
        ? recordFor(school, desk, desk.durable, { ...plan, ...nobody }, now)
        : correct(school, desk, desk.durable, { ...plan, ...nobody });
    return { ok: true, value: bodies.filter((body) => body.type === 'decided') };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, error: error.refusal };
    throw error;
  }
}

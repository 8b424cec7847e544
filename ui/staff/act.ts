/** Commands with words for what went wrong, and rights. */
import type { Result } from '../../device/contract/result.ts';
import type { StaffAnswers } from '../../device/contract/staff-views.ts';
import type { ViewName } from '../../device/contract/staff.ts';
import { withPassword } from './access/with-password.ts';
import { me, sentence } from './access/session.ts';
import { command, query } from './box.ts';
import { say } from './parts/toast.tsx';

/** May whoever is signed in give this command, or ask this? The box asks again. */
export const may = (name: string): boolean => me.value?.may.includes(name) ?? false;

/** Is this view one of theirs? */
export const sees = (view: ViewName): boolean => me.value?.sees.includes(view) ?? false;

interface Done {
  /** What to say once it is done. */
  readonly done: string;
  /** With what the box answered. */
  readonly undo?: (answer: unknown) => void;
}

/** Null: done, and said where `after` says what. Else the sentence that says why not. What is dangerous asks for the password once more. */
export async function act(name: string, input: object, after?: Done): Promise<string | null> {
  const result = await withPassword(() => command(name, input));
  if (!result.ok) return refusalWords(result.error);
  if (after === undefined) return null;
  const { done, undo } = after;
  say(done, undo === undefined ? null : () => undo(result.value));
  return null;
}

/** Where there is no place beside the button: what went wrong is said as what was done is. */
export async function actAndSay(name: string, input: object, done: Done): Promise<boolean> {
  const wrong = await act(name, input, done);
  if (wrong !== null) say(wrong);
  return wrong === null;
}

export async function ask<Name extends keyof StaffAnswers>(
  name: Name,
  input: object,
  waitMs?: number,
): Promise<{ readonly value: StaffAnswers[Name] } | { readonly wrong: string }> {
  const result = await query(name, input, waitMs);
  // The box and this page are of one build.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
  return result.ok ? { value: result.value as StaffAnswers[Name] } : { wrong: refusalWords(result.error) };
}

type Refused = Extract<Result<unknown>, { ok: false }>['error'];

export function refusalWords({ code, detail }: Refused): string {
  switch (code) {
    case 'busy':
      return detail === undefined ? 'The box does not answer. Try again.' : sentence(detail);
    case 'too_late':
      return 'This took too long and was not done. Try again.';
    case 'storage_failed':
      return detail === undefined ? 'The box cannot keep records now: nothing was done.' : sentence(detail);
    case 'password_again':
      return 'Nothing was done: it takes your password.';
    default:
      return detail === undefined ? (plain[code] ?? 'This cannot be done.') : sentence(detail);
  }
}
const plain: Readonly<Partial<Record<string, string>>> = {
  forbidden: 'Your role does not allow this.',
  not_found: 'It is not there any more.',
  wrong_state: 'It has changed meanwhile. Look again.',
};

/** A command about accounts, as its form gives it. */
import { command } from '../box.ts';
import { withPassword } from './with-password.ts';
import { sentence } from './session.ts';

/** Null: done; else what to say. */
export async function act(name: string, input: object): Promise<string | null> {
  const result = await withPassword(() => command(name, input));
  if (result.ok) return null;
  const { code, detail } = result.error;
  if (code === 'password_again') return 'Nothing was changed.';
  if (code === 'storage_failed') return 'The box cannot keep this now. Nothing was changed.';
  return sentence(detail ?? 'This cannot be done now. Try again');
}

import { signal } from '@preact/signals';
import type { Result } from '../../../device/contract/result.ts';

/** Who waits for the password (`again.tsx` asks for it); true: it was right. */
export const asking = signal<((right: boolean) => void) | null>(null);

/** Runs a command; where the box wants the password once more, asks for it and runs the command again. */
export async function withPassword(run: () => Promise<Result<unknown>>): Promise<Result<unknown>> {
  const result = await run();
  if (result.ok || result.error.code !== 'password_again') return result;
  asking.value?.(false);
  let mine = asking.value;
  const right = await new Promise<boolean>((resolve) => {
    mine = asking.value = resolve;
  });
  // Another command may ask by now.
  if (asking.value === mine) asking.value = null;
  return right ? run() : result;
}

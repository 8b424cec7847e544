import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Result } from '../../../device/contract/result.ts';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { again } from './session.ts';

/** Who waits for the password; true: it was right. */
const asking = signal<((right: boolean) => void) | null>(null);

/** Runs a command; where the box wants the password once more, asks for it and runs the command again. */
export async function withPassword(run: () => Promise<Result<unknown>>): Promise<Result<unknown>> {
  const result = await run();
  if (result.ok || result.error.code !== 'password_again') return result;
  asking.value?.(false);
  const right = await new Promise<boolean>((resolve) => {
    asking.value = resolve;
  });
  asking.value = null;
  return right ? run() : result;
}

/** Stands once on the page, and shows itself when it is wanted. */
export function PasswordAgain(): JSX.Element | null {
  const answer = asking.value;
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (answer !== null) box.current?.showModal();
  }, [answer]);
  if (answer === null) return null;
  return (
    <dialog
      ref={box}
      aria-labelledby="again-title"
      onCancel={() => {
        answer(false);
      }}
    >
      <h2 id="again-title">Your password, once more</h2>
      <p>What you are about to do cannot be done by somebody who walks up to this screen.</p>
      <Form
        button="Go on"
        onSend={async ({ 'password-again': password = '' }) => {
          const wrong = await again(password);
          if (wrong === null) answer(true);
          return wrong;
        }}
      >
        <Field name="password-again" label="Password" type="password" complete="current-password" focus />
        <button
          type="button"
          onClick={() => {
            answer(false);
          }}
        >
          Cancel
        </button>
      </Form>
    </dialog>
  );
}

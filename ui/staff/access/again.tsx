import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { again } from './session.ts';
import { asking } from './with-password.ts';

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

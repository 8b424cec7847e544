import type { JSX } from 'preact';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { again } from './session.ts';
import { asking } from './with-password.ts';

/** Stands once on the page, and shows itself when it is wanted. */
export function PasswordAgain(): JSX.Element | null {
  const answer = asking.value;
  if (answer === null) return null;
  return (
    <Dialog
      title="Your password, once more"
      onClose={() => {
        answer(false);
      }}
    >
      <p>What you are about to do cannot be done by somebody who walks up to this screen.</p>
      <Form
        main
        button="Go on"
        onSend={async ({ 'password-again': password = '' }) => {
          const wrong = await again(password);
          if (wrong === null) answer(true);
          return wrong;
        }}
      >
        <Field name="password-again" label="Password" type="password" complete="current-password" focus />
      </Form>
    </Dialog>
  );
}

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { signIn, why } from './session.ts';

/** Name and password; the code of an app once the box asks for it. */
export function SignInPage({ trouble }: { readonly trouble: string | null }): JSX.Element {
  const wantsCode = useSignal(false);
  return (
    <main class="door">
      <h1>Porter</h1>
      {trouble !== null && <p class="wrong">{trouble}</p>}
      <p role="status">{why}</p>
      <Form
        main
        button="Sign in"
        onSend={async ({ name = '', password = '', code }) => {
          const wrong = await signIn({ name, password, ...(code === undefined ? {} : { code }) });
          if (wrong !== 'code_wanted') return wrong;
          wantsCode.value = true;
          return null;
        }}
      >
        <Field name="name" label="Your name" complete="username" focus />
        <Field name="password" label="Password" type="password" complete="current-password" />
        {wantsCode.value && (
          <Field
            name="code"
            label="Code"
            hint="The six digits that your app shows now."
            complete="one-time-code"
            numeric
            focus
          />
        )}
      </Form>
      <p class="hint">No password, or lost it? An administrator can give you a new one under People.</p>
    </main>
  );
}

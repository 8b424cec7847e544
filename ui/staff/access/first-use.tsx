import type { JSX } from 'preact';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { firstUse, hasAccount } from './session.ts';

/** The first administrator, or a new one after a reset from the card. */
export function FirstUsePage(): JSX.Element {
  return (
    <main class="door">
      <h1>Set up Porter</h1>
      <p>
        Make the account of the person who looks after this box. That person can then add everybody else under People.
      </p>
      <Form
        main
        button="Make my account"
        onSend={({ code = '', name = '', password = '', pin = '' }) => firstUse({ code, name, password, pin })}
      >
        <Field
          name="code"
          label="Code"
          hint="The screen of the box shows it, as 7K2M-9QXD-C4TB."
          complete="off"
          maxLength={40}
          focus
        />
        <Field
          name="name"
          label="Your name"
          hint="As colleagues call you: it stands beside what you do."
          complete="username"
          maxLength={80}
        />
        <Field
          name="password"
          label="Password"
          hint="10 letters or more. Three words are easy to keep."
          type="password"
          complete="new-password"
          minLength={10}
        />
        <Field
          name="pin"
          label="PIN"
          hint="Six digits, for the Staff button on the screen of the box."
          type="password"
          complete="off"
          numeric
          pattern="\d{6}"
          maxLength={6}
        />
      </Form>
      <p>
        <button type="button" class="button" onClick={() => (hasAccount.value = true)}>
          I have an account
        </button>
      </p>
    </main>
  );
}

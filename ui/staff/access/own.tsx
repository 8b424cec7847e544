import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Me } from '../../../device/contract/staff.ts';
import { command } from '../box.ts';
import { act } from '../act.ts';
import { withPassword } from './with-password.ts';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { roleWords } from './roles.ts';
import { look, showsAccount } from './session.ts';
import { SignOut } from './sign-out.tsx';

/** What everybody does to the own account. */
export function OwnAccount({ me }: { readonly me: Me }): JSX.Element {
  const done = useSignal('');
  const then = async (sending: Promise<string | null>, words: string): Promise<string | null> => {
    const wrong = await sending;
    done.value = wrong === null ? words : '';
    if (wrong === null) await look();
    return wrong;
  };
  return (
    <section aria-label="My account" class="door">
      <h2>{me.name}</h2>
      <p>
        {roleWords[me.role][0]}: {roleWords[me.role][1]}.
      </p>
      <p role="status">{done}</p>
      <Form
        button="Change my password"
        onSend={(given) =>
          then(
            act('own-password', { password: given['own-password'] }),
            'Your password is changed, and all your other screens are signed out.',
          )
        }
      >
        <Field
          name="own-password"
          label="New password"
          hint="10 letters or more. Three words are easy to keep."
          type="password"
          complete="new-password"
          minLength={10}
        />
      </Form>
      <Form
        button="Change my PIN"
        onSend={(given) => then(act('own-pin', { pin: given['own-pin'] }), 'Your PIN is changed.')}
      >
        <Field
          name="own-pin"
          label="New PIN"
          hint="Six digits, for the Staff button on the screen of the box."
          complete="off"
          type="password"
          numeric
          pattern="\d{6}"
          maxLength={6}
        />
      </Form>
      {me.secondStep ? (
        <Form
          button="Sign in without the app again"
          onSend={() => then(act('own-second-step-off', {}), 'The app is not asked for any more.')}
        >
          <p>You sign in with your password and the code of your app.</p>
        </Form>
      ) : (
        <SecondStep then={then} />
      )}
      <SignOut everywhere>Sign me out everywhere</SignOut>
      <button type="button" onClick={() => (showsAccount.value = false)}>
        Back
      </button>
    </section>
  );
}

/** The secret is typed into the app once; then the first code shows that the app has it. */
function SecondStep({
  then,
}: {
  readonly then: (sending: Promise<string | null>, words: string) => Promise<string | null>;
}): JSX.Element {
  const secret = useSignal('');
  const ask = async (): Promise<string | null> => {
    const result = await withPassword(() => command('own-second-step-new', {}));
    const { value } = result.ok ? result : { value: null };
    if (typeof value !== 'object' || value === null || !('secret' in value)) return 'This cannot be done now.';
    secret.value = String(value.secret);
    return null;
  };
  if (secret.value === '') {
    return (
      <Form button="Ask me for a code of an app as well" onSend={ask}>
        <p>Any authenticator app will do. Whoever learns your password then still cannot come in.</p>
      </Form>
    );
  }
  return (
    <Form
      button="Use this app"
      onSend={({ 'own-code': code = '' }) =>
        then(act('own-second-step', { secret: secret.value, code }), 'From now on your app is asked for.')
      }
    >
      <p>Add an account to your app by hand with this key:</p>
      <p>
        <code>{secret.value.replace(/.{4}(?=.)/g, '$& ')}</code>
      </p>
      <Field
        name="own-code"
        label="Code"
        hint="The six digits that the app shows now."
        complete="one-time-code"
        numeric
        pattern="\d{6}"
        maxLength={6}
      />
    </Form>
  );
}

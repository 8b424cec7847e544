import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { roles } from '../../../device/contract/staff.ts';
import type { PeopleView, PersonRow, Role } from '../../../device/contract/staff.ts';
import { act } from '../act.ts';
import { Computers } from './computers.tsx';
import { State } from '../parts/state.tsx';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { roleWords } from './roles.ts';

const passwordHint = '10 letters or more. Three words are easy to keep.';
const pinHint = 'Six digits, for the Staff button on the screen of the box.';

/** Who may use the staff page and the box, for administrators: add, change, sign out, remove. */
export function PeoplePage({ view: { people, computers } }: { readonly view: PeopleView }): JSX.Element {
  const sorted = [...people].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <>
      <section aria-label="People" class="card people-view">
        <h1>People</h1>
        <ul class="people">
          {sorted.map((person) => (
            <PersonLine key={person.name} person={person} />
          ))}
        </ul>
        <AddPerson />
      </section>
      <Computers computers={computers} />
    </>
  );
}

function PersonLine({ person }: { readonly person: PersonRow }): JSX.Element {
  const { name, role, sessions } = person;
  const screens = sessions === 0 ? '' : sessions === 1 ? 'Signed in' : `Signed in on ${String(sessions)} screens`;
  return (
    <li>
      <p class="line">
        <bdi class="name">{name}</bdi>
        <span>{roleWords[role][0]}</span>
        {screens !== '' && (
          <State icon="confirmed" tone="good">
            {screens}
          </State>
        )}
      </p>
      <p class="faint">{waysOf(person)}</p>
      <details>
        <summary>
          Change <span class="apart">{name}</span>
        </summary>
        <div class="changes">
          <Changes person={person} />
        </div>
      </details>
    </li>
  );
}

function waysOf({ password, pin, secondStep }: PersonRow): string {
  const ways = [password ? 'password' : '', secondStep ? 'code of an app' : '', pin ? 'PIN at the box' : ''];
  const had = ways.filter((way) => way !== '');
  return had.length === 0 ? 'Cannot sign in yet' : `Signs in with ${had.join(', ')}`;
}

function Changes({ person }: { readonly person: PersonRow }): JSX.Element {
  const { name, role, secondStep } = person;
  const id = name.replace(/\W/g, '-');
  return (
    <>
      <Form button="Change the role" onSend={(given) => act('people-role', { name, role: given['role'] })}>
        <RoleField id={`role-${id}`} now={role} />
      </Form>
      <Form
        button="Give a new password"
        onSend={(given) => act('people-password', { name, password: given[`password-${id}`] })}
      >
        <Field
          name={`password-${id}`}
          label="New password"
          hint={passwordHint}
          type="password"
          complete="new-password"
          minLength={10}
        />
      </Form>
      <Form button="Give a new PIN" onSend={(given) => act('people-pin', { name, pin: given[`pin-${id}`] })}>
        <Field name={`pin-${id}`} label="New PIN" hint={pinHint} complete="off" numeric pattern="\d{6}" maxLength={6} />
      </Form>
      {secondStep && (
        <Form button="Take the app away" onSend={() => act('people-second-step-off', { name })}>
          <p>For a phone that is lost: {name} then signs in with the password alone.</p>
        </Form>
      )}
      <Form button="Sign out everywhere" onSend={() => act('people-sign-out', { name })}>
        {null}
      </Form>
      <Remove name={name} />
    </>
  );
}

/** Asked twice: what a person has done stays under the name, but the account is gone. */
function Remove({ name }: { readonly name: string }): JSX.Element {
  const sure = useSignal(false);
  const button = sure.value ? `Yes, remove ${name}` : `Remove ${name}`;
  const onSend = (): Promise<string | null> => {
    if (sure.value) return act('people-remove', { name });
    sure.value = true;
    return Promise.resolve(null);
  };
  return (
    <Form button={button} onSend={onSend}>
      {sure.value && <p>{name} is signed out at once and can come in no more. Records keep the name.</p>}
    </Form>
  );
}

function AddPerson(): JSX.Element {
  const added = useSignal('');
  return (
    <details>
      <summary>Add a person</summary>
      <Form
        button="Add"
        onSend={async ({ 'new-name': name = '', role, 'new-password': password = '', 'new-pin': pin = '' }) => {
          const wrong = await act('people-add', {
            name,
            role,
            password: password === '' ? null : password,
            pin: pin === '' ? null : pin,
          });
          added.value = wrong === null ? `${name} can sign in now.` : '';
          return wrong;
        }}
      >
        <Field
          name="new-name"
          label="Name"
          hint="As colleagues call the person: it stands beside what that person does."
          complete="off"
          maxLength={80}
        />
        <RoleField id="role-new" now="reception" />
        <Field
          name="new-password"
          label="First password"
          hint={`${passwordHint} The person can change it.`}
          type="password"
          complete="new-password"
          minLength={10}
        />
        <Field
          name="new-pin"
          label="PIN, if wanted"
          hint={pinHint}
          complete="off"
          numeric
          pattern="\d{6}"
          maxLength={6}
          optional
        />
      </Form>
      <p role="status">{added}</p>
    </details>
  );
}

function RoleField({ id, now }: { readonly id: string; readonly now: Role }): JSX.Element {
  return (
    <p class="field">
      <label for={id}>Role</label>
      <select id={id} name="role">
        {roles.map((role) => (
          <option key={role} value={role} selected={role === now}>
            {roleWords[role][0]}: {roleWords[role][1]}
          </option>
        ))}
      </select>
    </p>
  );
}

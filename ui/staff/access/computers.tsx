/** Reception computers: signed in once a day, Now stays open on them, and a PIN says who sits there (product.md 6). */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ComputerRow } from '../../../device/contract/staff.ts';
import { act } from '../act.ts';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { door, registerComputer } from './session.ts';

export function Computers({ computers }: { readonly computers: readonly ComputerRow[] }): JSX.Element {
  const here = door.value?.computer ?? null;
  return (
    <section aria-label="Reception computers" class="card people-view">
      <h2>Reception computers</h2>
      <p>
        Signed in once a day, a registered computer keeps Now open. After five minutes without a touch it shows counts,
        and whoever goes on enters the own PIN.
      </p>
      {computers.length > 0 && (
        <ul class="computers">
          {computers.map((computer) => (
            <Computer key={computer.id} computer={computer} />
          ))}
        </ul>
      )}
      {here === null ? (
        <Form button="Register this computer" onSend={({ computer = '' }) => registerComputer(computer)}>
          <Field
            name="computer"
            label="Its name"
            hint="As colleagues call it: Front desk."
            complete="off"
            maxLength={40}
          />
        </Form>
      ) : (
        <p>This is {here}.</p>
      )}
    </section>
  );
}

function Computer({ computer: { id, name, by } }: { readonly computer: ComputerRow }): JSX.Element {
  const sure = useSignal(false);
  const remove = (): Promise<string | null> => {
    if (sure.value) return act('computer-remove', { id });
    sure.value = true;
    return Promise.resolve(null);
  };
  return (
    <li>
      <p>
        <strong dir="auto">{name}</strong> <span class="faint">registered by {by}</span>
      </p>
      <Form button={sure.value ? `Yes, remove ${name}` : `Remove ${name}`} onSend={remove}>
        {sure.value && <p>Whoever is signed in there is signed out.</p>}
      </Form>
    </li>
  );
}

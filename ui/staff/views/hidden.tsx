/** Counts only: nobody's name is on a screen that nobody sits at. On a registered computer a PIN brings the names back. */
import type { JSX } from 'preact';
import type { StaffTop } from '../../../device/contract/staff.ts';
import { Field } from '../access/field.tsx';
import { Form } from '../access/form.tsx';
import { door, takeOver } from '../access/session.ts';
import { SignOut } from '../access/sign-out.tsx';
import { reconnect } from '../box.ts';
import { hidden } from '../idle.ts';
import { Icon } from '../parts/icon.tsx';

export function Hidden({ top }: { readonly top: StaffTop }): JSX.Element {
  const { counts, sum, today } = top;
  const isRegistered = (door.value?.computer ?? null) !== null;
  return (
    <>
      <div class="head">
        <h1>Names are hidden</h1>
        {!isRegistered && (
          <button type="button" class="button main" onClick={() => (hidden.value = false)}>
            <Icon of="show" /> Show names
          </button>
        )}
      </div>
      {isRegistered && <Pin />}
      {today !== null && (
        <div class="figures">
          <Figure count={counts.approvals} words="waiting to leave" warn />
          {counts.now > 0 && (
            <Figure count={counts.now} words={counts.now === 1 ? 'note for staff' : 'notes for staff'} warn />
          )}
          {counts.close > 0 && (
            <Figure count={counts.close} words={counts.close === 1 ? 'day not closed' : 'days not closed'} warn />
          )}
          <Figure count={today.overdue} words="overdue" warn />
          <Figure count={sum.needsPerson} words="marks need a person" warn />
          <Figure count={today.contact} words="not yet in the MIS" warn />
          <Figure count={today.late} words="late today" />
          <Figure count={today.out} words="out now" />
          <Figure count={today.back} words="back" />
        </div>
      )}
    </>
  );
}

function Pin(): JSX.Element {
  const sitDown = async ({ pin = '' }: Readonly<Record<string, string>>): Promise<string | null> => {
    const wrong = await takeOver(pin);
    if (wrong !== null) return wrong;
    hidden.value = false;
    reconnect();
    return null;
  };
  return (
    <section class="card pin" aria-label="Who goes on">
      <Form button="Show names" onSend={sitDown}>
        <Field
          name="pin"
          label="Your PIN"
          hint="Six digits. What you do now stands under your name."
          type="password"
          complete="off"
          numeric
          pattern="\d{6}"
          maxLength={6}
          focus
        />
      </Form>
      <SignOut class="button quiet">I have no PIN: sign in with a password</SignOut>
    </section>
  );
}

interface FigureProps {
  readonly count: number;
  readonly words: string;
  readonly warn?: boolean;
}
function Figure({ count, words, warn = false }: FigureProps): JSX.Element {
  return (
    <p class={warn && count > 0 ? 'card figure warn' : 'card figure'}>
      <b>{count}</b> {words}
    </p>
  );
}

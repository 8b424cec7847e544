/** The staff page: asks the box who is signed in, and shows the door or the shell. */
import './staff.css';
import './access/access.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import type { JSX } from 'preact';
import { PasswordAgain } from './access/again.tsx';
import { FirstUsePage } from './access/first-use.tsx';
import { OwnAccount } from './access/own.tsx';
import { door, hasAccount, look, me, onEntered, showsAccount } from './access/session.ts';
import { SignInPage } from './access/sign-in.tsx';
import { asking } from './access/with-password.ts';
import { listen } from './bell.ts';
import { connect, disconnect, reconnect, stay } from './box.ts';
import { hidden, touches } from './idle.ts';
import { clearToasts } from './parts/toast.tsx';
import { recording } from './recording.ts';
import { Shell } from './shell.tsx';

function Page(): JSX.Element {
  if (door.value === null) return <p class="away">Waiting for the box…</p>;
  if (me.value !== null) {
    return (
      <>
        {showsAccount.value ? <OwnAccount me={me.value} /> : <Shell me={me.value} />}
        <PasswordAgain />
      </>
    );
  }
  const { firstUse, trouble } = door.value;
  return firstUse && !hasAccount.value ? <FirstUsePage /> : <SignInPage trouble={trouble} />;
}

/** What one person has begun, the next one must not end: their password would run it, and their name stand beside it. */
function dropWhatWasBegun(): void {
  asking.peek()?.(false);
  recording.value = null;
  showsAccount.value = false;
  clearToasts();
}

/** Signed in or not: another object for the same person changes nothing. */
let signedInAs: string | null = null;
effect(() => {
  const name = me.value?.name ?? null;
  if (name === signedInAs) return;
  signedInAs = name;
  dropWhatWasBegun();
  disconnect();
  if (name !== null) connect();
});
effect(() => {
  if (hidden.value) dropWhatWasBegun();
});
for (const touch of touches) addEventListener(touch, stay, { passive: true });
onEntered(() => void comeAlong());
/** The cookie is that of another session now: whose PIN it was, this page goes on with them. */
async function comeAlong(): Promise<void> {
  const before = me.value?.name;
  await look(true).catch(() => undefined);
  if (me.value !== null && me.value.name === before) reconnect();
}

const retryMs = 2_000;
function start(): void {
  look().catch(() => setTimeout(start, retryMs));
}
listen();
start();
render(<Page />, document.body);

/** Who is signed in on this page, as the box says. */
import { signal } from '@preact/signals';
import type { Result } from '../../../device/contract/result.ts';
import { hidden } from '../idle.ts';
import { withPassword } from './with-password.ts';
import type { FirstUse, Myself, SessionAnswer, SignIn } from '../../../device/contract/staff.ts';

export interface Door {
  readonly firstUse: boolean;
  readonly trouble: string | null;
  /** The name of the registered reception computer that this is; null: it is none. */
  readonly computer: string | null;
}
/** Null: not known yet. */
export const door = signal<Door | null>(null);
export const me = signal<Myself | null>(null);
/** Says so, while first use is open for somebody else. */
export const hasAccount = signal(false);
/** The own account is shown in place of the views. */
export const showsAccount = signal(false);
/** Why the sign-in form is shown again. */
export const why = signal('');

const whyWords = {
  elsewhere: 'You are signed out.',
  expired: 'You are signed out: nobody touched this page for half an hour, or you were signed in for twelve hours.',
  changed: 'You are signed out: an administrator changed your account. Sign in again.',
  gone: 'You are signed out: the box was started again, or nobody touched this page for half an hour.',
} as const;

/** After an update of the box, this page asks for files and commands that are not there any more. */
let ownBuild: string | null = null;
function isOfAnother(build: string): boolean {
  ownBuild ??= build;
  return ownBuild !== build;
}

/** Asks the box who is signed in. `entered`: somebody was just let in, and names are hidden only where the box says so. */
export async function look(entered = false): Promise<void> {
  const response = await fetch('/session', { cache: 'no-store' });
  const answer: unknown = await response.json();
  if (!isAnswer(answer)) throw new Error('the box said something else');
  if (isOfAnother(answer.build)) {
    location.reload();
    return;
  }
  const { firstUse, trouble, computer } = answer;
  door.value = { firstUse, trouble, computer };
  hidden.value = answer.locked || (hidden.value && !entered);
  me.value = answer.me;
}

/** The session is over, or may be. */
export async function ended(reason: keyof typeof whyWords): Promise<void> {
  await look().catch(() => undefined);
  if (me.value === null) why.value = whyWords[reason];
}

export const signIn = (given: SignIn): Promise<string | null> => enter('/session', given);
export const firstUse = (given: FirstUse): Promise<string | null> => enter('/first-use', given);

/** Whoever's PIN it is goes on at this registered computer. Null: it was somebody's. */
export async function takeOver(pin: string): Promise<string | null> {
  const result = await send('POST', '/session/pin', { pin });
  if (!result.ok)
    return result.error.code === 'unauthorised' ? 'This PIN is nobody’s. Try again.' : wordsFor(result.error);
  await look();
  tabs.postMessage('entered');
  return null;
}

/** Other pages of this browser, which have the same session. */
const tabs = new BroadcastChannel('porter session');
/** Somebody was let in by PIN in another tab. */
export function onEntered(act: () => void): void {
  tabs.addEventListener('message', act);
}

/** Null: this browser is a reception computer's from now on, and somebody signs in anew. */
export async function registerComputer(name: string): Promise<string | null> {
  const result = await withPassword(() => send('POST', '/computer', { name }));
  if (!result.ok) return wordsFor(result.error);
  await look();
  why.value = `This computer is ${name} now. Sign in once a day: after five minutes it shows counts, and asks for a PIN.`;
  return null;
}

/** The password once more. Null: it was right. */
export async function again(password: string): Promise<string | null> {
  const result = await send('POST', '/session/again', { password });
  return result.ok ? null : wordsFor(result.error);
}

/** Null: signed out; else a sentence. */
export async function signOut(everywhere: boolean): Promise<string | null> {
  const result = await send('DELETE', everywhere ? '/session?everywhere' : '/session');
  if (!result.ok) return `You are still signed in. ${wordsFor(result.error)}`;
  why.value = '';
  await look();
  return null;
}

/** Null: signed in. `code_wanted` as it is; else a sentence. */
async function enter(path: string, given: SignIn | FirstUse): Promise<string | null> {
  const result = await send('POST', path, given);
  if (!result.ok) return result.error.code === 'code_wanted' ? 'code_wanted' : wordsFor(result.error);
  why.value = '';
  await look(true);
  return null;
}

async function send(method: string, path: string, body?: object): Promise<Result<unknown>> {
  try {
    const init =
      body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(path, { method, ...init });
    const answer: unknown = await response.json();
    if (isResult(answer)) return answer;
  } catch {
    // No line: the same as an answer that is none.
  }
  return { ok: false, error: { code: 'busy', detail: 'The box does not answer. Try again.' } };
}

const isAnswer = (value: unknown): value is SessionAnswer =>
  typeof value === 'object' && value !== null && 'firstUse' in value;
const isResult = (value: unknown): value is Result<unknown> =>
  typeof value === 'object' && value !== null && 'ok' in value;

function wordsFor({ code, detail }: { readonly code: string; readonly detail?: string }): string {
  switch (code) {
    case 'unauthorised':
      return 'That is not right. Check each word and try again.';
    case 'busy':
      return detail ?? 'Too many people sign in at once. Try again in a few seconds.';
    case 'storage_failed':
      return 'The box cannot keep this now. Try again when it is well.';
    default:
      return detail === undefined ? 'This cannot be done.' : sentence(detail);
  }
}

/** The box's words begin small, as parts of its own sentences. */
export const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { signOut } from './session.ts';

interface SignOutProps {
  /** On every screen of the same person. */
  readonly everywhere?: boolean;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** Says under itself why somebody is still signed in: it stands in dialogs, and where toasts are hidden with the names. */
export function SignOut({ everywhere = false, class: look, children }: SignOutProps): JSX.Element {
  const wrong = useSignal<string | null>(null);
  const press = async (): Promise<void> => {
    wrong.value = await signOut(everywhere);
  };
  return (
    <>
      <button type="button" class={look} onClick={() => void press()}>
        {children}
      </button>
      <p role="alert" class="wrong">
        {wrong}
      </p>
    </>
  );
}

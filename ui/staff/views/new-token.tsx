/** A new token for the MIS, where it does not accept the one that the box has. For administrators. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { BoxView } from '../../../device/contract/staff-views.ts';
import { act } from '../act.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Form, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';

type Shown = NonNullable<BoxView['newToken']>;

export function NewToken({ refused }: Shown): JSX.Element {
  const asked = useSignal(false);
  return (
    <>
      <div class="buttons">
        <button type="button" class="button small" onClick={() => (asked.value = true)}>
          <Icon of="edit" /> Enter a new token
        </button>
      </div>
      {asked.value && <Ask refused={refused} onClose={() => (asked.value = false)} />}
    </>
  );
}

function Ask({ refused, onClose }: Shown & { readonly onClose: () => void }): JSX.Element {
  const token = useSignal('');
  const send = async (): Promise<string | null> => {
    const typed = token.value.trim();
    if (typed === '') return 'Enter the token as Wonde shows it.';
    if (!/^[\x21-\x7e]+$/.test(typed)) return 'A token has no spaces and no accents: copy it once more, whole.';
    const done = 'The MIS accepts it. Porter starts again with it: you sign in again in a few seconds.';
    const wrong = await act('mis-token', { token: typed }, { done });
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title="A new token for the MIS" onClose={onClose}>
      <Form button="Try it and use it" icon="tick" ready={refused === null} onSend={send}>
        <p>
          {refused === null
            ? 'The token is Porter’s password for the MIS; the school gets it from Wonde. The MIS is asked with it first. Where it accepts it, Porter starts again: pupils wait for a few seconds, and nothing is lost.'
            : `None can be entered here: ${refused}.`}
        </p>
        <Text
          label="Token"
          hint="It holds until the technician file says another one"
          type="password"
          value={token.value}
          onInput={(text) => (token.value = text)}
          maxLength={4096}
          focus
        />
      </Form>
    </Dialog>
  );
}

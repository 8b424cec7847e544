/** Two people erase a pupil: what would go, what is in the way, the second person's word, the receipt (product.md 10). */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ErasePreview, EraseReceipt } from '../../../device/contract/staff-views.ts';
import { withPassword } from '../access/with-password.ts';
import { refusalWords } from '../act.ts';
import { useAsked } from '../asked.ts';
import { command } from '../box.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Form, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { Receipt } from './receipt.tsx';

interface EraseProps {
  readonly pupil: string;
  readonly name: string;
  /** `erased`: there is nothing of the pupil any more. */
  readonly onClose: (erased: boolean) => void;
}
export function Erase({ pupil, name, onClose }: EraseProps): JSX.Element {
  const receipt = useSignal<EraseReceipt | null>(null);
  const { value: preview, wrong } = useAsked('erase-preview', { pupil });
  const close = (): void => {
    onClose(receipt.value !== null);
  };
  return (
    <Dialog title={receipt.value === null ? `Erase ${name}` : 'Erased'} onClose={close}>
      <p role="alert" class="wrong">
        {wrong}
      </p>
      {receipt.value !== null ? (
        <Receipt receipt={receipt.value} />
      ) : preview === null ? (
        wrong === '' && <p class="faint">All records are read, to see what would go…</p>
      ) : (
        <>
          <WhatGoes preview={preview} />
          {preview.blocks.length > 0 ? (
            <Blocked blocks={preview.blocks} />
          ) : (
            <Agree pupil={pupil} onBack={close} onDone={(done) => (receipt.value = done)} />
          )}
        </>
      )}
    </Dialog>
  );
}

function WhatGoes({ preview }: { readonly preview: ErasePreview }): JSX.Element {
  const { records, movements, marks, badges, photos, onRoster } = preview;
  return (
    <>
      <p>
        Nobody can undo this. It destroys the key of {counted(records, 'record')}, among them{' '}
        {counted(movements, 'movement')}, {counted(marks, 'mark')} kept here, {counted(badges, 'badge')}; and{' '}
        {counted(photos, 'photo')}. The marks in the MIS stay: erase them there.
      </p>
      {onRoster && (
        <p>
          <Icon of="warn" /> The pupil is on the roster still, and can sign in again as if new.
        </p>
      )}
    </>
  );
}

const counted = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? '' : 's'}`;

function Blocked({ blocks }: Pick<ErasePreview, 'blocks'>): JSX.Element {
  return (
    <>
      <p>
        <strong>It cannot be done yet:</strong>
      </p>
      <ul class="plain">
        {blocks.map(({ words, todo }) => (
          <li key={words}>
            <Icon of="warn" /> {words.charAt(0).toUpperCase()}
            {words.slice(1)}: {todo}.
          </li>
        ))}
      </ul>
    </>
  );
}

function notErased(error: Parameters<typeof refusalWords>[0], hasCode: boolean): string {
  const next = 'Enter the password again, and the next code that the app shows.';
  if (error.code === 'unauthorised') {
    if (!hasCode) return 'That is not the second person’s password.';
    return `The password or the code is not right, or the code was used already. ${next}`;
  }
  if (error.code !== 'busy') return refusalWords(error);
  return `${refusalWords(error)} ${hasCode ? next : 'Enter the password again.'} If it was done all the same, the Log has the receipt.`;
}

interface AgreeProps {
  readonly pupil: string;
  readonly onBack: () => void;
  readonly onDone: (receipt: EraseReceipt) => void;
}
function Agree({ pupil, onBack, onDone }: AgreeProps): JSX.Element {
  const why = useSignal('');
  const second = useSignal('');
  const password = useSignal('');
  /** Null: not asked for. */
  const code = useSignal<string | null>(null);
  const send = async (): Promise<string | null> => {
    const secondCode = code.value === null ? {} : { secondCode: code.value };
    const agreed = { second: second.value.trim(), secondPassword: password.value, ...secondCode };
    const input = { pupil, why: why.value.trim(), ...agreed };
    if (input.why === '') return 'Say why, without the name of the pupil.';
    if (input.second === '' || input.secondPassword === '') return 'Somebody else agrees, with name and password.';
    const result = await withPassword(() => command('erase', input));
    if (!result.ok && result.error.code === 'code_wanted') {
      code.value = '';
      return 'The second person signs in with a code of an app as well: enter it.';
    }
    if (!result.ok) {
      const hasCode = code.value !== null;
      password.value = '';
      // No code is taken twice, also where its answer was lost.
      if (hasCode) code.value = '';
      return notErased(result.error, hasCode);
    }
    // The box and this page are of one build.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
    onDone(result.value as EraseReceipt);
    return null;
  };
  return (
    <Form button="Erase for ever" icon="erase" kind="danger" onSend={send} onBack={onBack}>
      <Text
        label="Why?"
        hint="Without the pupil’s name: it stays when everything else has gone"
        value={why.value}
        onInput={(text) => (why.value = text)}
      />
      <fieldset class="stack second">
        <legend>The second person, here</legend>
        <Text label="Name" value={second.value} onInput={(text) => (second.value = text)} />
        <Text label="Password" type="password" value={password.value} onInput={(text) => (password.value = text)} />
        {code.value !== null && (
          <Text label="Code" maxLength={10} value={code.value} onInput={(text) => (code.value = text)} focus />
        )}
      </fieldset>
    </Form>
  );
}

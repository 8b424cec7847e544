/** A backup back onto the box: the file and its password, what it is, and only then the box starts again with it. */
import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import type { FoundBackup, RestoreView } from '../../../device/contract/staff-views.ts';
import { withPassword } from '../access/with-password.ts';
import { act, refusalWords } from '../act.ts';
import { command } from '../box.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Fact } from '../parts/fact.tsx';
import { Form, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { say } from '../parts/toast.tsx';
import { upload } from '../upload.ts';

interface Props {
  readonly onClose: () => void;
}

export function Restore({ refused, onClose }: Props & Pick<RestoreView, 'refused'>): JSX.Element {
  const found = useSignal<FoundBackup | null>(null);
  // What was sent and is not wanted is not to wait on the box.
  useEffect(
    () => () => {
      if (found.value !== null) void command('restore-drop', {});
    },
    [],
  );
  return (
    <Dialog title="Restore a backup" onClose={onClose}>
      {found.value === null ? (
        <Choose refused={refused} onFound={(backup) => (found.value = backup)} />
      ) : (
        <Confirm found={found.value} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface ChooseProps extends Pick<RestoreView, 'refused'> {
  readonly onFound: (found: FoundBackup) => void;
}
function Choose({ refused, onFound }: ChooseProps): JSX.Element {
  const file = useSignal<File | null>(null);
  const password = useSignal('');
  /** 0 to 1; null: nothing is being sent. */
  const sent = useSignal<number | null>(null);
  const leaving = useRef(new AbortController());
  useEffect(
    () => () => {
      leaving.current.abort();
    },
    [],
  );
  const id = useId();
  const send = async (): Promise<string | null> => {
    if (file.value === null) return 'Choose the file of a backup.';
    if (password.value === '') return 'Enter the password that the file was given.';
    const given = file.value;
    const opened = await withPassword(() => command('restore-open', { password: password.value }));
    if (!opened.ok) return refusalWords(opened.error);
    sent.value = 0;
    const path = `/restore/${tokenIn(opened.value)}`;
    const result = await upload(path, given, (part) => (sent.value = part), leaving.current.signal);
    sent.value = null;
    if (!result.ok) return refusalWords(result.error);
    // The box and this page are of one build.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
    onFound(result.value as FoundBackup);
    return null;
  };
  return (
    <Form button="Send and look at it" icon="up" ready={refused === null} onSend={send}>
      <p>
        {refused === null
          ? 'The box looks at the file first and goes on as it is: you see what it is, and say then.'
          : `Nothing can be restored here: ${refused}.`}
      </p>
      <div class="field">
        <label for={id}>File of the backup</label>
        <input
          id={id}
          type="file"
          class="text"
          accept=".porter-backup"
          onChange={(event) => (file.value = event.currentTarget.files?.[0] ?? null)}
        />
      </div>
      <Text
        label="Password of the file"
        type="password"
        value={password.value}
        onInput={(text) => (password.value = text)}
      />
      <p role="status">{sent.value !== null && sentWords(sent.value)}</p>
    </Form>
  );
}

const sentWords = (part: number): string =>
  part < 1 ? `Sending, ${String(Math.floor(part * 100))} %.` : 'The box looks at it. A slow card takes minutes.';

const tokenIn = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'token' in value ? String(value.token) : '';

function Confirm({ found, onClose }: Props & { readonly found: FoundBackup }): JSX.Element {
  const recoveryKey = useSignal('');
  const send = async (): Promise<string | null> => {
    const typed = found.wantsKey ? recoveryKey.value.trim() : null;
    if (typed === '') return 'Enter the recovery key of the box that was backed up.';
    const result = await withPassword(() => command('restore', { recoveryKey: typed }));
    if (!result.ok) return refusalWords(result.error);
    say('Porter starts again with the backup: sign in with a name and password of then.');
    onClose();
    return null;
  };
  return (
    <Form button="Restore and restart" icon="back" kind="danger" onSend={send}>
      <WhatItIs found={found} />
      {!found.isOfThisBox && (
        <p>
          <Icon of="warn" /> <strong>This is not a backup of this box by its name.</strong>
        </p>
      )}
      <ul class="plain">
        <li>The box then knows what it knew when the backup was made, also who may sign in here.</li>
        <li>
          What was recorded since is set aside, is not used, and is destroyed after 14 days. Marks that the MIS has stay
          there.
        </li>
        <li>Photos are in no backup: those on this box are destroyed, held ones too.</li>
        <li>Pupils wait for up to a minute: do it when nobody is at the box.</li>
      </ul>
      {found.since === null && (
        <p>
          <Icon of="warn" /> What is on this box cannot be read: whoever was erased since the backup must be erased
          again, see the receipts.
        </p>
      )}
      {found.wantsKey && (
        <Text
          label="Recovery key"
          hint="Of the box that was backed up: 28 letters and digits, from the school’s safe. This box has another key than that one had"
          value={recoveryKey.value}
          onInput={(text) => (recoveryKey.value = text)}
          maxLength={80}
          focus
        />
      )}
    </Form>
  );
}

function WhatItIs({ found }: { readonly found: FoundBackup }): JSX.Element {
  const { box, school, made, until, files, since } = found;
  return (
    <dl class="facts">
      <Fact name="Backup of">
        {box}, {school}
      </Fact>
      <Fact name="Made">{made}</Fact>
      <Fact name="Files">{files}, all whole</Fact>
      <Fact name="To be kept until">{until}</Fact>
      <Fact name="Recorded here since">{since}</Fact>
    </dl>
  );
}

export function DestroyAside({ onClose }: Props): JSX.Element {
  const send = async (): Promise<string | null> => {
    const wrong = await act('destroy-aside', {}, { done: 'What was there before the restore is destroyed.' });
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title="Destroy what was there before" onClose={onClose}>
      <Form button="Destroy for ever" icon="erase" kind="danger" onSend={send}>
        <p>Do it once you are sure that the restore was right: nobody can bring it back then.</p>
      </Form>
    </Dialog>
  );
}

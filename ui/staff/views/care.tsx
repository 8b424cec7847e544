/** What looks after the box: a backup, taken away and brought back; what a helper needs; a restart. For administrators. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { BoxView } from '../../../device/contract/staff-views.ts';
import { withPassword } from '../access/with-password.ts';
import { act, may, refusalWords } from '../act.ts';
import { command } from '../box.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Form } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { say } from '../parts/toast.tsx';
import { DestroyAside, Restore } from './restore.tsx';

export function Care({ view }: { readonly view: BoxView }): JSX.Element | null {
  const asked = useSignal<'backup' | 'stick' | 'restore' | 'destroy' | 'restart' | null>(null);
  if (!may('backup')) return null;
  const { aside, last, refused } = view.restore;
  const close = (): void => {
    asked.value = null;
  };
  return (
    <section class="card part" aria-label="Backup, help, restart">
      <h2>Backup, help, restart</h2>
      <p>{view.lastBackup === null ? 'No backup has been taken.' : `Last backup: ${view.lastBackup}.`}</p>
      {last !== null && <p>Last restore: {last}.</p>}
      {aside !== null && <p>{aside}</p>}
      <div class="buttons">
        <button type="button" class="button small" onClick={() => (asked.value = 'backup')}>
          <Icon of="download" /> Back up
        </button>
        {view.takesStick && (
          <button type="button" class="button small" onClick={() => (asked.value = 'stick')}>
            <Icon of="download" /> Back up to a USB stick in the box
          </button>
        )}
        <button type="button" class="button small" onClick={() => (asked.value = 'restore')}>
          <Icon of="back" /> Restore a backup
        </button>
        {aside !== null && (
          <button type="button" class="button small" onClick={() => (asked.value = 'destroy')}>
            <Icon of="erase" /> Destroy what was there before
          </button>
        )}
        <a class="button small" href="/debug-bundle" download>
          <Icon of="sheet" /> For a helper: how the box is, without names
        </a>
        <button type="button" class="button small" onClick={() => (asked.value = 'restart')}>
          <Icon of="undo" /> Restart Porter
        </button>
      </div>
      {asked.value === 'backup' && <Backup send={download} onClose={close} />}
      {asked.value === 'stick' && <Backup send={toStick} onClose={close} />}
      {asked.value === 'restore' && <Restore refused={refused} onClose={close} />}
      {asked.value === 'destroy' && <DestroyAside onClose={close} />}
      {asked.value === 'restart' && <Restart can={view.canRestart} onClose={close} />}
    </section>
  );
}

type SendBackup = (password: string) => Promise<string | null>;

const download: SendBackup = async (password) => {
  const result = await withPassword(() => command('backup', { password }));
  if (!result.ok) return refusalWords(result.error);
  const token =
    typeof result.value === 'object' && result.value !== null && 'token' in result.value ? result.value.token : '';
  location.assign(`/backup/${String(token)}`);
  say('The backup comes as a download. Keep it outside this box.');
  return null;
};

const toStick: SendBackup = async (password) => {
  const result = await withPassword(() => command('backup-to-stick', { password }));
  if (!result.ok) return refusalWords(result.error);
  say('The backup is on the stick, which may be taken out. Keep it outside this box.');
  return null;
};

function Backup(props: { readonly send: SendBackup; readonly onClose: () => void }): JSX.Element {
  const { onClose } = props;
  const [one, two] = [useSignal(''), useSignal('')];
  const send = async (): Promise<string | null> => {
    if (one.value.length < 10) return 'Ten letters or more. Three words are easy to keep.';
    if (one.value !== two.value) return 'The two are not the same.';
    const wrong = await props.send(one.value);
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title="Back up this box" onClose={onClose}>
      <Form button="Back up" icon="download" onSend={send}>
        <p>
          Everything but photos, in one file. To restore it takes this password, and on another box also the recovery
          key of this one.
        </p>
        <Password label="Password of the file" value={one.value} onInput={(text) => (one.value = text)} />
        <Password label="Once more" value={two.value} onInput={(text) => (two.value = text)} />
      </Form>
    </Dialog>
  );
}

function Password(props: { readonly label: string; readonly value: string; readonly onInput: (text: string) => void }) {
  const { label, value, onInput } = props;
  return (
    <label class="field">
      {label}
      <input
        type="password"
        class="text"
        value={value}
        maxLength={200}
        autocomplete="new-password"
        onInput={(event) => {
          onInput(event.currentTarget.value);
        }}
      />
    </label>
  );
}

function Restart({ can, onClose }: { readonly can: boolean; readonly onClose: () => void }): JSX.Element {
  const send = async (): Promise<string | null> => {
    const wrong = await act('restart', {}, { done: 'Porter starts again: you sign in again in a few seconds.' });
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title="Restart Porter" onClose={onClose}>
      <Form button="Restart" icon="undo" ready={can} onSend={send}>
        <p>
          {can
            ? 'Nothing is lost. Pupils wait for a few seconds, and everybody is signed out of this page.'
            : 'Here nothing would start it again: it does not run under systemd, as on a box.'}
        </p>
      </Form>
    </Dialog>
  );
}

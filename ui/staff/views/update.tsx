/** Updates of the box: what was found and where, installing one, and what came of the last. For administrators to install. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { FoundUpdate, UpdateView } from '../../../device/contract/staff-views.ts';
import { act, may } from '../act.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Form } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';

const places: Readonly<Record<FoundUpdate['from'], string>> = { stick: 'On the USB stick', url: 'At the address' };

export function Update({ update }: { readonly update: UpdateView }): JSX.Element {
  const { trial, address, found, progress, last } = update;
  const asked = useSignal<FoundUpdate | null>(null);
  const busy = progress !== null || trial;
  return (
    <section class="card part" aria-label="Updates">
      <h2>Updates</h2>
      {trial && (
        <p>This version is being tried. Wait some minutes: if it does not work, the box goes back by itself.</p>
      )}
      {found.length === 0 && (
        <p>
          None was found. Plug in a USB stick with an update
          {address === null ? '' : `, or wait: ${address} is asked every day`}.
        </p>
      )}
      {found.map((one) => (
        <Found key={one.from} found={one} busy={busy} onInstall={() => (asked.value = one)} />
      ))}
      <p role="status">
        {progress !== null &&
          `Installing${progress.percent === null ? '' : `, ${String(progress.percent)} %`}: ${progress.words}. The box goes on working meanwhile.`}
      </p>
      {last !== null && <p>Last update: {last}</p>}
      {asked.value !== null && <Install found={asked.value} onClose={() => (asked.value = null)} />}
    </section>
  );
}

function Found(props: { readonly found: FoundUpdate; readonly busy: boolean; readonly onInstall: () => void }) {
  const { from, version, refused } = props.found;
  return (
    <>
      <p>
        {places[from]}: {version === null ? '' : `version ${version}. `}
        {refused}
      </p>
      {refused === null && may('install-update') && (
        <div class="buttons">
          <button type="button" class="button small" disabled={props.busy} onClick={props.onInstall}>
            <Icon of="download" /> Install {version}
          </button>
        </div>
      )}
    </>
  );
}

function Install({ found, onClose }: { readonly found: FoundUpdate; readonly onClose: () => void }): JSX.Element {
  const { from, version } = found;
  const send = async (): Promise<string | null> => {
    const wrong = await act('install-update', { from, version }, { done: 'The update is being installed.' });
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title={`Install version ${version ?? ''}`} onClose={onClose}>
      <Form button="Install" icon="download" onSend={send}>
        <p>
          It is written beside the version that runs, which takes some minutes. Then the box starts anew, and nobody can
          sign in for about two minutes: do it when nobody is at the box. Nothing that was recorded is lost. If the new
          version does not work, the box goes back by itself.
        </p>
      </Form>
    </Dialog>
  );
}

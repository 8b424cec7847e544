/** The access export: everything about a pupil as a file, for whoever has a right to it (product.md 10). */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ExportAnswer } from '../../../device/contract/staff-views.ts';
import { withPassword } from '../access/with-password.ts';
import { refusalWords } from '../act.ts';
import { command } from '../box.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Form, Text } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';

interface ExportProps {
  readonly pupil: string;
  readonly name: string;
  readonly onClose: () => void;
}
export function AccessExport({ pupil, name, onClose }: ExportProps): JSX.Element {
  const why = useSignal('');
  const files = useSignal<ExportAnswer | null>(null);
  const send = async (): Promise<string | null> => {
    if (why.value.trim() === '') return 'Say who asked for it, and when.';
    const result = await withPassword(() => command('access-export', { pupil, why: why.value.trim() }));
    if (!result.ok) return refusalWords(result.error);
    // The box and this page are of one build.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
    files.value = result.value as ExportAnswer;
    return null;
  };
  return (
    <Dialog title={`Everything about ${name}`} onClose={onClose}>
      {files.value === null ? (
        <Form button="Make the files" icon="download" onSend={send} onBack={onClose}>
          <p>
            One page that a parent can read, and the same as data. Other pupils and the adults that a pupil left with
            are left out. That you took it, and why, is recorded.
          </p>
          <Text
            label="Why?"
            hint="Who asked, and when: Mrs A. by letter of 20 November"
            value={why.value}
            onInput={(text) => (why.value = text)}
            focus
          />
        </Form>
      ) : (
        <>
          <p>
            <strong>Read it before you give it away:</strong> what staff wrote in their own words may name somebody
            else. The files can be fetched for ten minutes, on this screen only.
          </p>
          <div class="buttons">
            <a class="button main" href={files.value.readable} download>
              <Icon of="download" /> To read (HTML)
            </a>
            <a class="button" href={files.value.json} download>
              <Icon of="download" /> Data (JSON)
            </a>
          </div>
        </>
      )}
    </Dialog>
  );
}

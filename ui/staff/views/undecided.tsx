/** Movements of which nobody knows the time: a person says it for one, and the others of the same start follow. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { UndecidedRow } from '../../../device/contract/staff.ts';
import { act, may } from '../act.ts';
import { top } from '../box.ts';
import { Card } from '../parts/card.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Form, Text } from '../parts/form.tsx';
import { Who } from '../parts/listing.tsx';

const kinds = { 'late-arrival': 'signed in', 'early-departure': 'signed out', return: 'came back' } as const;

export function Undecided({ rows }: { readonly rows: readonly UndecidedRow[] }): JSX.Element | null {
  const opened = useSignal<UndecidedRow | null>(null);
  if (rows.length === 0) return null;
  return (
    <Card title="When was this?" count={rows.length} urgent empty={['', '']}>
      <p class="empty">
        The box did not know the time. Say it for one movement: the others of the same start follow from it.
      </p>
      <ul class="todo">
        {rows.map((row) => (
          <li key={row.movement}>
            <p class="words">
              <Who row={row} /> {kinds[row.kind]} {span(row)}
            </p>
            {may('confirm-time') && (
              <button type="button" class="button" onClick={() => (opened.value = row)}>
                Say when
              </button>
            )}
          </li>
        ))}
      </ul>
      {opened.value !== null && <SayWhen row={opened.value} onClose={() => (opened.value = null)} />}
    </Card>
  );
}

function span({ after, before, start, minutesLater }: UndecidedRow): string {
  const later = minutesLater > 0 ? `, ${String(minutesLater)} minutes after the first of start ${String(start)}` : '';
  if (after === null && before === null) return `at an unknown time${later}`;
  if (before === null) return `after ${after ?? ''}${later}`;
  return after === null ? `before ${before}${later}` : `between ${after} and ${before}${later}`;
}

function SayWhen({ row, onClose }: { readonly row: UndecidedRow; readonly onClose: () => void }): JSX.Element {
  const date = useSignal(row.after?.slice(0, 10) ?? top.value?.now.slice(0, 10) ?? '');
  const time = useSignal('');
  const send = async (): Promise<string | null> => {
    const [hours = 0, minutes = 0] = time.value.split(':').map(Number);
    const input = { date: date.value, minute: hours * 60 + minutes, movement: row.movement };
    const wrong = await act('confirm-time', input, { done: 'The time is confirmed.' });
    if (wrong === null) onClose();
    return wrong;
  };
  return (
    <Dialog title={`When was ${row.pupil} there?`} onClose={onClose}>
      <Form button="That is when" icon="tick" ready={date.value !== '' && time.value !== ''} onSend={send}>
        <Text label="Day" type="date" value={date.value} onInput={(text) => (date.value = text)} />
        <Text label="Time" type="time" value={time.value} onInput={(text) => (time.value = text)} focus />
      </Form>
    </Dialog>
  );
}
